"""The reporter whose steps are methods of data frames."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
from marshmallow import Schema, ValidationError, fields, validate, validates_schema

from fmhost.plugin import (
    ComputationFailed,
    InvalidInput,
    Reporter,
    ReportInput,
    ReportOutput,
    ReportResult,
)
from fmhost.plugin import fields as host_fields
from fmhost_report import methods
from fmhost_report.transformations import Transformations

#: The one column of frames.
COLUMN = "event_value"

_NAME = validate.Length(min=1)


class Arguments(fields.Field[Any]):
    """Arguments of a method: numbers, texts, booleans, null, and lists and objects of these."""

    def _deserialize(self, value: Any, attr: Any, data: Any, **kwargs: Any) -> Any:
        if not isinstance(value, list if attr == "args" else dict):
            raise ValidationError("Not a valid list." if attr == "args" else "Not a valid object.")
        _require_plain(value)
        return value


def _require_plain(value: Any) -> None:
    if isinstance(value, dict):
        if not all(isinstance(name, str) for name in value):
            raise ValidationError("Names must be texts.")
        value = list(value.values())
    if isinstance(value, list):
        for each in value:
            _require_plain(each)
    elif not (value is None or isinstance(value, bool | int | float | str)):
        raise ValidationError(f"A {type(value).__name__} is no plain value.")


class TransformationSchema(Schema):
    """A step: a method or a property of the object that the step before made."""

    df_input = fields.String(validate=_NAME)
    df_output = fields.String(validate=_NAME)
    method = fields.String(validate=_NAME)
    property = fields.String(validate=_NAME)
    args = Arguments(load_default=list)
    kwargs = Arguments(load_default=dict)
    skip_if_empty = fields.Boolean(load_default=False)

    @validates_schema(skip_on_field_errors=True)
    def _check(self, given: Mapping[str, Any], **_options: Any) -> None:
        if ("method" in given) == ("property" in given):
            raise ValidationError("Give either a method or a property.", "method")


class RequiredInputSchema(Schema):
    """A frame that is there before the first step."""

    name = fields.String(required=True, validate=_NAME)
    unit = host_fields.Unit()


class RequiredOutputSchema(RequiredInputSchema):
    """An object that is a result after the last step."""

    column = fields.String()


class PandasConfigSchema(Schema):
    """Which frames go in, what happens to them, and which come out."""

    required_input = fields.List(
        fields.Nested(RequiredInputSchema), required=True, validate=validate.Length(min=1)
    )
    required_output = fields.List(
        fields.Nested(RequiredOutputSchema), required=True, validate=validate.Length(min=1)
    )
    transformations = fields.List(fields.Nested(TransformationSchema), required=True)
    droplevels = fields.Boolean(load_default=False)

    @validates_schema(skip_on_field_errors=True)
    def _check(self, given: Mapping[str, Any], **_options: Any) -> None:
        names = [each["name"] for each in given["required_input"]]
        try:
            # Arguments are checked when a report is asked for: the settings have a say in that.
            made = Transformations(given["transformations"]).check(names, arguments=False)
        except InvalidInput as error:
            place = (error.field or "").removeprefix("config.")
            raise ValidationError(f"{error.message} {error.hint or ''}".strip(), place) from error
        for output in given["required_output"]:
            if output["name"] not in made:
                raise ValidationError(
                    f"Cannot find final output DataFrame '{output['name']}' in the resulting "
                    f"frames: {', '.join(made)}.",
                    "required_output",
                )
            if made[output["name"]] in (methods.GROUPS, methods.WINDOW):
                raise ValidationError(
                    f"Final output '{output['name']}' cannot be a resampler or a grouper.",
                    "required_output",
                )


class PandasReporter(Reporter):
    """Makes frames of the inputs, has them go through steps, and takes the outputs.

    A frame has one row per event, by its start in the time zone of the (first) output sensor, and
    the column ``event_value``; missing values are NaN.
    """

    __author__ = "fmhost"
    __version__ = "1"
    config_schema = PandasConfigSchema

    def check(self) -> None:
        """See that the configuration's inputs and outputs are among those of the task.

        :raises InvalidInput: naming the field.
        """
        unchecked = self.settings.get("FLEXMEASURES_REPORTER_VALIDATION_SKIP_METHODS", ())
        self._steps = Transformations(self.task.config["transformations"], unchecked)
        self._steps.check([each["name"] for each in self.task.config["required_input"]])
        self._inputs = _matched(self.task.config["required_input"], self.task.inputs, "input")
        self._outputs = _matched(self.task.outputs, self.task.config["required_output"], "output")

    def compute(self) -> Sequence[ReportResult]:
        """Read the inputs, carry the steps out, and take the outputs.

        :raises ComputationFailed: naming the step, or the output, that fails.
        """
        frames, sensors = {}, {}
        for required, given in self._inputs:
            frames[required["name"]] = self._frame(given, required.get("unit"))
            sensors[required["name"]] = given.sensor
        made = self._steps.run(frames, sensors, self.task.end - self.task.start)
        return [self._result(output, required, made) for output, required in self._outputs]

    def _frame(self, given: ReportInput, unit: str | None) -> pd.DataFrame:
        values = self.values(given, unit)
        starts = self.task.event_starts(given.resolution)[: len(values)]
        index = pd.DatetimeIndex(starts, tz="UTC", name="event_start").tz_convert(self.task.zone)
        return pd.DataFrame({COLUMN: values}, index=index)

    def _result(
        self, output: ReportOutput, required: Mapping[str, Any], made: Mapping[str, Any]
    ) -> ReportResult:
        found = made[required["name"]]
        if isinstance(found, pd.DataFrame):
            found = _column(found, output, output.column or required.get("column"))
        if not (isinstance(found, pd.Series) and isinstance(found.index, pd.DatetimeIndex)):
            raise ComputationFailed(
                f"The result '{output.name}' is no series of events, but a {type(found).__name__}."
            )
        known = found.astype(float).dropna()
        index = pd.DatetimeIndex(known.index)
        starts = index.tz_convert("UTC").tz_localize(None).to_numpy("datetime64[us]")
        unit = required.get("unit") or output.sensor.unit
        step = self.task.resolution
        grid = self.task.event_starts()
        if not len(known):
            empty = np.empty(0)
            return ReportResult(output.name, output.sensor, self.task.start, step, empty, unit)
        values = np.asarray(known.to_numpy(), dtype=np.float64)
        on_grid = np.isin(starts, grid).all() and output.sensor.event_resolution == step
        return ReportResult.of_events(
            output, starts, values, unit, resolution=step if on_grid else None
        )


def _column(frame: pd.DataFrame, output: ReportOutput, name: str | None) -> Any:
    if name is None and len(frame.columns) == 1:
        return frame.iloc[:, 0]
    if name is None or name not in frame.columns:
        raise ComputationFailed(
            f"The result '{output.name}' has no column '{name}'."
            if name
            else f"The result '{output.name}' has several columns.",
            hint=f"Name one as `column`: {', '.join(map(str, frame.columns))}.",
        )
    return frame[name]


def _matched(wanted: Sequence[Any], available: Sequence[Any], what: str) -> list[tuple[Any, Any]]:
    """Each of those that are wanted with the available one of the same name.

    Where there is one of each, the names do not matter.

    :raises InvalidInput: where one is missing.
    """
    if len(wanted) == len(available) == 1:
        return [(wanted[0], available[0])]
    by_name = {_name(each): each for each in available}
    for each in wanted:
        if _name(each) not in by_name:
            raise InvalidInput(
                f"There is no {what} named '{_name(each)}'.",
                field=f"parameters.{what}",
                hint=f"Available: {', '.join(by_name)}.",
            )
    return [(each, by_name[_name(each)]) for each in wanted]


def _name(given: Any) -> str:
    return str(given["name"] if isinstance(given, Mapping) else given.name)

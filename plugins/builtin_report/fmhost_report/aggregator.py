"""The reporter that makes one series of several: their weighted sum, mean, least or greatest."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

import numpy as np
from marshmallow import Schema, ValidationError, fields, validate

from fmhost.plugin import (
    InvalidInput,
    Reporter,
    ReportParametersSchema,
    ReportResult,
    UnitMismatch,
)

_METHODS: Final[Mapping[str, Callable[..., Any]]] = {
    "sum": np.nansum,
    "mean": np.nanmean,
    "min": np.nanmin,
    "max": np.nanmax,
    "median": np.nanmedian,
    "prod": np.nanprod,
    "std": np.nanstd,
}


class AggregatorConfigSchema(Schema):
    """How the series become one."""

    method = fields.String(load_default="sum", validate=validate.OneOf(_METHODS))
    weights = fields.Dict(keys=fields.String(), values=fields.Float(), load_default=dict)


def _one_output(given: Sequence[Any]) -> None:
    if len(given) != 1:
        raise ValidationError("There is one result, and so one output.")


class AggregatorParametersSchema(ReportParametersSchema):
    """What is given for one run: there is one output."""

    output = fields.List(
        ReportParametersSchema().fields["output"].inner,  # type: ignore[attr-defined]
        required=True,
        validate=_one_output,
    )


class AggregatorReporter(Reporter):
    """Multiplies each input by its weight (1 without one), and aggregates them event by event.

    Values are those in the unit of the output sensor. Missing values do not count; an event for
    which all are missing has no result.
    """

    __author__ = "fmhost"
    __version__ = "1"
    config_schema = AggregatorConfigSchema
    parameters_schema = AggregatorParametersSchema

    def check(self) -> None:
        """See that weights belong to inputs, and inputs to the unit of the output.

        :raises InvalidInput: naming the field.
        """
        names = [each.name for each in self.task.inputs]
        for name in self.task.config["weights"]:
            if name not in names:
                raise InvalidInput(
                    f"There is no input named '{name}'.",
                    field="config.weights",
                    hint=f"Available: {', '.join(names)}.",
                )
        if len({each.resolution for each in self.task.inputs} | {None}) > 1:
            raise InvalidInput(
                "The inputs are aggregated at the resolution of the report.",
                field="parameters.input",
                hint="Give `resolution` once, beside the input.",
            )

    def compute(self) -> Sequence[ReportResult]:
        """Aggregate the inputs.

        :raises InvalidInput: where several sources say something about one of them.
        """
        (output,) = self.task.outputs
        weights = self.task.config["weights"]
        unit = output.sensor.unit
        rows = []
        for number, given in enumerate(self.task.inputs):
            self._require_one_source(number)
            try:
                values = self.values(given, unit)
            except UnitMismatch as error:
                error.field = f"parameters.input.{number}.sensor"
                raise
            rows.append(values * weights.get(given.name, 1.0))
        table = np.vstack(rows)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", RuntimeWarning)  # of events without any value
            found = _METHODS[self.task.config["method"]](table, axis=0)
        values = np.where(np.isnan(table).all(axis=0), np.nan, found)
        task = self.task
        return [ReportResult(output.name, output.sensor, task.start, task.resolution, values, unit)]

    def _require_one_source(self, number: int) -> None:
        given = self.task.inputs[number]
        if given.latest_counts:
            return
        found = self.sources(given)
        if len(found) > 1:
            raise InvalidInput(
                f"Several sources say something about sensor {given.sensor.id}: "
                f"{', '.join(map(str, found))}.",
                field=f"parameters.input.{number}.sources",
                hint="Name one of them as `source`, filter by `source_types`, or let the most "
                "recent belief count: `one_deterministic_belief_per_event: true`.",
            )

"""Messages that ask for forecasts and fetch them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Any, ClassVar

from marshmallow import (
    EXCLUDE,
    INCLUDE,
    Schema,
    ValidationError,
    fields,
    validate,
    validates_schema,
)

from fmhost.schemas.answers import AcceptedSchema, ProcessedSchema
from fmhost.schemas.fields import AwareDateTime, Duration, EntityId, FixedDuration, JsonSchema
from fmhost.schemas.forecast_fields import AnnotationRegressorSchema, Bound, Regressor, Snap

_DAYS = timedelta(days=1)
_NUMBER: JsonSchema = {"type": ["number", "null"]}


class Moment(fields.Field[Any]):
    """A moment in ISO 8601 with its offset from UTC, or a date of the sensor's calendar."""

    json_schema: ClassVar[JsonSchema] = {
        "anyOf": [
            {"type": "string", "format": "date-time"},
            {"type": "string", "format": "date"},
        ],
        "examples": ["2026-03-01T00:00:00+01:00", "2026-03-01"],
    }

    def _deserialize(self, value: Any, attr: Any, data: Any, **kwargs: Any) -> datetime | date:
        if isinstance(value, str):
            try:
                return date.fromisoformat(value)
            except ValueError:
                pass
        moment: datetime | None = AwareDateTime().deserialize(value)
        assert moment is not None
        return moment


def _regressors(name: str) -> fields.List[Any]:
    return fields.List(Regressor(), data_key=name, load_default=list)


class ForecastConfigSchema(Schema):
    """How a forecaster works; what it does not know of this is left aside, and named in the answer.

    Fields that are not here belong to the forecaster that is chosen for the sensor.
    """

    class Meta:
        """A forecaster may have fields of its own."""

        unknown = INCLUDE

    model = fields.String()
    regressors = _regressors("regressors")
    future_regressors = _regressors("future-regressors")
    past_regressors = _regressors("past-regressors")
    annotation_regressors = fields.List(
        fields.Nested(AnnotationRegressorSchema), data_key="annotation-regressors"
    )
    model_params = fields.Dict(keys=fields.String(), data_key="model-params")
    missing_threshold = fields.Float(
        data_key="missing-threshold", validate=validate.Range(min=0, max=1)
    )
    ensure_positive = fields.Boolean(data_key="ensure-positive", load_default=False)
    lower = Bound(allow_none=True)
    upper = Bound(allow_none=True)
    snap = Snap(load_default=list)
    train_start = AwareDateTime(data_key="train-start")
    train_period = FixedDuration(data_key="train-period")
    max_training_period = FixedDuration(data_key="max-training-period")
    retrain_frequency = FixedDuration(data_key="retrain-frequency")

    @validates_schema(skip_on_field_errors=True)
    def _check_lengths(self, given: Mapping[str, Any], **_options: Any) -> None:
        for name in ("train_period", "max_training_period"):
            if name in given and given[name] < 2 * _DAYS:
                raise ValidationError("Must be at least 2 days.", name.replace("_", "-"))
        if "retrain_frequency" in given and given["retrain_frequency"] < timedelta(hours=1):
            raise ValidationError("Must be at least 1 hour.", "retrain-frequency")


#: The fields of a config that mean the same to every forecaster.
COMMON_FIELDS = frozenset(
    field.data_key or name for name, field in ForecastConfigSchema().fields.items()
)


class ForecastConfig(fields.Field[Any]):
    """The config of a forecast as JSON, once it is checked."""

    json_schema: ClassVar[JsonSchema] = {"allOf": [ForecastConfigSchema]}

    def _deserialize(self, value: Any, attr: Any, data: Any, **kwargs: Any) -> dict[str, Any]:
        if not isinstance(value, Mapping):
            raise ValidationError("Not a valid mapping type.")
        ForecastConfigSchema().load(value)
        return dict(value)


class ForecastTriggerSchema(Schema):
    """A request for a forecast."""

    start = Moment()
    end = Moment()
    duration = Duration(positive=True)
    prior = AwareDateTime()
    max_forecast_horizon = FixedDuration(data_key="max-forecast-horizon", positive=True)
    forecast_frequency = FixedDuration(data_key="forecast-frequency", positive=True)
    probabilistic = fields.Boolean(load_default=False)
    sensor_to_save = EntityId("sensor", data_key="sensor-to-save")
    config = ForecastConfig(load_default=dict)


class FetchForecastQuery(Schema):
    """How a forecast is to be fetched: there is nothing to choose."""

    class Meta:
        """Queries ignore what they do not know."""

        unknown = EXCLUDE


class TriggeredForecastSchema(ProcessedSchema):
    """A forecast that was asked for."""

    forecast = fields.UUID()


class AcceptedForecastSchema(AcceptedSchema):
    """A forecast that will be computed."""

    forecast = fields.UUID()


class ForecastValues(fields.Field[Any]):
    """Values of consecutive events; of several viewpoints a list for each."""

    json_schema: ClassVar[JsonSchema] = {
        "type": "array",
        "items": {"anyOf": [_NUMBER, {"type": "array", "items": _NUMBER}]},
    }


class ForecastSchema(ProcessedSchema):
    """A forecast."""

    values = ForecastValues()
    start = AwareDateTime()
    duration = Duration()
    unit = fields.String()
    forecaster_info = fields.Dict(metadata={"description": "What the forecaster says about it."})


class NoForecastMessage(Schema):
    """Why there is no forecast."""

    json = fields.String()


class NoForecastSchema(Schema):
    """There is no forecast, and there will be none."""

    result = fields.String(validate=validate.Equal("Rejected"))
    status = fields.String(validate=validate.Equal("UNPROCESSABLE_ENTITY"))
    message = fields.Nested(NoForecastMessage)

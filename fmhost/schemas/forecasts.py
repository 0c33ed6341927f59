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

_DAYS = timedelta(days=1)
_NUMBER: JsonSchema = {"type": ["number", "null"]}
_REFERENCE_FILTERS = ("source-types", "exclude-source-types", "sources", "source-account")
_ID = EntityId("sensor")


def _sensor_id(value: Any) -> int:
    number: int | None = _ID.deserialize(value)
    assert number is not None  # null is refused
    return number


def _number(value: Any) -> float:
    number: float | None = fields.Float().deserialize(value)
    assert number is not None  # null is refused
    return number


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


class Regressor(fields.Field[Any]):
    """A sensor that helps to forecast: its id, or an object with ``sensor`` and filters."""

    json_schema: ClassVar[JsonSchema] = {
        "anyOf": [
            {"type": "integer", "minimum": 1},
            {
                "type": "object",
                "properties": {
                    "sensor": {"type": "integer", "minimum": 1},
                    "source-types": {"type": "array", "items": {"type": "string"}},
                    "exclude-source-types": {"type": "array", "items": {"type": "string"}},
                    "sources": {"type": "array", "items": {"type": "integer"}},
                    "source-account": {"type": "integer"},
                },
                "required": ["sensor"],
                "additionalProperties": False,
            },
        ]
    }

    def _deserialize(self, value: Any, attr: Any, data: Any, **kwargs: Any) -> int:
        """The id of the sensor."""
        if not isinstance(value, Mapping):
            return _sensor_id(value)
        if "sensor" not in value:
            raise ValidationError({"sensor": ["Missing data for required field."]})
        for name, filter_ in value.items():
            if name != "sensor":
                _check_filter(str(name), filter_)
        try:
            return _sensor_id(value["sensor"])
        except ValidationError as error:
            raise ValidationError({"sensor": error.messages}) from error


def _check_filter(name: str, value: Any) -> None:
    if name not in _REFERENCE_FILTERS:
        raise ValidationError({name: ["Unknown field."]})
    kind: type = str if name.endswith("source-types") else int
    values = [value] if name == "source-account" else value
    if not isinstance(values, list) or not all(type(each) is kind for each in values):
        raise ValidationError({name: ["Not a valid value."]})


class AnnotationRegressorSchema(Schema):
    """Annotations of one account, asset or sensor that help to forecast: holidays, say."""

    account = EntityId("account")
    asset = EntityId("asset")
    sensor = EntityId("sensor")
    annotation_type = fields.String(data_key="annotation-type", load_default="holiday")
    name = fields.String()

    @validates_schema(skip_on_field_errors=True)
    def _check_entity(self, given: Mapping[str, Any], **_options: Any) -> None:
        if len({"account", "asset", "sensor"} & given.keys()) != 1:
            raise ValidationError("Name exactly one account, asset or sensor.")


class Bound(fields.Field[Any]):
    """A number in the unit of the sensor, or a quantity with its own unit."""

    json_schema: ClassVar[JsonSchema] = {"type": ["number", "string"], "examples": ["0 kW"]}

    def _deserialize(self, value: Any, attr: Any, data: Any, **kwargs: Any) -> float | str:
        if isinstance(value, bool) or not isinstance(value, int | float | str):
            raise ValidationError("Not a valid number or quantity.")
        return value if isinstance(value, str) else _number(value)


class Snap(fields.Field[Any]):
    """Values that attract those in an interval: ``{"0": [-0.1, 0.1]}``."""

    json_schema: ClassVar[JsonSchema] = {
        "type": "object",
        "additionalProperties": {
            "type": "array",
            "items": {"type": "number"},
            "minItems": 2,
            "maxItems": 2,
        },
    }

    def _deserialize(self, value: Any, attr: Any, data: Any, **kwargs: Any) -> Any:
        """Targets with the begin and end of their intervals."""
        if not isinstance(value, Mapping):
            raise ValidationError("Not a valid mapping type.")
        found = []
        for target, interval in value.items():
            if not isinstance(interval, list) or len(interval) != 2:
                raise ValidationError({str(target): ["Give the begin and end of an interval."]})
            low, high = map(_number, interval)
            if low > high:
                raise ValidationError({str(target): ["An interval begins before it ends."]})
            found.append((_number(target), low, high))
        return found


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

"""Fields of the config of forecasts, for the host and for forecasters with their own schema."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from marshmallow import Schema, ValidationError, fields, validates_schema

from fmhost.schemas.fields import AwareDateTime, EntityId, FixedDuration, JsonSchema

__all__ = [
    "AnnotationRegressorSchema",
    "AwareDateTime",
    "Bound",
    "FixedDuration",
    "Regressor",
    "SensorReference",
    "Snap",
]

_REFERENCE_FILTERS = {
    "source-types": "source_types",
    "exclude-source-types": "exclude_source_types",
    "sources": "source_ids",
    "source-account": "source_account_ids",
}
_ID = EntityId("sensor")


def _sensor_id(value: Any) -> int:
    number: int | None = _ID.deserialize(value)
    assert number is not None  # null is refused
    return number


@dataclass(frozen=True, slots=True)
class SensorReference:
    """A sensor, and whose beliefs about it count; None for everybody's.

    :param source_account_ids: beliefs of sources of these accounts count.
    """

    sensor_id: int
    source_ids: tuple[int, ...] | None = None
    source_types: tuple[str, ...] | None = None
    exclude_source_types: tuple[str, ...] | None = None
    source_account_ids: tuple[int, ...] | None = None

    @property
    def filters(self) -> dict[str, Any]:
        """The filters as arguments of :meth:`~fmhost.domain.flexibility.SeriesReader.values`."""
        return {
            "source_ids": self.source_ids,
            "source_types": self.source_types,
            "exclude_source_types": self.exclude_source_types,
            "source_account_ids": self.source_account_ids,
        }


def _number(value: Any) -> float:
    number: float | None = fields.Float().deserialize(value)
    assert number is not None  # null is refused
    return number


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

    def _deserialize(self, value: Any, attr: Any, data: Any, **kwargs: Any) -> SensorReference:
        """The sensor with its filters."""
        if not isinstance(value, Mapping):
            return SensorReference(_sensor_id(value))
        if "sensor" not in value:
            raise ValidationError({"sensor": ["Missing data for required field."]})
        filters = {
            _REFERENCE_FILTERS[name]: _filter(name, filter_)
            for name, filter_ in _named_filters(value)
        }
        try:
            return SensorReference(_sensor_id(value["sensor"]), **filters)
        except ValidationError as error:
            raise ValidationError({"sensor": error.messages}) from error


def _named_filters(given: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    for name, value in given.items():
        if name not in ("sensor", *_REFERENCE_FILTERS):
            raise ValidationError({str(name): ["Unknown field."]})
        if name != "sensor":
            yield name, value


def _filter(name: str, value: Any) -> tuple[Any, ...]:
    kind: type = str if name.endswith("source-types") else int
    values = [value] if name == "source-account" else value
    if not isinstance(values, list) or not all(type(each) is kind for each in values):
        raise ValidationError({name: ["Not a valid value."]})
    return tuple(values)


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

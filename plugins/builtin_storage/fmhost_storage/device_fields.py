"""Fields of the flex-model of one device that are no quantities."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from fmhost.plugin import InvalidInput
from fmhost_storage import json_schemas
from fmhost_storage.fields import LayerField
from fmhost_storage.kinds import CAPACITY
from fmhost_storage.quantities import read_fixed, with_hyphens

#: What a group, or a device in a list, is called by: ``asset`` or ``sensor``, and its id.
Key = tuple[str, int]


@dataclass(frozen=True)
class Band:
    """A range of power [MW, consumption positive]."""

    lower: float
    upper: float


class OperationModesField(LayerField):
    """Bands of power, as a list of objects with ``consumption-range``, ``production-range``."""

    _range = {
        "type": "array",
        "items": json_schemas.quantity("MW"),
        "minItems": 2,
        "maxItems": 2,
    }
    json_schema = {
        "type": "array",
        "items": {
            "type": "object",
            "minProperties": 1,
            "properties": {"consumption-range": _range, "production-range": _range},
            "additionalProperties": False,
        },
    }

    def _deserialize(self, value: Any, attr: Any, data: Any, **kwargs: Any) -> tuple[Band, ...]:
        if not isinstance(value, list):
            raise InvalidInput("Not a list of operation modes.", field=self.label)
        return tuple(_band(each, f"{self.label}.{n}") for n, each in enumerate(value))


def _band(value: Any, field: str) -> Band:
    if not isinstance(value, Mapping):
        raise InvalidInput("Not a valid mapping type.", field=field)
    given = with_hyphens(value, field)
    for name in given:
        if name not in ("consumption-range", "production-range"):
            raise InvalidInput("Unknown field.", field=f"{field}.{name}")
    ranges = {name: _range_of(each, f"{field}.{name}") for name, each in given.items()}
    if not ranges:
        raise InvalidInput(
            "An operation mode needs a consumption-range, a production-range, or both.",
            field=field,
        )
    consumption, production = ranges.get("consumption-range"), ranges.get("production-range")
    if consumption is None:
        assert production is not None
        return Band(-production[1] + 0.0, -production[0] + 0.0)
    if production is None:
        return Band(*consumption)
    if consumption[0] or production[0]:
        raise InvalidInput(
            "The ranges of an operation mode that has both must start at 0.", field=field
        )
    return Band(-production[1] + 0.0, consumption[1])


def _range_of(value: Any, field: str) -> tuple[float, float]:
    if not isinstance(value, list | tuple) or len(value) != 2:
        raise InvalidInput(
            "A range is a list of two powers.", field=field, hint='Such as ["1 kW", "3 kW"].'
        )
    low, high = (read_fixed(each, CAPACITY, field=f"{field}.{n}") for n, each in enumerate(value))
    if low > high:
        raise InvalidInput("The first power of a range exceeds the second.", field=field)
    return low, high


class GroupField(LayerField):
    """A group of devices, by the asset or sensor that stands for it."""

    json_schema = {
        "type": "object",
        "description": "The asset or sensor that stands for the group.",
        "properties": {"asset": {"type": "integer"}, "sensor": json_schemas.SENSOR_ID},
        "minProperties": 1,
        "maxProperties": 1,
        "additionalProperties": False,
    }

    def _deserialize(self, value: Any, attr: Any, data: Any, **kwargs: Any) -> Key:
        return group_key(value, self.label)


def group_key(value: Any, field: str) -> Key:
    """:raises InvalidInput: where it is not ``{"asset": id}`` or ``{"sensor": id}``."""
    if not isinstance(value, Mapping) or len(value) != 1 or not value.keys() <= {"asset", "sensor"}:
        raise InvalidInput(
            "Not a group.", field=field, hint='Write {"asset": 5} or {"sensor": 14}.'
        )
    ((kind, number),) = value.items()
    if isinstance(number, bool) or not isinstance(number, int):
        raise InvalidInput("Not a valid integer.", field=field, hint=f"Give the id of the {kind}.")
    return kind, number


class CoefficientField(LayerField):
    """A number above zero."""

    json_schema = {"type": "number", "exclusiveMinimum": 0}

    def _deserialize(self, value: Any, attr: Any, data: Any, **kwargs: Any) -> float:
        if isinstance(value, bool) or not isinstance(value, int | float) or not 0 < value < 1e9:
            raise InvalidInput("Must be a number greater than 0.", field=self.label)
        return float(value)


class FixedPowerField(LayerField):
    """The power of a device that is not scheduled, as the values of a sensor."""

    json_schema = json_schemas.reference("MW")

    def _deserialize(self, value: Any, attr: Any, data: Any, **kwargs: Any) -> Any:
        # Entries with these fields are read as what they are before devices are: see entries.
        raise InvalidInput(
            "An entry with the power of a fixed device has no other fields of devices.",
            field=self.label,
            hint="Name it in the flex-context, or in an entry of its own in the list of an asset.",
        )

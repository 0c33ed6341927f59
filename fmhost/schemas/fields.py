"""Fields that several schemas share: moments, durations, units, quantities, references.

A field's `json_schema` says in JSON Schema what it accepts; the API's document is made of it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, ClassVar

from marshmallow import ValidationError, fields

from fmhost.domain import units
from fmhost.domain.durations import Span, format_duration, format_span, parse_duration
from fmhost.domain.moments import moment_text, parse_moment
from fmhost.domain.zones import time_zone
from fmhost.schemas.entity_addresses import SensorAddress, parse_address
from fmhost.schemas.errors import as_validation_error

#: Ids are 32-bit numbers in the database.
LARGEST_ID = 2**31 - 1

#: What stands for a value of a field in JSON, as JSON Schema (2020-12).
JsonSchema = Mapping[str, Any]

_DURATION: JsonSchema = {"type": "string", "format": "duration", "examples": ["PT15M"]}

#: The format of JSON Schema has no sign, and no older notation.
_SIGNED_DURATION: JsonSchema = {
    "type": "string",
    "title": "duration",
    "pattern": "^(R[0-9]*/)?[+-]?P",
    "examples": ["PT15M"],
}
_ID: JsonSchema = {"type": "integer", "minimum": 1, "maximum": LARGEST_ID}

_INTEGER = re.compile(r"[+-]?[0-9]{1,18}", re.ASCII)


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise ValidationError("Not a valid string.")
    return value


class AwareDateTime(fields.Field[datetime]):
    """A moment in ISO 8601 with its offset from UTC."""

    json_schema: ClassVar[JsonSchema] = {
        "type": "string",
        "format": "date-time",
        "examples": ["2026-03-01T00:00:00+01:00"],
    }

    def _serialize(self, value: datetime | None, attr: Any, obj: Any, **kwargs: Any) -> Any:
        return None if value is None else moment_text(value)

    def _deserialize(self, value: Any, attr: Any, data: Any, **kwargs: Any) -> datetime:
        with as_validation_error():
            return parse_moment(_text(value))


class Duration(fields.Field[Any]):
    """A duration in ISO 8601, which may have calendar parts: loads a ``Span``, dumps both kinds.

    :param positive: refuse durations that are not longer than zero.
    """

    json_schema: JsonSchema = _SIGNED_DURATION

    def __init__(self, *, positive: bool = False, **options: Any) -> None:
        super().__init__(**options)
        self.positive = positive
        if positive:
            self.json_schema = _DURATION

    def _serialize(self, value: Span | timedelta | None, attr: Any, obj: Any, **kwargs: Any) -> Any:
        if isinstance(value, Span):
            return format_span(value)
        return None if value is None else format_duration(value)

    def _deserialize(self, value: Any, attr: Any, data: Any, **kwargs: Any) -> Span:
        with as_validation_error():
            span = parse_duration(_text(value))
        if self.positive and not _is_positive(span):
            raise ValidationError("A duration must be longer than zero.")
        return span


def _is_positive(span: Span) -> bool:
    parts = (span.months, span.days, span.time / timedelta(days=1))
    return all(part >= 0 for part in parts) and any(part > 0 for part in parts)


class FixedDuration(fields.Field[timedelta]):
    """A duration in ISO 8601 without months or years; days count 24 hours.

    :param positive: refuse durations that are not longer than zero.
    """

    json_schema: JsonSchema = _SIGNED_DURATION

    def __init__(self, *, positive: bool = False, **options: Any) -> None:
        super().__init__(**options)
        self.positive = positive
        if positive:
            self.json_schema = _DURATION

    def _serialize(self, value: timedelta | None, attr: Any, obj: Any, **kwargs: Any) -> Any:
        return None if value is None else format_duration(value)

    def _deserialize(self, value: Any, attr: Any, data: Any, **kwargs: Any) -> timedelta:
        with as_validation_error():
            length = parse_duration(_text(value)).fixed()
        if self.positive and length <= timedelta(0):
            raise ValidationError("A duration must be longer than zero.")
        return length


class Unit(fields.Field[str]):
    """A unit that can be handled, such as ``kW`` or ``EUR/MWh``."""

    json_schema: ClassVar[JsonSchema] = {"type": "string", "examples": ["kW"]}

    def _deserialize(self, value: Any, attr: Any, data: Any, **kwargs: Any) -> str:
        with as_validation_error():
            units.parse_unit(_text(value))
        return str(value)


class TimeZone(fields.Field[str]):
    """The IANA name of a time zone."""

    json_schema: ClassVar[JsonSchema] = {"type": "string", "examples": ["Europe/Amsterdam"]}

    def _deserialize(self, value: Any, attr: Any, data: Any, **kwargs: Any) -> str:
        with as_validation_error():
            return time_zone(_text(value)).key


class Quantity(fields.Field[float]):
    """A number with a unit, such as ``"12.5 kWh"``; loads the number in `to_unit`.

    :param to_unit: unit of the loaded number.
    :param default_unit: unit of a number that comes without one; default `to_unit`.
    """

    json_schema: ClassVar[JsonSchema] = {"type": ["string", "number"], "examples": ["12.5 kWh"]}

    def __init__(self, to_unit: str, default_unit: str | None = None, **options: Any) -> None:
        super().__init__(**options)
        self.to_unit = to_unit
        self.default_unit = to_unit if default_unit is None else default_unit

    def _serialize(self, value: float | None, attr: Any, obj: Any, **kwargs: Any) -> Any:
        return None if value is None else units.format_quantity(value, self.to_unit)

    def _deserialize(self, value: Any, attr: Any, data: Any, **kwargs: Any) -> float:
        with as_validation_error():
            return units.quantity(value, self.default_unit, self.to_unit)


class EntityId(fields.Field[int]):
    """The id of an entity: a positive number that the database can hold, or its digits.

    :param kind: what the id is of, for the message: ``"sensor"``.
    """

    json_schema: ClassVar[JsonSchema] = _ID
    default_error_messages = {"invalid": "Not a valid integer."}

    def __init__(self, kind: str = "entity", **options: Any) -> None:
        super().__init__(**options)
        self.kind = kind

    def _deserialize(self, value: Any, attr: Any, data: Any, **kwargs: Any) -> int:
        if isinstance(value, str) and _INTEGER.fullmatch(value):
            value = int(value)
        if isinstance(value, bool) or not isinstance(value, int):
            raise self.make_error("invalid")
        if not 0 < value <= LARGEST_ID:
            raise ValidationError(f"No {self.kind} found with ID {value}.")
        return value


class SensorReference(fields.Field[Any]):
    """A sensor by its id (``3`` or ``{"sensor": 3}``) or by its entity address.

    Loads the id, or a ``SensorAddress``, of which the loader finds out whether it is one of this
    host. Nothing is looked up here: that is the work of a loader, which asks the policy.
    """

    json_schema: ClassVar[JsonSchema] = {
        "anyOf": [
            _ID,
            {"type": "string", "examples": ["ea1.2021-01.io.flexmeasures:fm1.42"]},
            {
                "type": "object",
                "properties": {"sensor": _ID},
                "required": ["sensor"],
                "additionalProperties": False,
            },
        ]
    }

    _id = EntityId("sensor")

    def _deserialize(self, value: Any, attr: Any, data: Any, **kwargs: Any) -> int | SensorAddress:
        if isinstance(value, str):
            with as_validation_error():
                return parse_address(value)
        if isinstance(value, Mapping):
            if set(value) != {"sensor"}:
                raise ValidationError('A reference to a sensor has one key: {"sensor": <id>}.')
            value = value["sensor"]
        return int(self._id.deserialize(value))

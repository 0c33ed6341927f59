"""Quantities that may change over time, as flex-model and flex-context write them.

A field accepts one of three notations:

* a fixed quantity: ``"23 kW"``, ``0.9``, ``"90%"``; a bare number has the field's default unit;
* a sensor: ``{"sensor": 14}``, optionally with ``sources`` (ids), ``source-types``,
  ``exclude-source-types``, ``source-account`` (ids), and a ``default`` for where the sensor has no
  value;
* a list of segments, each with a ``value`` and either a ``datetime`` or two of ``start``, ``end``
  and ``duration``.

Everything is converted to one unit per kind here, so that below only numbers remain.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from fmhost.plugin import (
    InvalidInput,
    SeriesReader,
    UnitMismatch,
    parse_duration,
    parse_moment,
    time_zone,
    units,
)
from fmhost_storage.kinds import Kind


@dataclass(frozen=True)
class Fixed:
    """One value at all times."""

    value: float


@dataclass(frozen=True)
class FromSensor:
    """The values of a sensor.

    :param quantile: which quantile of its probabilistic beliefs counts; None for the median.
    :param default: the value where the sensor has none.
    """

    sensor: Any
    source_ids: tuple[int, ...] | None = None
    source_types: tuple[str, ...] | None = None
    exclude_source_types: tuple[str, ...] | None = None
    default: float | None = None
    quantile: float | None = None
    source_account_ids: tuple[int, ...] | None = None


@dataclass(frozen=True)
class Segment:
    """A value from `start` to `end` (aware); a moment where they are equal."""

    start: datetime
    end: datetime
    value: float


@dataclass(frozen=True)
class Segments:
    """Values that hold for a while, in the order in which they were written."""

    parts: tuple[Segment, ...]

    @property
    def largest(self) -> float:
        """The largest of the values."""
        return max(part.value for part in self.parts)


Quantity = Fixed | FromSensor | Segments


@dataclass(frozen=True)
class Source:
    """Where a quantity is read from.

    :param reader: access to sensors.
    :param zone: the time zone in which nominal durations (P1D) are resolved.
    """

    reader: SeriesReader
    zone: str


def read_quantity(value: Any, kind: Kind, *, field: str, source: Source) -> Quantity:
    """A quantity in any of the three notations, converted to the unit of its kind.

    :raises InvalidInput: where it cannot be understood; names the field.
    """
    if isinstance(value, Mapping):
        return _read_sensor(value, kind, field, source)
    if isinstance(value, list | tuple):
        return read_segments(value, kind, field=field, source=source)
    return Fixed(read_fixed(value, kind, field=field))


def read_fixed(value: Any, kind: Kind, *, field: str) -> float:
    """A fixed quantity in the unit of its kind.

    :raises InvalidInput: where it is none, or out of range; names the field.
    """
    number = units.quantity(value, kind.default_unit, kind.unit, field=field)
    return kind.check(number, field)


def read_segments(value: Sequence[Any], kind: Kind, *, field: str, source: Source) -> Segments:
    """A list of segments.

    :raises InvalidInput: where it is empty, or an entry cannot be understood; names its place.
    """
    if not value:
        raise InvalidInput("The list is empty.", field=field, hint="Leave the field out instead.")
    return Segments(
        tuple(
            _read_segment(entry, kind, f"{field}.{number}", source)
            for number, entry in enumerate(value)
        )
    )


_TIMES = ("datetime", "start", "end", "duration")


def _read_segment(entry: Any, kind: Kind, field: str, source: Source) -> Segment:
    if not isinstance(entry, Mapping):
        raise InvalidInput("Not a valid mapping type.", field=field)
    for name in entry:
        if name not in ("value", *_TIMES):
            raise InvalidInput("Unknown field.", field=f"{field}.{name}")
    if "value" not in entry:
        raise InvalidInput("Missing data for required field.", field=f"{field}.value")
    number = read_fixed(entry["value"], kind, field=f"{field}.value")
    start, end = _read_times(entry, field, source)
    if end < start:
        raise InvalidInput("The end of a segment cannot lie before its start.", field=field)
    return Segment(start, end, number)


def _read_times(entry: Mapping[str, Any], field: str, source: Source) -> tuple[datetime, datetime]:
    given = {name for name in _TIMES if name in entry}
    if given == {"datetime"}:
        moment = parse_moment(entry["datetime"], field=f"{field}.datetime")
        return moment, moment
    if "datetime" in given or len(given) != 2:
        raise InvalidInput(
            "A segment needs either 'datetime' or two of 'start', 'end' and 'duration'.",
            field=field,
        )
    zone = time_zone(source.zone)
    moments = {
        name: parse_moment(entry[name], field=f"{field}.{name}") for name in given - {"duration"}
    }
    if "duration" not in given:
        return moments["start"], moments["end"]
    duration = parse_duration(entry["duration"], field=f"{field}.duration")
    if "start" in moments:
        return moments["start"], duration.add_to(moments["start"], zone)
    return duration.times(-1).add_to(moments["end"], zone), moments["end"]


_SENSOR_KEYS = {
    "sensor",
    "sources",
    "source-account",
    "source-types",
    "exclude-source-types",
    "quantile",
    "default",
}


def _read_sensor(value: Mapping[str, Any], kind: Kind, field: str, source: Source) -> FromSensor:
    given = with_hyphens(value, field)
    for name in given:
        if name not in _SENSOR_KEYS:
            raise InvalidInput("Unknown field.", field=f"{field}.{name}")
    if "sensor" not in given:
        raise InvalidInput("Missing data for required field.", field=f"{field}.sensor")
    find = source.reader.output_sensor if kind.is_level else source.reader.sensor
    sensor = find(sensor_id(given["sensor"], field), field=field)
    require_unit(sensor, kind, field)
    default = given.get("default")
    return FromSensor(
        sensor,
        source_ids=_list_of(int, given.get("sources"), f"{field}.sources"),
        source_types=_list_of(str, given.get("source-types"), f"{field}.source-types"),
        source_account_ids=_list_of(int, given.get("source-account"), f"{field}.source-account"),
        exclude_source_types=_list_of(
            str, given.get("exclude-source-types"), f"{field}.exclude-source-types"
        ),
        quantile=_probability(given.get("quantile"), f"{field}.quantile"),
        default=None if default is None else read_fixed(default, kind, field=f"{field}.default"),
    )


def _probability(value: Any, field: str) -> float | None:
    if value is None:
        return None
    number = isinstance(value, int | float) and not isinstance(value, bool)
    if not number or not 0 < value < 1:
        raise InvalidInput(
            "Not a probability.", field=field, hint="Give a number between 0 and 1, such as 0.9."
        )
    return float(value)


def require_unit(sensor: Any, kind: Kind, field: str) -> None:
    """See that the values of a sensor convert to the unit of a kind.

    :raises UnitMismatch: where they do not; names the field.
    """
    if kind.is_level and units.is_share(sensor.unit):
        return
    # Energy per event is power on average; a level (state of charge, price) is no flow of it.
    length = sensor.event_resolution if kind.unit == "MW" else None
    if not units.convertible(sensor.unit, kind.unit, length):
        raise UnitMismatch(
            f"Sensor {sensor.id} has the unit '{sensor.unit}', which does not convert to "
            f"'{kind.unit}'.",
            field=field,
            hint=f"Name a sensor that measures {kind.what}.",
        )


def sensor_id(value: Any, field: str) -> int:
    """The id of a sensor, as JSON has it.

    :raises InvalidInput: where it is not an integer; names the field.
    """
    if isinstance(value, bool) or not isinstance(value, int):
        raise InvalidInput("Not a valid integer.", field=field, hint="Give the id of a sensor.")
    return value


def with_hyphens(given: Mapping[str, Any], field: str | None = None) -> dict[str, Any]:
    """The fields by their names with hyphens; those with underscores are accepted, too.

    :raises InvalidInput: where a field is given in both spellings.
    """
    renamed: dict[str, Any] = {}
    if all(type(name) is str for name in given) and "_" not in "".join(given):
        return dict(given)
    for name, value in given.items():
        hyphened = str(name).replace("_", "-")
        if hyphened in renamed:
            place = f"{field}.{hyphened}" if field else hyphened
            raise InvalidInput(f"Given twice, also as '{name}'.", field=place)
        renamed[hyphened] = value
    return renamed


def not_supported(field: str) -> InvalidInput:
    """The error for a field that has a meaning, but none to this scheduler."""
    name = field.rsplit(".", 1)[-1]
    return InvalidInput(
        f"The field '{name}' is not supported by the StorageScheduler yet.",
        field=field,
        hint="Leave it out.",
    )


def _list_of(item: type[Any], value: Any, field: str) -> tuple[Any, ...] | None:
    if value is None:
        return None
    if not isinstance(value, list | tuple):
        value = [value]
    if any(isinstance(each, bool) or not isinstance(each, item) for each in value):
        wanted = "integers" if item is int else "texts"
        raise InvalidInput(f"Not a list of {wanted}.", field=field)
    return tuple(value)

"""What the fields of flex-model and flex-context share: spellings, places, periods, sensors."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from typing import Any

from fmhost.plugin import InvalidInput, parse_duration, parse_moment, time_zone
from fmhost_process.grid import Period

_TIMES = ("start", "end", "duration")


@contextmanager
def placed(prefix: str = "", place: str = "") -> Iterator[None]:
    """Complete the errors of the block: with a prefix of the field, and where the value stands.

    :param place: empty for the request itself.
    """
    try:
        yield
    except InvalidInput as error:
        hint = error.hint
        if place:
            hint = " ".join(filter(None, [hint, f"The value comes from {place}."]))
        field = f"{prefix}{error.field}" if error.field else prefix.rstrip(".") or None
        raise type(error)(error.message, field=field, hint=hint) from error


def with_hyphens(given: Any, field: str) -> dict[str, Any]:
    """The fields of an object by their names with hyphens; those with underscores are accepted.

    :param field: name of the object itself, for the message.
    :raises InvalidInput: where it is no object, or a field is given in both spellings.
    """
    if not isinstance(given, Mapping):
        raise InvalidInput("Not a valid mapping type.", field=field)
    renamed: dict[str, Any] = {}
    for name, value in given.items():
        hyphened = str(name).replace("_", "-")
        if hyphened in renamed:
            raise InvalidInput(f"Given twice, also as '{name}'.", field=hyphened)
        renamed[hyphened] = value
    return renamed


def refuse_unknown(given: Collection[str], known: Collection[str], prefix: str = "") -> None:
    """:raises InvalidInput: where a field is not one of the known; names it."""
    for name in given:
        if name not in known:
            raise InvalidInput("Unknown field.", field=f"{prefix}{name}")


def missing(field: str) -> InvalidInput:
    """The error for a field that must be given."""
    return InvalidInput("Missing data for required field.", field=field)


def read_period(entry: Mapping[str, Any], field: str, zone: str) -> Period:
    """A period by two of ``start``, ``end`` and ``duration``.

    :param field: where the entry stands, for messages.
    :param zone: the time zone in which nominal durations (P1D) are resolved.
    :raises InvalidInput: where it is not given so, or is not longer than zero.
    """
    given = [name for name in _TIMES if name in entry]
    if len(given) != 2:
        raise InvalidInput("Give two of 'start', 'end' and 'duration'.", field=field)
    moments: dict[str, datetime] = {
        name: parse_moment(entry[name], field=f"{field}.{name}")
        for name in given
        if name != "duration"
    }
    if "duration" in given:
        duration = parse_duration(entry["duration"], field=f"{field}.duration")
        if "start" in moments:
            moments["end"] = duration.add_to(moments["start"], time_zone(zone))
        else:
            moments["start"] = duration.times(-1).add_to(moments["end"], time_zone(zone))
    if moments["end"] <= moments["start"]:
        raise InvalidInput("A period must end after its start.", field=field)
    return Period(moments["start"], moments["end"])


def sensor_id(value: Any, field: str) -> int:
    """The id of a sensor, as JSON has it.

    :raises InvalidInput: where it is not an integer; names the field.
    """
    if isinstance(value, bool) or not isinstance(value, int):
        raise InvalidInput("Not a valid integer.", field=field, hint="Give the id of a sensor.")
    return value

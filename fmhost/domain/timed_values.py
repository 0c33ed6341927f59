"""Lists of values that hold at moments or for a while, as flex-models have them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from fmhost.domain.durations import parse_duration
from fmhost.domain.moments import parse_moment
from fmhost.errors import InvalidInput


@dataclass(frozen=True, slots=True)
class TimedValue:
    """A quantity as it is written, and when it holds.

    :param start: aware, UTC; `end` too, the same where it holds at that moment alone.
    """

    start: datetime
    end: datetime
    said: str | int | float


def timed_values(said: Any, zone: ZoneInfo) -> Iterator[TimedValue]:
    """The entries of a list; what nobody can understand is passed over.

    Each has a ``value`` and a ``datetime``, or else two of ``start``, ``end`` and ``duration``.

    :param zone: on whose calendar days last.
    """
    for entry in said if isinstance(said, list) else ():
        value = entry.get("value") if isinstance(entry, Mapping) else None
        if not isinstance(value, str | int | float) or isinstance(value, bool):
            continue
        try:
            start, end = _times(entry, zone)
        except (InvalidInput, KeyError, OverflowError):
            continue
        if start <= end:
            yield TimedValue(start, end, value)


def _times(entry: Mapping[str, Any], zone: ZoneInfo) -> tuple[datetime, datetime]:
    """:raises KeyError: where the entry does not say when it holds."""
    moments = {
        name: parse_moment(entry[name]).astimezone(UTC)
        for name in ("datetime", "start", "end")
        if name in entry
    }
    if "datetime" in moments:
        return moments["datetime"], moments["datetime"]
    if "duration" not in entry:
        return moments["start"], moments["end"]
    duration = parse_duration(entry["duration"])
    if "start" in moments:
        return moments["start"], duration.add_to(moments["start"], zone).astimezone(UTC)
    return duration.times(-1).add_to(moments["end"], zone).astimezone(UTC), moments["end"]

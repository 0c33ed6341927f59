"""Whether the data of a sensor are up to date."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from types import UnionType
from typing import Any, Final

import numpy as np
from sqlalchemy.orm import Session

from fmhost.beliefs import Query
from fmhost.beliefs.latest import latest_events
from fmhost.beliefs.timing import knowledge_of
from fmhost.domain.arrays import moment64, to_datetime
from fmhost.domain.durations import in_words, parse_duration
from fmhost.domain.moments import parse_moment
from fmhost.domain.zones import time_zone
from fmhost.errors import InvalidInput
from fmhost.model import Sensor, Source
from fmhost.services.measurements import sources_of

_NONE: Final = timedelta(0)
_MOMENT: Final = timedelta(microseconds=1)
_AHEAD: Final = -timedelta(hours=12)
_DAY_AHEAD: Final = ("x_days_ago_at_y_oclock", "ex_ante_economics")
#: Sources of these types speak about the future.
_PLANNING: Final = ("scheduler", "forecaster")


@dataclass(frozen=True, slots=True)
class Status:
    """How old the most recent data of one type of source are.

    :param source_type: None where nothing is recorded at all.
    :param staleness: the age of the data, negative where they reach into the future; None where
        there are no data that could tell.
    :param since: the moment from which the age counts; on the clock of the sensor.
    """

    source_type: str | None
    staleness: timedelta | None
    since: datetime | None
    stale: bool
    reason: str


def statuses(session: Session, sensor: Sensor, now: datetime) -> list[Status]:
    """The status of a sensor's data, per type of source; what is recorded after `now` is ignored.

    :raises InvalidInput: where the sensor's attribute `status_specs` cannot be read.
    """
    specs = sensor.get_attribute("status_specs") or {}
    if not isinstance(specs, Mapping):
        raise _bad("it is no JSON object")
    limits = _limits(sensor, specs)
    search = _search(sensor, specs.get("staleness_search") or {}, now)
    by_type = _sources_by_type(session, sensor, search.sources)
    queries = [Query(**{**search.conditions, "source_ids": ids}) for ids in by_type.values()]
    latest = latest_events(session, queries, search.first, search.last) if queries else []
    found = [
        _status(sensor, source_type, event, now, limits)
        for source_type, event in zip(by_type, latest, strict=True)
        if event is not None
    ]
    return found or [Status(None, None, None, True, "no data recorded")]


def _sources_by_type(
    session: Session, sensor: Sensor, wanted: Collection[int | str] | None
) -> dict[str, list[int]]:
    found: dict[str, list[Source]] = {}
    for source in sources_of(session, sensor):
        if wanted is None or source.id in wanted or source.name in wanted:
            found.setdefault(source.kind, []).append(source)
    return {kind: [source.id for source in found[kind]] for kind in sorted(found)}


def _status(
    sensor: Sensor,
    source_type: str,
    latest: datetime,
    now: datetime,
    limits: tuple[timedelta, timedelta],
) -> Status:
    zone = time_zone(sensor.timezone, field="timezone")
    since = latest
    if source_type in _PLANNING:
        if latest <= now:
            reason = "Found no future data which this source should have"
            return Status(source_type, None, latest.astimezone(zone), True, reason)
    else:
        since = to_datetime(knowledge_of(sensor, np.array([moment64(latest)]))[0])
    staleness = now - since
    limit = limits[0] if staleness > _NONE else limits[1]
    stale = staleness > limit
    reason = _reason(staleness, limit, stale)
    return Status(source_type, staleness, since.astimezone(zone), stale, reason)


def _reason(staleness: timedelta, limit: timedelta, stale: bool) -> str:
    if staleness > _NONE:
        phrase = "but should not be more" if stale else "which is not more"
    else:
        phrase = "but should be more" if stale else "which is not less"
    return (
        f"most recent data is {_age(staleness, staleness)}, {phrase} than "
        f"{_age(limit, limit or staleness)}"
    )


def _age(age: timedelta, direction: timedelta) -> str:
    return f"{in_words(abs(age))} {'old' if direction > _NONE else 'in the future'}"


def _limits(sensor: Sensor, specs: Mapping[str, Any]) -> tuple[timedelta, timedelta]:
    """The largest age, and how far into the future data should reach (negative)."""
    known_ahead = sensor.knowledge_horizon_fnc in _DAY_AHEAD
    oldest = timedelta(days=1) if known_ahead else 2 * sensor.event_resolution
    return (
        _duration(specs, "max_staleness", oldest),
        _duration(specs, "max_future_staleness", _AHEAD),
    )


def _duration(specs: Mapping[str, Any], name: str, default: timedelta) -> timedelta:
    if specs.get(name) is None:
        return default
    return parse_duration(specs[name], field=f"status_specs.{name}").fixed()


@dataclass(slots=True)
class _Search:
    """Which beliefs tell how old the data are.

    :param conditions: of a query.
    :param sources: ids and names of the sources that count; None for all.
    :param first: only events that start then or later; `last` then or earlier.
    """

    conditions: dict[str, Any]
    sources: Sequence[int | str] | None = None
    first: datetime | None = None
    last: datetime | None = None


#: Filters of searches for beliefs that make no difference to which event is the latest.
_NO_DIFFERENCE: Final = (
    "most_recent_beliefs_only",
    "most_recent_events_only",
    "most_recent_only",
    "one_deterministic_belief_per_event",
    "one_deterministic_belief_per_event_per_source",
    "use_latest_version_per_event",
)


def _search(sensor: Sensor, filters: Any, now: datetime) -> _Search:
    """What to search for, from the names that searches for beliefs have.

    :raises InvalidInput: where a filter is unknown, or cannot be read.
    """
    if not isinstance(filters, Mapping):
        raise _bad("staleness_search is no JSON object")
    found = _Search({"sensor": sensor, "prior": now})
    length = sensor.event_resolution
    edge = _MOMENT if length else _NONE  # a moment at the edge counts
    for name, value in filters.items():
        match name:
            case "source_types" | "exclude_source_types":
                found.conditions[name] = _list(name, value, str)
            case "source_account_ids":
                found.conditions[name] = _list(name, value, int)
            case "source" | "sources":
                found.sources = _list(name, value, int | str)
            case "horizons_at_least":
                found.conditions["horizon"] = parse_duration(value, field=name).fixed()
            case "horizons_at_most":
                found.conditions["horizon_at_most"] = parse_duration(value, field=name).fixed()
            case "beliefs_before":
                found.conditions["prior"] = min(now, parse_moment(value, field=name))
            case "beliefs_after":
                found.conditions["since"] = parse_moment(value, field=name)
            case "event_starts_after":
                found.first = parse_moment(value, field=name)
            case "event_ends_after":
                found.first = parse_moment(value, field=name) - length + edge
            case "event_starts_before":
                found.last = parse_moment(value, field=name) - edge
            case "event_ends_before":
                found.last = parse_moment(value, field=name) - length
            case _ if name not in _NO_DIFFERENCE:
                raise _bad(f"there is no filter '{name}'")
    return found


def _list(name: str, value: Any, kind: type | UnionType) -> Sequence[Any]:
    listed = value if isinstance(value, list) else [value]
    if not all(isinstance(each, kind) and not isinstance(each, bool) for each in listed):
        raise _bad(f"{name} is {value}")
    return listed


def _bad(reason: str) -> InvalidInput:
    return InvalidInput(
        f"The attribute status_specs of the sensor cannot be read: {reason}.", field="status_specs"
    )

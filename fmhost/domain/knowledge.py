"""Knowledge times: when the value of an event is deemed to be known.

The *knowledge time* of an event is the moment from which a belief about it is after the fact. By
default that is the end of the event; a day-ahead price is known at noon of the day before. The
*belief horizon* is the knowledge time minus the belief time: positive for forecasts.

A sensor stores the name of a function and its parameters as JSON. Durations among them are ISO 8601
texts or numbers of minutes.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

import numpy as np

from fmhost.domain.arrays import DURATION, Durations, Moments, duration64, moment64
from fmhost.domain.durations import parse_duration
from fmhost.domain.zones import time_zone, to_local, to_utc
from fmhost.errors import InvalidInput

#: The names of the rules.
KNOWLEDGE_FUNCTIONS: Final = ("ex_post", "ex_ante", "x_days_ago_at_y_oclock", "ex_ante_economics")

_DAY: Final = np.timedelta64(1, "D")


@dataclass(frozen=True, slots=True)
class AfterEvent:
    """Known so long after the event ends (`ex_post`)."""

    delay: timedelta = timedelta(0)

    def times(self, event_starts: Moments, resolution: timedelta) -> Moments:
        """The knowledge times of events that start then and last `resolution`."""
        return event_starts + duration64(resolution + self.delay)


@dataclass(frozen=True, slots=True)
class BeforeEvent:
    """Known so long before the event starts (`ex_ante`)."""

    lead: timedelta = timedelta(0)

    def times(self, event_starts: Moments, resolution: timedelta) -> Moments:
        """The knowledge times of events that start then."""
        return event_starts - duration64(self.lead)


@dataclass(frozen=True, slots=True)
class DaysAgo:
    """Known at an hour of the day that lies `days` before the event's day, in a zone.

    Hours count on the local clock of that day, which may differ from hours since midnight.
    """

    days: int
    hour: float
    zone: ZoneInfo

    def times(self, event_starts: Moments, resolution: timedelta) -> Moments:
        """The knowledge times of events that start then."""
        days = to_local(event_starts, self.zone).astype("datetime64[D]").astype(event_starts.dtype)
        return to_utc(days - self.days * _DAY + self._time_of_day(), self.zone)

    def _time_of_day(self) -> np.timedelta64:
        return duration64(timedelta(hours=self.hour))


KnowledgeRule = AfterEvent | BeforeEvent | DaysAgo


def knowledge_rule(name: str, parameters: Mapping[str, Any] | None = None) -> KnowledgeRule:
    """The rule that a sensor's knowledge-horizon function and parameters stand for.

    :param name: `ex_post`, `ex_ante`, `x_days_ago_at_y_oclock` or `ex_ante_economics`.
    :param parameters: `ex_post_horizon`; `ex_ante_horizon`; or `x` [days], `y` [hour of the day]
        and `z` [IANA time zone].
    :raises InvalidInput: where there is no such function, or its parameters do not fit.
    """
    given = dict(parameters or {})
    match name:
        case "ex_post":
            rule: KnowledgeRule = AfterEvent(_duration(given, "ex_post_horizon"))
        case "ex_ante":
            rule = BeforeEvent(_duration(given, "ex_ante_horizon"))
        case "x_days_ago_at_y_oclock" | "ex_ante_economics":
            rule = _days_ago(given)
        case _:
            raise InvalidInput(
                f"There is no knowledge-horizon function '{name}'.",
                field="knowledge_horizon_fnc",
                hint=f"There are {', '.join(KNOWLEDGE_FUNCTIONS)}.",
            )
    if given:
        raise _bad(f"The function {name} has no parameter '{next(iter(given))}'.")
    return rule


def _duration(parameters: dict[str, Any], key: str) -> timedelta:
    value = parameters.pop(key, 0)
    if isinstance(value, str):
        return parse_duration(value, field="knowledge_horizon_par").fixed()
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise _bad(f"The parameter {key} must be an ISO 8601 duration or a number of minutes.")
    return timedelta(minutes=value)


def _days_ago(parameters: dict[str, Any]) -> DaysAgo:
    days, hour = parameters.pop("x", 1), parameters.pop("y", 0)
    if isinstance(days, bool) or not isinstance(days, int):
        raise _bad("The parameter x must be a whole number of days.")
    if isinstance(hour, bool) or not isinstance(hour, int | float) or not 0 <= hour <= 24:
        raise _bad("The parameter y must be an hour of the day, from 0 to 24.")
    zone = time_zone(parameters.pop("z", "UTC"), field="knowledge_horizon_par")
    return DaysAgo(days, hour, zone)


def _bad(message: str) -> InvalidInput:
    return InvalidInput(message, field="knowledge_horizon_par")


def knowledge_times(
    event_starts: Moments,
    resolution: timedelta,
    name: str,
    parameters: Mapping[str, Any] | None = None,
) -> Moments:
    """The knowledge times of a column of events.

    :param event_starts: `datetime64[us]`, UTC.
    :param resolution: how long the events last.
    :raises InvalidInput: where the function or its parameters are not known.
    """
    return knowledge_rule(name, parameters).times(event_starts, resolution)


def belief_horizons(knowledge: Moments, belief_time: datetime | Moments) -> Durations:
    """Knowledge times minus one belief time, or one per event: `timedelta64[us]`."""
    formed = moment64(belief_time) if isinstance(belief_time, datetime) else belief_time
    return (knowledge - formed).astype(DURATION)

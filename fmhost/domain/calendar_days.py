"""Events of whole days: they begin with a local day and last 23 to 25 hours at a clock change.

A day begins at midnight, at the first of two, or where the clock skips midnight with the change.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

import numpy as np

from fmhost.domain.arrays import (
    Durations,
    Integers,
    Moments,
    duration64,
    moment64,
    to_timedelta,
)
from fmhost.domain.moments import floor_all
from fmhost.domain.zones import skipped, to_local, to_utc

DAY: Final = timedelta(days=1)
_NONE: Final = timedelta(0)


def whole_days(resolution: timedelta) -> int:
    """The number of days that a resolution counts; 0 where it is no whole number of days."""
    return 0 if resolution % DAY else resolution // DAY


def on_clock(moments: Moments, zone: ZoneInfo) -> Moments:
    """The local clock, `datetime64[us]` without zone; begins of days as midnight."""
    begins = floor_all(moments, DAY, zone) == moments
    clock = to_local(moments, zone)
    midnight = clock.astype("datetime64[D]").astype(clock.dtype)
    return np.where(begins, midnight, clock)


def add_days(moments: Moments, days: int | Integers, zone: ZoneInfo) -> Moments:
    """The same time on the clock of a zone some days later; begins of days stay begins of days.

    A time that the clock skips becomes the moment of the change.
    """
    clock = on_clock(moments, zone) + np.asarray(days) * duration64(DAY)
    changes = skipped(clock, zone)
    return np.where(np.isnat(changes), to_utc(clock, zone), changes)


def steps(start: np.datetime64, resolution: timedelta, count: int, zone: ZoneInfo) -> Moments:
    """The starts of `count` events that follow each other."""
    numbers = np.arange(count)
    days = whole_days(resolution)
    if days:
        return add_days(np.full(count, start), numbers * days, zone)
    return start + numbers * duration64(resolution)


def event_ends(starts: Moments, resolution: timedelta, zone: ZoneInfo) -> Moments:
    """When events end that start then."""
    days = whole_days(resolution)
    return add_days(starts, days, zone) if days else starts + duration64(resolution)


def lengths_of(starts: Moments, resolution: timedelta, zone: ZoneInfo) -> Durations:
    """How long events last; days and weeks that begin with local days last as long as those."""
    if whole_days(resolution) and (floor_all(starts, DAY, zone) == starts).all():
        lengths: Durations = event_ends(starts, resolution, zone) - starts
        return lengths
    return np.full(len(starts), duration64(resolution))


def usual_step(starts: Moments, zone: ZoneInfo) -> timedelta | None:
    """The most common step between events (the shortest of several); None for one event.

    Days that follow each other on the clock of the zone are a day apart, however long they last.

    :param starts: without order; what is there twice counts once.
    """
    distinct = np.unique(starts)
    if len(distinct) < 2:
        return None
    passed = _most_common(np.diff(distinct))
    if whole_days(passed):
        return passed
    shown = _most_common(np.diff(on_clock(distinct, zone)))
    return shown if whole_days(shown) else passed


def _most_common(steps: Durations) -> timedelta:
    found, count = np.unique(steps, return_counts=True)
    return to_timedelta(found[np.argmax(count)])


def length_on_clock(start: datetime, length: timedelta, zone: ZoneInfo) -> timedelta:
    """What the clock of a zone shows to have passed `length` after `start`; days count 24 hours."""
    edges = moment64(start) + np.array([duration64(_NONE), duration64(length)])
    before, after = on_clock(edges, zone)
    return to_timedelta(after - before)

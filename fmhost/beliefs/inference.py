"""From values as they are posted to events as the sensor records them.

A message says when its values begin, how long all of them last together, and what they are. The
resolution follows from that; values of a coarser resolution than the sensor's are repeated, values
of a finer one averaged, and missing ones left out.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

import numpy as np

from fmhost.domain.arrays import (
    Floats,
    Integers,
    Moments,
    as_integers,
    duration64,
    microseconds,
    moment64,
)
from fmhost.domain.calendar_days import (
    add_days,
    length_on_clock,
    lengths_of,
    on_clock,
    steps,
    whole_days,
)
from fmhost.domain.durations import parse_duration
from fmhost.domain.moments import floor_all, floor_moment, round_moment
from fmhost.domain.zones import time_zone
from fmhost.errors import InvalidInput
from fmhost.model.sensors import Sensor

_NONE: Final = timedelta(0)
_FREQUENCY: Final = re.compile(r"(?P<count>[0-9]*)\s*(?P<unit>[a-zA-Z]+)")
_FREQUENCY_UNITS: Final = {
    "s": timedelta(seconds=1),
    "min": timedelta(minutes=1),
    "t": timedelta(minutes=1),
    "h": timedelta(hours=1),
    "d": timedelta(days=1),
    "w": timedelta(weeks=1),
}


@dataclass(frozen=True, slots=True)
class EventGrid:
    """The events that a sensor records.

    :param resolution: how long they last; zero for moments.
    :param zone: on whose clock they begin.
    :param floored: whether the starts of posted data are floored to the grid.
    :param frequency: for moments, the grid to which their start is rounded, if any.
    """

    resolution: timedelta
    zone: ZoneInfo
    floored: bool = True
    frequency: timedelta | None = None


def grid_of(sensor: Sensor) -> EventGrid:
    """The events that a sensor records, by its columns and attributes.

    :raises InvalidInput: where its attribute `frequency` cannot be read.
    """
    frequency = sensor.get_attribute("frequency")
    return EventGrid(
        sensor.event_resolution,
        time_zone(sensor.timezone, field="timezone"),
        bool(sensor.get_attribute("floor_datetimes_to_resolution", True)),
        parse_frequency(frequency) if frequency else None,
    )


def parse_frequency(text: str) -> timedelta:
    """A frequency as an ISO 8601 duration or in the short notation of pandas (`15min`, `1h`).

    :raises InvalidInput: where it is neither, or not longer than zero.
    """
    short = _FREQUENCY.fullmatch(text.strip())
    unit = _FREQUENCY_UNITS.get(short["unit"].lower()) if short else None
    if short and unit:
        found = unit * int(short["count"] or 1)
    else:
        found = parse_duration(text, field="frequency").fixed()
    if found <= _NONE:
        raise InvalidInput("A frequency must be longer than zero.", field="frequency")
    return found


@dataclass(frozen=True, slots=True, eq=False)
class Events:
    """Values of events, none of them missing.

    :param resolution: that of the data as they were posted.
    """

    event_start: Moments
    event_value: Floats
    resolution: timedelta


def infer_events(
    values: Sequence[float | None] | Floats | float | None,
    start: datetime,
    duration: timedelta,
    grid: EventGrid,
) -> Events:
    """The events that posted values stand for.

    :param values: one value or several; None and NaN stand for a missing value.
    :param start: where the first value begins.
    :param duration: how long all values last together.
    :raises InvalidInput: where the resolution does not fit the sensor's, or moments overlap.
    """
    given = np.atleast_1d(np.array(values, dtype=np.float64))
    if given.ndim != 1:
        raise InvalidInput("Values are a list of numbers.", field="values")
    resolution = _days_each(len(given), start, duration, grid) or infer_resolution(
        len(given), duration, grid.resolution
    )
    if grid.resolution == _NONE:
        if grid.frequency is not None:
            start = round_moment(start, grid.frequency, grid.zone, field="start")
        return _known(_steps(start, resolution, len(given), grid), given, resolution)
    if grid.floored:
        start = floor_moment(start, min(resolution, grid.resolution), grid.zone, field="start")
    starts, fitted = fit(_steps(start, resolution, len(given), grid), given, resolution, grid)
    return _known(starts, fitted, resolution)


def _days_each(
    count: int, start: datetime, duration: timedelta, grid: EventGrid
) -> timedelta | None:
    """The resolution of values that each last whole days, for a sensor whose events do so, too.

    A week in which the clock changes has 167 or 169 hours, and seven days all the same.
    """
    if not (whole_days(grid.resolution) and count) or duration <= _NONE:
        return None
    for length in (duration, length_on_clock(start, duration, grid.zone)):
        each = length / count
        if each * count == length and whole_days(each) and _fits(each, grid.resolution):
            return each
    return None


def infer_resolution(count: int, duration: timedelta, required: timedelta) -> timedelta:
    """The resolution of `count` values that together last `duration`.

    :param required: the resolution of the sensor.
    :raises InvalidInput: where there is none, or it does not fit the sensor's.
    """
    if not count:
        raise InvalidInput("There are no values.", field="values")
    if duration < _NONE:
        raise InvalidInput("A duration of values cannot be negative.", field="duration")
    if duration == _NONE:
        if count > 1:
            raise InvalidInput(
                "Cannot save multiple instantaneous values that overlap.",
                field="duration",
                hint="To save a single instantaneous value, give one value; to save several, "
                "give the duration over which they are spread.",
            )
        if required != _NONE:
            raise InvalidInput(
                "Cannot infer a non-zero resolution from one value over zero duration. "
                f"This sensor requires a resolution of {required}.",
                field="duration",
            )
        return _NONE
    inferred = duration / count
    if required != _NONE and (inferred * count != duration or not _fits(inferred, required)):
        raise _misfit(inferred, required)
    return inferred


def _fits(ours: timedelta, required: timedelta) -> bool:
    return not ours % required or not required % ours


def _misfit(ours: timedelta, required: timedelta) -> InvalidInput:
    return InvalidInput(
        f"Resolution of {ours} is incompatible with the sensor's required resolution of "
        f"{required}.",
        field="duration",
    )


def fit(
    starts: Moments, values: Floats, resolution: timedelta, grid: EventGrid
) -> tuple[Moments, Floats]:
    """Events of one resolution as events of the sensor's, which is not zero.

    Coarser values are repeated, step-wise constant; of finer ones the mean counts, over those that
    are not missing. Events of the grid are counted from its clock, or where the grid is not
    floored, from the first event.

    :param starts: ascending.
    :param resolution: that of the events, longer than zero.
    :raises InvalidInput: where neither resolution is a multiple of the other.
    """
    required = grid.resolution
    if resolution == required or not len(starts):
        return starts, values
    if not _fits(resolution, required):
        raise _misfit(resolution, required)
    if resolution > required:
        counts = counts_of(starts, resolution, grid)
        within = np.arange(counts.sum()) - np.repeat(np.cumsum(counts) - counts, counts)
        return _later(np.repeat(starts, counts), within, grid), np.repeat(values, counts)
    return _means(bins_of(starts, grid), values)


def counts_of(starts: Moments, resolution: timedelta, grid: EventGrid) -> Integers:
    """How many of the sensor's events each of these coarser events spans."""
    if whole_days(grid.resolution):
        return np.full(len(starts), resolution // grid.resolution)
    lengths = lengths_of(starts, resolution, grid.zone)
    return as_integers(lengths) // microseconds(grid.resolution)


def _later(starts: Moments, events: Integers, grid: EventGrid) -> Moments:
    """The starts of the events that come so many events later."""
    days = whole_days(grid.resolution)
    if days:
        return add_days(starts, events * days, grid.zone)
    return starts + events * duration64(grid.resolution)


def bins_of(starts: Moments, grid: EventGrid) -> Moments:
    """The starts of the sensor's events in which finer events begin.

    :param starts: ascending.
    """
    if grid.floored:
        return floor_all(starts, grid.resolution, grid.zone)
    clock = on_clock(starts, grid.zone) if whole_days(grid.resolution) else starts
    passed = as_integers(clock - clock[0]) // microseconds(grid.resolution)
    return _later(np.full(len(starts), starts[0]), passed, grid)


def _means(bins: Moments, values: Floats) -> tuple[Moments, Floats]:
    """The mean of the values in each bin, NaN where all are missing."""
    found, position = np.unique(bins, return_inverse=True)
    known = ~np.isnan(values)
    count = np.bincount(position[known], minlength=len(found))
    total = np.bincount(position[known], values[known], minlength=len(found))
    means = np.full(len(found), np.nan)
    np.divide(total, count, out=means, where=count > 0)
    return found, means


def _steps(start: datetime, resolution: timedelta, count: int, grid: EventGrid) -> Moments:
    if not whole_days(grid.resolution):
        return moment64(start) + np.arange(count) * duration64(resolution)
    return steps(moment64(start), resolution, count, grid.zone)


def _known(starts: Moments, values: Floats, resolution: timedelta) -> Events:
    known = ~np.isnan(values)
    return Events(starts[known], values[known], resolution)

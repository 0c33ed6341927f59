"""Events on a time grid: one value a step, whatever the resolution of the events."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

import numpy as np

from fmhost.domain.arrays import (
    Floats,
    Integers,
    Moments,
    as_integers,
    epoch_microseconds,
    microseconds,
)
from fmhost.domain.calendar_days import event_ends
from fmhost.domain.windows import Window

_DEFAULT_FREQUENCIES: Final = (
    (timedelta(weeks=16), timedelta(days=7)),
    (timedelta(days=14), timedelta(days=1)),
    (timedelta(hours=48), timedelta(hours=1)),
    (timedelta(hours=8), timedelta(minutes=15)),
)
_FINEST_DEFAULT: Final = timedelta(minutes=5)


def default_frequency(length: timedelta) -> timedelta:
    """The step in which moments are shown, by the length of the window."""
    for longer_than, frequency in _DEFAULT_FREQUENCIES:
        if length > longer_than:
            return frequency
    return _FINEST_DEFAULT


def on_grid(starts: Moments, values: Floats, resolution: timedelta, window: Window) -> Floats:
    """One value a step of the window; NaN where nothing is known.

    A step has the mean of the events within it, weighted by how long they overlap it, ignoring
    missing values: so finer events are averaged, coarser ones repeated, and where neither
    resolution is a multiple of the other, the result is that of repeating to the greatest common
    divisor and averaging from there. Moments count for the step in which they lie.

    :param starts: starts of the events, without order.
    :param values: one per event; NaN is missing.
    :param resolution: how long the events last; zero for moments. Days are those of the window's
        zone.
    """
    known = ~np.isnan(values)
    starts, values = starts[known], values[known]
    if resolution == window.resolution and resolution:
        aligned = _aligned(starts, values, window)
        if aligned is not None:
            return aligned
    edges = as_integers(window.edges())
    if len(edges) < 2:
        return np.empty(0)
    begin = as_integers(starts)
    end = as_integers(event_ends(starts, resolution, window.zone))
    event, step = _overlaps(begin, end, edges)
    if resolution:
        shared = np.minimum(end[event], edges[step + 1]) - np.maximum(begin[event], edges[step])
        # Relative to the event, so that whole events weigh exactly one and plain means are plain.
        weight = shared / (end - begin)[event]
    else:
        weight = np.ones(len(event))
    return _weighted_means(step, values[event], weight, len(edges) - 1)


def _aligned(starts: Moments, values: Floats, window: Window) -> Floats | None:
    """The values at the steps where events begin, or None where events begin between steps."""
    step = microseconds(window.resolution)  # type: ignore[arg-type]
    offset = as_integers(starts) - epoch_microseconds(window.start)
    position, between = np.divmod(offset, step)
    if between.any():
        return None
    gridded = np.full(len(window), np.nan)
    inside = (position >= 0) & (position < len(gridded))
    gridded[position[inside]] = values[inside]
    return gridded


def _overlaps(begin: Integers, end: Integers, edges: Integers) -> tuple[Integers, Integers]:
    """All pairs of an event and a step that it overlaps, as positions; moments have end = begin."""
    first = np.searchsorted(edges, begin, side="right") - 1
    last = np.where(end > begin, np.searchsorted(edges, end, side="left"), first + 1)
    first, last = np.maximum(first, 0), np.minimum(last, len(edges) - 1)
    count = np.maximum(last - first, 0)
    event = np.repeat(np.arange(len(begin)), count)
    nth = np.arange(len(event)) - np.repeat(np.cumsum(count) - count, count)
    return event, first[event] + nth


def _weighted_means(step: Integers, values: Floats, weight: Floats, steps: int) -> Floats:
    count = np.bincount(step, minlength=steps)
    total = np.bincount(step, values * weight, minlength=steps)
    weights = np.bincount(step, weight, minlength=steps)
    means = np.full(steps, np.nan)
    np.divide(total, weights, out=means, where=count > 0)
    # A step with one event has its value as it is, not multiplied and divided by a weight.
    alone = count[step] == 1
    means[step[alone]] = values[alone]
    return means

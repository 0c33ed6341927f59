"""Quantities on the time grid: one value a step, or one a tick for states of charge."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum
from typing import Any

import numpy as np

from fmhost.plugin import SeriesReader, units
from fmhost_storage.arrays import FloatArray
from fmhost_storage.grid import Grid
from fmhost_storage.quantities import Fixed, FromSensor, Quantity, Segment, Segments


class Overlap(Enum):
    """Which value counts where several hold at once."""

    FIRST = "first"
    LEAST = "least"
    LARGEST = "largest"


def on_steps(
    quantity: Quantity,
    grid: Grid,
    reader: SeriesReader,
    *,
    unit: str,
    overlap: Overlap = Overlap.FIRST,
) -> FloatArray:
    """One value per step, shape (T,); NaN where none is told.

    A segment counts for every step that it overlaps, a moment for the step in which it lies.

    :param unit: of the values of a sensor; other quantities have the unit of their kind already.
    """
    if isinstance(quantity, Fixed):
        return np.full(grid.steps, quantity.value)
    if isinstance(quantity, FromSensor):
        return _of_sensor(quantity, reader, grid.start, grid.end, grid.resolution, unit)
    values = np.full(grid.steps, np.nan)
    for part in quantity.parts:
        first = grid.tick_before(part.start)
        last = grid.tick_after(part.end) if part.end > part.start else first + 1
        _combine(values[max(first, 0) : max(last, 0)], part.value, overlap)
    return values


def on_ticks(
    quantity: Quantity,
    grid: Grid,
    reader: SeriesReader,
    *,
    overlap: Overlap,
    from_next: bool = False,
) -> FloatArray:
    """Levels [MWh] at ticks 0..T, shape (T + 1,); NaN where none is told.

    Both ends of a segment belong to it. Where an end lies between two ticks, the segment counts
    for both of them.

    :param from_next: where the start of a segment lies between two ticks, it counts from the next
        one on only.
    """
    if isinstance(quantity, Fixed):
        return np.full(grid.steps + 1, quantity.value)
    if isinstance(quantity, FromSensor):
        return _levels_of_sensor(quantity, grid, reader, overlap)
    values = np.full(grid.steps + 1, np.nan)
    for part in quantity.parts:
        first = grid.tick_after(part.start) if from_next else grid.tick_before(part.start)
        last = grid.tick_after(part.end)
        _combine(values[max(first, 0) : max(last + 1, 0)], part.value, overlap)
    return values


def _combine(values: FloatArray, value: float, overlap: Overlap) -> None:
    """Put a value into a slice of values, next to those that are there."""
    if overlap is Overlap.FIRST:
        values[np.isnan(values)] = value
    elif overlap is Overlap.LEAST:
        np.fmin(values, value, out=values)
    else:
        np.fmax(values, value, out=values)


def _of_sensor(
    quantity: FromSensor,
    reader: SeriesReader,
    start: datetime,
    end: datetime,
    resolution: timedelta,
    unit: str,
) -> FloatArray:
    filters: dict[str, Any] = {}
    if quantity.source_account_ids is not None:
        filters["source_account_ids"] = quantity.source_account_ids
    if quantity.quantile is not None:
        filters["quantile"] = quantity.quantile
    values = reader.values(
        quantity.sensor,
        start,
        end,
        resolution=resolution,
        unit=unit,
        source_ids=quantity.source_ids,
        source_types=quantity.source_types,
        exclude_source_types=quantity.exclude_source_types,
        **filters,
    )
    if quantity.default is not None:
        values = np.where(np.isnan(values), quantity.default, values)
    return values


def _levels_of_sensor(
    quantity: FromSensor, grid: Grid, reader: SeriesReader, overlap: Overlap
) -> FloatArray:
    """Moments count for the tick at or before them; events for the ticks at both of their ends."""
    end = grid.moment(grid.steps + 1)
    steps = _of_sensor(quantity, reader, grid.start, end, grid.resolution, "MWh")
    if quantity.sensor.event_resolution == timedelta(0):
        return steps
    values = steps.copy()
    values[grid.steps] = np.nan  # what begins at the end of the schedule is not its concern
    for tick, value in enumerate(steps[:-1], start=1):
        if not np.isnan(value):
            _combine(values[tick : tick + 1], float(value), overlap)
    return values


@dataclass(frozen=True)
class OffTick:
    """A target at a moment between two ticks.

    :param tick: the tick before it.
    :param hours: from that tick to the target [h].
    :param value: the target [MWh].
    """

    tick: int
    hours: float
    value: float


def off_tick(quantity: Quantity | None, grid: Grid) -> tuple[OffTick, ...]:
    """The targets that begin between two ticks of the grid."""
    if not isinstance(quantity, Segments):
        return ()
    return tuple(_off_tick(quantity.parts, grid))


def _off_tick(parts: Iterable[Segment], grid: Grid) -> Iterable[OffTick]:
    for part in parts:
        tick = grid.tick_before(part.start)
        passed = part.start - grid.moment(tick)
        if passed and 0 <= tick < grid.steps:
            yield OffTick(tick, passed / timedelta(hours=1), part.value)


def is_off_tick(quantity: Quantity | None, grid: Grid) -> bool:
    """Whether a set-point within the grid begins or ends between two ticks."""
    if not isinstance(quantity, Segments):
        return False
    for part in quantity.parts:
        moments = (part.start,) if part.start is part.end else (part.start, part.end)
        for moment in moments:
            if (moment - grid.start) % grid.resolution and grid.start < moment < grid.end:
                return True
    return False


def extended(values: FloatArray) -> FloatArray:
    """The values with gaps filled by the last known before, or else the first known.

    All NaN stays as it is.
    """
    known = ~np.isnan(values)
    if known.all() or not known.any():
        return values
    position = np.where(known, np.arange(len(values)), -1)
    latest = np.maximum.accumulate(position)
    return np.asarray(values[np.where(latest < 0, int(np.argmax(known)), latest)])


def level_before(
    quantity: FromSensor | Segments,
    reader: SeriesReader,
    start: datetime,
    reach: timedelta,
    full: float,
) -> float | None:
    """The level [MWh] at `start`, or the latest one within `reach` before it; None if unknown.

    :param full: what 100 % stands for [MWh].
    """
    if isinstance(quantity, Segments):
        begun = [
            part for part in quantity.parts if start - reach <= part.end and part.start <= start
        ]
        return max(begun, key=lambda part: min(part.end, start)).value if begun else None
    unit, scale = ("", full) if units.is_share(quantity.sensor.unit) else ("MWh", 1.0)
    instant = timedelta(microseconds=1)
    now = _of_sensor(quantity, reader, start, start + instant, instant, unit)
    if not np.isnan(now[0]):
        return float(now[0]) * scale
    step = min(timedelta(minutes=1), reach)
    earlier = _of_sensor(quantity, reader, start - reach, start, step, unit)
    known = earlier[~np.isnan(earlier)]
    return float(known[-1]) * scale if known.size else None

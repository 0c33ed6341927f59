"""From a file that somebody uploads to beliefs about the events of a sensor.

Unlike a file that is loaded on the command line, it says by the names of its columns what it has.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path

import numpy as np

from fmhost.beliefs.capacity import capacity_between
from fmhost.beliefs.columns import DETERMINISTIC, Beliefs
from fmhost.beliefs.files import CsvOptions, FileContent, read_csv
from fmhost.beliefs.inference import EventGrid, bins_of, counts_of, fit, grid_of
from fmhost.beliefs.timing import knowledge_of
from fmhost.domain import units
from fmhost.domain.arrays import Durations, Floats, Moments, as_integers, moment64
from fmhost.domain.calendar_days import lengths_of, usual_step
from fmhost.domain.moments import floor_all
from fmhost.errors import UnitMismatch, UnreadableFile
from fmhost.model.sensors import Sensor

_ZERO = np.timedelta64(0, "us")


def import_upload(
    path: Path,
    sensor: Sensor,
    source_id: int,
    *,
    now: datetime,
    unit: str | None = None,
    measured_instantly: bool = False,
    left_out: frozenset[int] = frozenset(),
) -> Beliefs:
    """The beliefs that an uploaded file contains, in the unit and resolution of the sensor.

    The first column has event starts, the second values; times without offset are on the clock of
    the sensor. Finer amounts (energy, money) are added, and coarser ones shared out, where the
    sensor records amounts, too; all else is averaged, or repeated.

    :param now: when beliefs were formed about which the file says nothing.
    :param measured_instantly: each value was known when its event ended, whatever the file says.
    :param left_out: lines of rows that do not count.
    :raises UnreadableFile: naming file, row, column and reason, also in its details.
    :raises UnitMismatch: where the unit does not convert to the sensor's.
    :raises InvalidInput: where the resolution does not fit.
    """
    require_convertible(sensor, unit)
    unit = sensor.unit if unit is None else unit
    options = CsvOptions(timezone=sensor.timezone, by_name=True, left_out=left_out)
    content = read_csv(path, options)
    grid = grid_of(sensor)
    resolution = usual_step(content.event_start, grid.zone) or grid.resolution
    starts = content.event_start
    if grid.resolution and grid.floored:
        starts = floor_all(starts, resolution, grid.zone)
    horizons = _horizons(content, sensor, starts, now)
    probabilities = content.cumulative_probability
    if probabilities is None:
        probabilities = np.full(len(content), DETERMINISTIC)
    _check_keys(content, starts, horizons, probabilities)
    values = content.event_value
    if units.time_power(unit, sensor.unit):
        lengths = lengths_of(starts, resolution, grid.zone)
        values = units.convert_by_length(values, unit, sensor.unit, lengths)
    else:
        capacity = capacity_between(sensor, unit)
        values = units.convert(values, unit, sensor.unit, capacity=capacity)
    found = Beliefs(starts, horizons, np.full(len(starts), source_id), probabilities, values)
    if grid.resolution and resolution != grid.resolution:
        is_amount = units.is_energy(unit) or units.is_currency(unit)
        add = is_amount and not units.time_power(unit, sensor.unit)
        found = _resampled(found, resolution, grid, add)
    if content.belief_time is None and content.belief_horizon is None:
        horizons = knowledge_of(sensor, found.event_start) - moment64(now)
        found = _with_horizons(found, horizons)
    if measured_instantly:
        found = _with_horizons(found, np.full(len(found), _ZERO))
    return found


def require_convertible(sensor: Sensor, unit: str | None) -> None:
    """See that values in a unit can be stored on a sensor; None is the sensor's own.

    :raises UnitMismatch: where the unit does not convert to the sensor's.
    """
    if unit is None:
        return
    capacity = capacity_between(sensor, unit)
    length = sensor.event_resolution or None
    if not units.convertible(unit, sensor.unit, length, capacity=capacity):
        raise UnitMismatch(
            f"Provided unit '{unit}' is not convertible to sensor unit '{sensor.unit}'",
            field="unit",
        )


def _with_horizons(beliefs: Beliefs, horizons: Durations) -> Beliefs:
    return Beliefs(
        beliefs.event_start,
        horizons,
        beliefs.source_id,
        beliefs.cumulative_probability,
        beliefs.event_value,
    )


def _horizons(content: FileContent, sensor: Sensor, starts: Moments, now: datetime) -> Durations:
    if content.belief_horizon is not None:
        return content.belief_horizon
    if content.belief_time is None:
        return np.full(len(content), _ZERO)  # all alike, until the events are known
    horizons: Durations = knowledge_of(sensor, starts) - content.belief_time
    return horizons


def _check_keys(
    content: FileContent, starts: Moments, horizons: Durations, probabilities: Floats
) -> None:
    """:raises UnreadableFile: where two rows are about the same belief."""
    keys = [as_integers(starts), as_integers(horizons), probabilities]
    order = np.lexsort(keys[::-1])
    repeated = np.logical_and.reduce([key[order][1:] == key[order][:-1] for key in keys])
    if repeated.any():
        row = int(order[1:][repeated].min())
        line = int(content.lines[row])
        reason = f"another row is about the same event, that begins at {starts[row]}Z."
        hint = "Give each event once; off-clock times count for the event in which they lie."
        error = UnreadableFile(f"{content.file}, row {line}: {reason}", field="file", hint=hint)
        error.details = {"row": line, "column": "", "reason": reason, "hint": hint}
        raise error


def _resampled(beliefs: Beliefs, resolution: timedelta, grid: EventGrid, add: bool) -> Beliefs:
    """The most recent beliefs in the resolution of the sensor, each quantile by itself."""
    order = np.lexsort(
        (as_integers(beliefs.belief_horizon), beliefs.event_start, beliefs.cumulative_probability)
    )
    ordered = beliefs.take(order)
    first = np.ones(len(ordered), dtype=np.bool_)
    first[1:] = ordered.event_start[1:] != ordered.event_start[:-1]
    first[1:] |= ordered.cumulative_probability[1:] != ordered.cumulative_probability[:-1]
    recent = ordered.take(first)
    edges = np.flatnonzero(np.diff(recent.cumulative_probability)) + 1
    parts = [
        _fitted(recent.take(rows), resolution, grid, add)
        for rows in np.split(np.arange(len(recent)), edges)
    ]
    return Beliefs.joined(parts)


def _fitted(part: Beliefs, resolution: timedelta, grid: EventGrid, add: bool) -> Beliefs:
    starts, values = fit(part.event_start, part.event_value, resolution, grid)
    # An event is known once all of its parts are: the shortest horizon counts.
    horizons = as_integers(part.belief_horizon)
    if resolution > grid.resolution:
        counts = counts_of(part.event_start, resolution, grid)
        fitted = np.repeat(horizons, counts)
        values = values / np.repeat(counts, counts) if add else values
    else:
        found, position = np.unique(bins_of(part.event_start, grid), return_inverse=True)
        fitted = np.full(len(found), np.iinfo(np.int64).max)
        np.minimum.at(fitted, position, horizons)
        values = values * np.bincount(position) if add else values
    return Beliefs.of(
        starts,
        fitted.view("timedelta64[us]"),
        int(part.source_id[0]),
        values,
        float(part.cumulative_probability[0]),
    )

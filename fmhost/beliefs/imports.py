"""From the content of a file to beliefs about the events of a sensor."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

import numpy as np

from fmhost.beliefs.capacity import capacity_between
from fmhost.beliefs.columns import DETERMINISTIC, Beliefs
from fmhost.beliefs.files import CsvOptions, FileContent, Kind, read_csv
from fmhost.beliefs.inference import EventGrid, fit, grid_of
from fmhost.beliefs.timing import knowledge_of
from fmhost.domain import units
from fmhost.domain.arrays import Durations, Floats, Moments, as_integers, duration64, moment64
from fmhost.domain.calendar_days import lengths_of, usual_step
from fmhost.domain.moments import floor_all
from fmhost.errors import InvalidInput, UnreadableFile
from fmhost.model.sensors import Sensor

_SPECIAL: Final[dict[str, Kind]] = {
    "datetime": "datetime",
    "dayfirst datetime": "dayfirst datetime",
    "timedelta": "timedelta",
}


@dataclass(frozen=True, slots=True)
class FileUnit:
    """What the values of a file are in.

    :param unit: the unit that they have once they are read.
    :param sign: -1 where a leading minus says that the file has the opposite sign.
    :param kind: numbers, moments or durations.
    """

    unit: str
    sign: int = 1
    kind: Kind = "number"


def parse_file_unit(text: str | None, sensor_unit: str) -> FileUnit:
    """The unit of a file, as on the command line: `kW`, `-kW`, `datetime`; default the sensor's."""
    if text is None:
        return FileUnit(sensor_unit)
    sign, name = (-1, text[1:].strip()) if text.startswith("-") else (1, text.strip())
    kind = _SPECIAL.get(name)
    return FileUnit("s", sign, kind) if kind else FileUnit(name, sign)


@dataclass(frozen=True, slots=True, eq=False)
class Imported:
    """Beliefs from a file.

    :param resolution: that of the data in the file; None where it has a single event.
    :param repeated: the lines of the file, from 1, that say what lines before them said; they
        were left out.
    """

    beliefs: Beliefs
    resolution: timedelta | None
    repeated: tuple[int, ...] = ()


def import_csv(
    path: Path,
    sensor: Sensor,
    source_id: int,
    *,
    now: datetime,
    options: CsvOptions | None = None,
    unit: str | None = None,
    horizon: timedelta | None = None,
    cumulative_probability: float = DETERMINISTIC,
    resample: bool = True,
) -> Imported:
    """The beliefs that a CSV file contains, in the unit and resolution of the sensor.

    :param now: when beliefs were formed about which neither the file nor `horizon` tells.
    :param unit: that of the values; see :func:`parse_file_unit`.
    :param horizon: how long before its event was known each belief was formed.
    :param cumulative_probability: of each value.
    :param resample: whether data of another resolution are averaged or repeated to the sensor's.
    :raises UnreadableFile: naming file, row, column and reason.
    :raises UnitMismatch: where the unit does not convert to the sensor's.
    :raises InvalidInput: where the options are impossible, or the resolution does not fit.
    """
    options = options or CsvOptions()
    if horizon is not None and options.beliefcol is not None:
        raise InvalidInput(
            "Belief times come from a column of the file or from a horizon, not from both.",
            field="horizon",
        )
    given = parse_file_unit(unit, sensor.unit)
    # Before the file is read: a wrong unit is the cheaper thing to notice.
    length = sensor.event_resolution or None
    capacity = capacity_between(sensor, given.unit)
    units.convert(np.zeros(0), given.unit, sensor.unit, event_resolution=length, capacity=capacity)
    whole = read_csv(path, options, kind=given.kind)
    content = _without_repetitions(whole)
    grid = grid_of(sensor)
    resolution = usual_step(content.event_start, grid.zone)
    step = resolution or grid.resolution
    values = given.sign * content.event_value
    if units.time_power(given.unit, sensor.unit):
        lengths = lengths_of(content.event_start, step, grid.zone)
        values = units.convert_by_length(values, given.unit, sensor.unit, lengths)
    else:
        values = units.convert(values, given.unit, sensor.unit, capacity=capacity)
    starts, values, formed = _fitted(content, values, step, grid, resample)
    beliefs = Beliefs.of(
        starts,
        _horizons(sensor, starts, formed, horizon, now),
        source_id,
        values,
        cumulative_probability,
    )
    repeated = sorted(set(whole.lines.tolist()) - set(content.lines.tolist()))
    return Imported(beliefs, resolution, tuple(repeated))


def _without_repetitions(content: FileContent) -> FileContent:
    """Each event once (once per belief time, where the file has some).

    :raises UnreadableFile: where an event has two values.
    """
    keys = [as_integers(content.event_start)]
    if content.belief_time is not None:
        keys.append(as_integers(content.belief_time))
    order = np.lexsort(keys[::-1])
    repeated = np.zeros(len(content), dtype=np.bool_)
    repeated[1:] = np.logical_and.reduce([key[order][1:] == key[order][:-1] for key in keys])
    values = content.event_value[order]
    contradicts = repeated.copy()
    contradicts[1:] &= values[1:] != values[:-1]
    if contradicts.any():
        row = order[contradicts].min()
        raise UnreadableFile(
            f"{content.file}, row {content.lines[row]}: there is another value for the event at "
            f"{content.event_start[row]}Z in the file.",
            field="file",
        )
    kept = np.ones(len(content), dtype=np.bool_)
    kept[order[repeated]] = False
    return content.take(kept)


def _fitted(
    content: FileContent, values: Floats, resolution: timedelta, grid: EventGrid, resample: bool
) -> tuple[Moments, Floats, Moments | None]:
    """Starts, values and belief times of events of the sensor's resolution."""
    starts, formed = content.event_start, content.belief_time
    if not grid.resolution or (resolution != grid.resolution and not resample):
        return starts, values, formed
    if grid.floored and resolution >= grid.resolution:
        floored = floor_all(starts, grid.resolution, grid.zone)
        _check_merged(content, floored)
        starts = floored
    if resolution == grid.resolution:
        return starts, values, formed
    if formed is None:
        order = np.argsort(starts, kind="stable")
        return (*fit(starts[order], values[order], resolution, grid), None)
    return _fitted_per_belief_time(starts, values, formed, resolution, grid)


def _fitted_per_belief_time(
    starts: Moments, values: Floats, formed: Moments, resolution: timedelta, grid: EventGrid
) -> tuple[Moments, Floats, Moments]:
    order = np.lexsort((starts, formed))
    edges = np.flatnonzero(np.diff(as_integers(formed[order]))) + 1
    parts = []
    for rows in np.split(order, edges):
        fitted_starts, fitted_values = fit(starts[rows], values[rows], resolution, grid)
        parts.append((fitted_starts, fitted_values, np.full(len(fitted_starts), formed[rows[0]])))
    all_starts, all_values, all_formed = zip(*parts, strict=True)
    return np.concatenate(all_starts), np.concatenate(all_values), np.concatenate(all_formed)


def _check_merged(content: FileContent, floored: Moments) -> None:
    """:raises UnreadableFile: where two rows fall into the same event of the sensor."""
    keys = [as_integers(floored)]
    if content.belief_time is not None:
        keys.append(as_integers(content.belief_time))
    _, first = np.unique(np.stack(keys, axis=1), axis=0, return_index=True)
    if len(first) < len(floored):
        row = np.setdiff1d(np.arange(len(floored)), first)[0]
        raise UnreadableFile(
            f"{content.file}, row {content.lines[row]}: another row falls into the same event, "
            f"that begins at {floored[row]}Z.",
            field="file",
            hint="Events begin on the clock of the sensor's resolution.",
        )


def _horizons(
    sensor: Sensor,
    starts: Moments,
    formed: Moments | None,
    horizon: timedelta | None,
    now: datetime,
) -> Durations:
    if horizon is not None:
        return np.full(len(starts), duration64(horizon))
    times = moment64(now) if formed is None else formed
    horizons: Durations = knowledge_of(sensor, starts) - times
    return horizons

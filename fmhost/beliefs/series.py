"""Series: one value a step, for those who need numbers rather than beliefs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

import numpy as np
from sqlalchemy.orm import Session

from fmhost.beliefs import selection
from fmhost.beliefs.capacity import capacity_between
from fmhost.beliefs.columns import DETERMINISTIC, Beliefs
from fmhost.beliefs.read import Query, read
from fmhost.beliefs.resample import default_frequency, on_grid
from fmhost.domain import units
from fmhost.domain.arrays import Floats
from fmhost.domain.calendar_days import event_ends, whole_days
from fmhost.domain.durations import Span
from fmhost.domain.moments import require_aware
from fmhost.domain.windows import Window
from fmhost.domain.zones import time_zone
from fmhost.model.sensors import Sensor

_HOUR: Final = timedelta(hours=1)


@dataclass(frozen=True, slots=True, eq=False)
class Series:
    """Values at equal steps.

    :param start: begin of the first step; aware.
    :param resolution: length of a step; a :class:`Span` has the length that `zone` gives it.
    :param unit: of the values.
    :param values: float64, one a step; NaN where nothing is known.
    :param known: the beliefs that they come from.
    """

    start: datetime
    resolution: timedelta | Span
    unit: str
    values: Floats
    zone: ZoneInfo
    known: Beliefs

    @property
    def end(self) -> datetime:
        """End of the last step; aware."""
        if isinstance(self.resolution, timedelta):
            length = Span(time=self.resolution * len(self.values))
        else:
            length = self.resolution.times(len(self.values))
        return length.add_to(self.start, self.zone)

    @property
    def window(self) -> Window:
        """The steps, of which `ticks` are the starts."""
        return Window(self.start, self.end, self.resolution, self.zone)


def series(
    session: Session,
    sensor: Sensor,
    start: datetime,
    end: datetime,
    *,
    resolution: timedelta | Span | None = None,
    unit: str | None = None,
    prior: datetime | None = None,
    since: datetime | None = None,
    horizon: timedelta | None = None,
    horizon_at_most: timedelta | None = None,
    source_ids: Sequence[int] | None = None,
    source_types: Sequence[str] | None = None,
    exclude_source_types: Sequence[str] | None = None,
    source_account_ids: Sequence[int] | None = None,
    latest_versions: bool = True,
    quantile: float = DETERMINISTIC,
) -> Series:
    """One value per step of [start, end): the most recent belief per event, median, resampled.

    :param resolution: default is the sensor's (days are local ones), or for moments one that befits
        the length.
    :param unit: default is the sensor's.
    :param quantile: cumulative probability of what a probabilistic belief counts as; 0.5 is its
        median.
    :param prior: and the other filters: see :class:`~fmhost.beliefs.read.Query`.
    :raises InvalidInput: where the window is impossible.
    :raises UnitMismatch: where the sensor's unit does not convert to `unit`.
    """
    require_aware(start, field="start")
    require_aware(end, field="end")
    if resolution is None:
        length = end.astimezone(UTC) - start.astimezone(UTC)
        resolution = _default_step(sensor) or default_frequency(length)
    zone = time_zone(sensor.timezone, field="timezone")
    window = Window(start, end, resolution, zone)
    wanted = sensor.unit if unit is None else unit
    power = units.time_power(sensor.unit, wanted)
    capacity = capacity_between(sensor, wanted)
    # Before anything is read: a wrong unit is the cheaper thing to notice.
    step = _HOUR if power else None
    units.convert(np.empty(0), sensor.unit, wanted, event_resolution=step, capacity=capacity)
    if power < 0 and sensor.is_instantaneous:
        units.convert(np.empty(0), sensor.unit, wanted)
    query = Query(
        sensor=sensor,
        start=start,
        end=end,
        prior=prior,
        since=since,
        horizon=horizon,
        horizon_at_most=horizon_at_most,
        source_ids=source_ids,
        source_types=source_types,
        exclude_source_types=exclude_source_types,
        source_account_ids=source_account_ids,
        one_source=True,
        latest_versions=latest_versions,
    )
    single = selection.medians(read(session, query), quantile)
    known = single.event_value
    if power < 0:
        # Energy was recorded per event, so it becomes power by the length of the event.
        ends = event_ends(single.event_start, sensor.event_resolution, zone)
        known = units.convert_by_length(known, sensor.unit, wanted, ends - single.event_start)
    values = on_grid(single.event_start, known, sensor.event_resolution, window)
    if power > 0:
        # Energy that is asked for is that of a step.
        values = units.convert_by_length(values, sensor.unit, wanted, np.diff(window.edges()))
    elif not power:
        values = units.convert(values, sensor.unit, wanted, capacity=capacity)
    return Series(start, resolution, wanted, values, zone, single)


def _default_step(sensor: Sensor) -> timedelta | Span:
    days = whole_days(sensor.event_resolution)
    return Span(days=days) if days else sensor.event_resolution

"""Series: one value a step, for those who need numbers rather than beliefs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from fmhost.beliefs import selection
from fmhost.beliefs.columns import Beliefs
from fmhost.beliefs.read import Query, read
from fmhost.beliefs.resample import default_frequency, on_grid
from fmhost.domain import units
from fmhost.domain.arrays import Floats
from fmhost.domain.durations import Span
from fmhost.domain.moments import require_aware
from fmhost.domain.windows import Window
from fmhost.domain.zones import time_zone
from fmhost.errors import InvalidInput
from fmhost.model.sensors import Sensor


@dataclass(frozen=True, slots=True, eq=False)
class Series:
    """Values at equal steps.

    :param start: begin of the first step; aware.
    :param resolution: length of a step; a :class:`Span` has the length that `zone` gives it.
    :param unit: of the values.
    :param values: float64, one a step; NaN where nothing is known.
    """

    start: datetime
    resolution: timedelta | Span
    unit: str
    values: Floats
    zone: ZoneInfo

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
    horizon: timedelta | None = None,
    horizon_at_most: timedelta | None = None,
    source_ids: Sequence[int] | None = None,
    source_types: Sequence[str] | None = None,
    exclude_source_types: Sequence[str] | None = None,
    source_account_ids: Sequence[int] | None = None,
    latest_versions: bool = False,
) -> Series:
    """One value per step of [start, end): the most recent belief per event, median, resampled.

    :param resolution: default is the sensor's, or for moments one that befits the length.
    :param unit: default is the sensor's.
    :param prior: and the other filters: see :class:`~fmhost.beliefs.read.Query`.
    :raises InvalidInput: where the window is impossible.
    :raises UnitMismatch: where the sensor's unit does not convert to `unit`.
    """
    require_aware(start, field="start")
    require_aware(end, field="end")
    if resolution is None:
        length = end.astimezone(UTC) - start.astimezone(UTC)
        resolution = sensor.event_resolution or default_frequency(length)
    zone = time_zone(sensor.timezone, field="timezone")
    window = Window(start, end, resolution, zone)
    wanted = sensor.unit if unit is None else unit
    event_length = _event_length(sensor, wanted, resolution)
    query = Query(
        sensor=sensor,
        start=start,
        end=end,
        prior=prior,
        horizon=horizon,
        horizon_at_most=horizon_at_most,
        source_ids=source_ids,
        source_types=source_types,
        exclude_source_types=exclude_source_types,
        source_account_ids=source_account_ids,
        one_source=True,
        latest_versions=latest_versions,
    )
    values = gridded(read(session, query), sensor, window)
    converted = units.convert(values, sensor.unit, wanted, event_resolution=event_length)
    return Series(start, resolution, wanted, converted, zone)


def gridded(beliefs: Beliefs, sensor: Sensor, window: Window) -> Floats:
    """Beliefs of a sensor, one per event, as one value per step of a window."""
    single = selection.medians(beliefs)
    return on_grid(single.event_start, single.event_value, sensor.event_resolution, window)


def _event_length(sensor: Sensor, unit: str, resolution: timedelta | Span) -> timedelta | None:
    """The length of the events between energy and power.

    Energy was recorded per event of the sensor, so it becomes power by the sensor's resolution;
    energy that is asked for is that of a step.

    :raises InvalidInput: where energy is asked for in steps of the calendar.
    """
    if units.time_power(sensor.unit, unit) <= 0:
        return sensor.event_resolution or None
    if isinstance(resolution, timedelta):
        return resolution
    if resolution.is_nominal:
        raise InvalidInput(
            f"Values in {sensor.unit} become values in {unit} only for steps of a fixed length.",
            field="resolution",
            hint="Give a resolution such as PT24H.",
        )
    return resolution.time

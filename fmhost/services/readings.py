"""Read time series to look at: several sensors, one window."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from sqlalchemy.orm import Session

from fmhost.beliefs import Series, series
from fmhost.domain.arrays import to_datetime
from fmhost.domain.durations import Span
from fmhost.domain.zones import time_zone
from fmhost.errors import InvalidInput
from fmhost.model import Sensor
from fmhost.services.sensors import get_sensor
from fmhost.services.sources import sources_meant


@dataclass(frozen=True, slots=True)
class Reading:
    """What is known about a sensor in a window.

    :param series: one value per step, NaN where nothing is known.
    """

    sensor: Sensor
    series: Series

    @property
    def values(self) -> list[float]:
        """The values, one per step."""
        listed: list[float] = self.series.values.tolist()
        return listed

    @property
    def moments(self) -> list[datetime]:
        """The starts of the steps, in UTC."""
        return [to_datetime(tick) for tick in self.series.window.ticks]

    @property
    def step(self) -> timedelta:
        """The length of a step; where the calendar decides, that of an ordinary day or week."""
        resolution = self.series.resolution
        return resolution if isinstance(resolution, timedelta) else resolution.fixed()

    @property
    def known(self) -> list[tuple[datetime, float]]:
        """The start and value of each step about which something is known."""
        return [
            (moment, value)
            for moment, value in zip(self.moments, self.values, strict=True)
            if not math.isnan(value)
        ]


@dataclass(frozen=True, slots=True)
class Selection:
    """Which beliefs count.

    :param prior: only those recorded up to then.
    :param sources: only those of these sources: ids, or names.
    :param source_types: only those of sources of these types.
    :param resolution: length of a step, instead of the sensor's.
    """

    prior: datetime | None = None
    sources: Sequence[str] = ()
    source_types: Sequence[str] = ()
    resolution: timedelta | None = None


def read_window(
    session: Session,
    sensor_ids: Sequence[int],
    start: datetime,
    duration: Span,
    selection: Selection | None = None,
    *,
    timezone: str | None = None,
) -> list[Reading]:
    """The most recent beliefs about sensors, one value per step of the window.

    :param start: aware start of the window.
    :param duration: its length; days and months are those of `timezone`.
    :param timezone: IANA name; default that of each sensor.
    :raises NotFound: where a sensor or source does not exist.
    :raises InvalidInput: for a window without length, or an unknown time zone.
    """
    selection = selection or Selection()
    start = start.astimezone(UTC)  # sums within a zone follow its clock, also where that jumps
    source_ids = [
        source.id for reference in selection.sources for source in sources_meant(session, reference)
    ]
    readings = []
    for sensor_id in dict.fromkeys(sensor_ids):
        sensor = get_sensor(session, sensor_id)
        zone = time_zone(timezone or sensor.timezone, field="timezone")
        length = duration.length_from(start, zone)
        if length <= timedelta(0):
            raise InvalidInput("The duration must be longer than zero.", field="duration")
        found = series(
            session,
            sensor,
            start,
            start + length,
            resolution=selection.resolution,
            prior=selection.prior,
            source_ids=source_ids or None,
            source_types=list(selection.source_types) or None,
        )
        readings.append(Reading(sensor, found))
    return readings

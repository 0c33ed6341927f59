"""From when to when there are beliefs."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np

from fmhost.beliefs import Beliefs, save
from fmhost.beliefs.extent import extents
from fmhost.domain.arrays import duration64, moment64
from fmhost.model import Sensor, Source

HOUR = timedelta(hours=1)
DAY = 24 * HOUR
TEN = datetime(2026, 3, 1, 10, tzinfo=UTC)


def store(place: Any, sensor: Sensor, source: Source, *starts: datetime) -> None:
    column = np.array([moment64(start) for start in starts])
    zeros = np.zeros(len(column))
    save(place.session, sensor, Beliefs.of(column, duration64(0 * HOUR), source.id, zeros))


def test_the_first_event_and_the_end_of_the_last(place: Any) -> None:
    source = place.source()
    hours, moments, days, none = (
        place.sensor(HOUR),
        place.sensor(0 * HOUR),
        place.sensor(DAY, timezone="Europe/Amsterdam"),
        place.sensor(HOUR),
    )
    store(place, hours, source, TEN, TEN + 5 * HOUR)
    store(place, moments, source, TEN)
    # The day on which the clock goes forward has 23 hours.
    spring = datetime(2026, 3, 28, 23, tzinfo=UTC)
    store(place, days, source, spring)
    assert extents(place.session, [hours, moments, days, none]) == {
        hours.id: (TEN, TEN + 6 * HOUR),
        moments.id: (TEN, TEN),
        days.id: (spring, spring + 23 * HOUR),
    }
    assert extents(place.session, []) == {}


def test_the_last_event_may_end_with_the_calendar(place: Any) -> None:
    sensor = place.sensor(HOUR)
    last = datetime(9999, 12, 31, 23, 30, tzinfo=UTC)
    store(place, sensor, place.source(), last)
    assert extents(place.session, [sensor]) == {sensor.id: (last, datetime.max.replace(tzinfo=UTC))}

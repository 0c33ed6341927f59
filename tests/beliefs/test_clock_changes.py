"""Every clock change of 2020 to 2030 in thirteen zones: posting, reading, resampling, days."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import pytest

from fmhost.beliefs import Beliefs, Query, read, save, series
from fmhost.beliefs.inference import grid_of, infer_events
from fmhost.domain.arrays import to_datetime
from fmhost.domain.durations import Span

QUARTER, HOUR, DAY = timedelta(minutes=15), timedelta(hours=1), timedelta(days=1)
ZERO = np.timedelta64(0, "us")

#: With offsets of :30 and :45, changes of half an hour and of two hours, and at midnight.
ZONES = [
    "Africa/Casablanca",
    "America/Havana",
    "America/New_York",
    "America/Santiago",
    "America/St_Johns",
    "Antarctica/Troll",
    "Asia/Beirut",
    "Asia/Kathmandu",
    "Asia/Tehran",
    "Australia/Adelaide",
    "Australia/Lord_Howe",
    "Europe/Amsterdam",
    "Pacific/Chatham",
]
#: Kathmandu has no changes; its days are looked at around this moment.
ANY_MOMENT = datetime(2026, 3, 29, 1, tzinfo=UTC)


def local(moment: datetime, zone: ZoneInfo) -> datetime:
    return moment.astimezone(zone)


def changes(zone: ZoneInfo) -> Iterator[datetime]:
    """The first quarter of an hour after each change of the clock."""
    moment, end = datetime(2020, 1, 1, tzinfo=UTC), datetime(2031, 1, 1, tzinfo=UTC)
    while moment < end:
        following = moment + 6 * HOUR
        if local(moment, zone).utcoffset() != local(following, zone).utcoffset():
            while local(moment, zone).utcoffset() == local(moment + QUARTER, zone).utcoffset():
                moment += QUARTER
            yield moment + QUARTER
        moment = following


def quarters_around(change: datetime, zone: ZoneInfo) -> dict[date, list[datetime]]:
    """The quarters of the local day of a change, and of the days before and after it."""
    middle = local(change, zone).date()
    days: dict[date, list[datetime]] = {middle + n * DAY: [] for n in (-1, 0, 1)}
    moment = change - 3 * DAY
    while moment < change + 3 * DAY:
        if local(moment, zone).date() in days:
            days[local(moment, zone).date()].append(moment)
        moment += QUARTER
    return days


def moments(column: Any) -> list[datetime]:
    return [to_datetime(moment) for moment in column]


@pytest.mark.parametrize("zone_name", ZONES)
def test_values_around_a_clock_change(place: Any, zone_name: str) -> None:
    zone = ZoneInfo(zone_name)
    fine = place.sensor(timezone=zone_name)
    daily = place.sensor(DAY, timezone=zone_name)
    source = place.source()
    for change in list(changes(zone)) or [ANY_MOMENT]:
        days = quarters_around(change, zone)
        quarters = [quarter for day in days.values() for quarter in day]
        start, end = quarters[0], quarters[-1] + QUARTER
        begins = [day[0] for day in days.values()]
        numbers = [float(number) for number in range(len(quarters))]

        # Posting: a value for each quarter, a little late; one for each day.
        late = start + timedelta(minutes=7)
        posted = infer_events(numbers, late, Span(days=3).length_from(start, zone), grid_of(fine))
        assert moments(posted.event_start) == quarters
        for length in (Span(days=3).length_from(start, zone), 3 * DAY):
            of_days = infer_events([1.0, 2.0, 3.0], late, length, grid_of(daily))
            assert moments(of_days.event_start) == begins
        averaged = infer_events(numbers, start, end - start, grid_of(daily))
        means = [
            np.mean([n for n, q in zip(numbers, quarters, strict=True) if q in day])
            for day in days.values()
        ]
        assert moments(averaged.event_start) == begins
        assert averaged.event_value.tolist() == pytest.approx(means)

        # Reading them in the resolution of the sensor, of hours, and of days.
        for sensor, events in ((fine, posted), (daily, of_days)):
            beliefs = Beliefs.of(events.event_start, ZERO, source.id, events.event_value)
            assert save(place.session, sensor, beliefs).stored == len(beliefs)
        found = series(place.session, fine, start, end)
        assert found.values.tolist() == numbers
        found = series(place.session, fine, start, end, resolution=HOUR)
        full = len(numbers) // 4 * 4
        assert found.values.tolist() == np.reshape(numbers[:full], (-1, 4)).mean(axis=1).tolist()
        found = series(place.session, fine, start, end, resolution=Span(days=1))
        assert found.values.tolist() == pytest.approx(means)
        assert moments(found.window.ticks) == begins
        assert found.end.astimezone(UTC) == end

        # The events of days reach from midnight to midnight.
        assert series(place.session, daily, start, end).values.tolist() == [1.0, 2.0, 3.0]
        found = series(place.session, daily, start, end, resolution=QUARTER)
        by_day = [n + 1.0 for n, day in enumerate(days.values()) for _ in day]
        assert found.values.tolist() == by_day
        last_quarter = Query(sensor=daily, start=end - QUARTER, end=end)
        assert moments(read(place.session, last_quarter).event_start) == begins[-1:]
        amounts = series(place.session, daily, start, end, unit="kWh").values
        assert amounts.tolist() == pytest.approx(
            [(n + 1) * len(day) / 4 for n, day in enumerate(days.values())]
        )

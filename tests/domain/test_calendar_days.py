"""Days of the calendar, and steps between events."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np
import pytest

from fmhost.domain.arrays import Moments, moment64
from fmhost.domain.calendar_days import lengths_of, usual_step

AMSTERDAM = ZoneInfo("Europe/Amsterdam")
TEN = datetime(2026, 3, 1, 10, tzinfo=UTC)
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)


def of(*moments: datetime) -> Moments:
    return np.array([moment64(moment) for moment in moments])


def days(*numbers: int, month: int = 3) -> Moments:
    """Begins of local days."""
    return of(*(datetime(2026, month, day, tzinfo=AMSTERDAM) for day in numbers))


def test_the_usual_step_is_the_most_common_one() -> None:
    starts = [TEN + minutes * MINUTE for minutes in (180, 0, 15, 45, 30, 120, 0)]
    assert usual_step(of(*starts), AMSTERDAM) == 15 * MINUTE
    assert usual_step(of(TEN, TEN + HOUR, TEN + 3 * HOUR), AMSTERDAM) == HOUR
    assert usual_step(of(TEN, TEN), AMSTERDAM) is None


@pytest.mark.parametrize(
    ("starts", "step"),
    [
        (days(28, 29), DAY),
        (days(29, 30), DAY),  # it has 23 hours
        (days(25, 26, month=10), DAY),  # it has 25 hours
        (days(28, 29, 30, 31), DAY),
        (days(23, 30), 7 * DAY),
        (days(16, 23, 30), 7 * DAY),
        (of(TEN + 27 * DAY, TEN + 28 * DAY), DAY),
        (of(TEN + 27 * DAY, TEN + 28 * DAY - HOUR), DAY),
        (of(TEN + 28 * DAY, TEN + 29 * DAY - HOUR), 23 * HOUR),
        (of(TEN + 27.5 * DAY, TEN + 27.5 * DAY + 4 * HOUR), 4 * HOUR),
    ],
)
def test_days_on_the_clock_are_days(starts: Moments, step: timedelta) -> None:
    assert usual_step(starts, AMSTERDAM) == step
    assert usual_step(starts[::-1], AMSTERDAM) == step


def test_local_days_are_as_long_as_the_clock_says() -> None:
    hours = np.timedelta64(1, "h")
    assert (lengths_of(days(28, 29, 30), DAY, AMSTERDAM) / hours).tolist() == [24, 23, 24]
    assert (lengths_of(days(23, 30), 7 * DAY, AMSTERDAM) / hours).tolist() == [167, 168]
    assert (lengths_of(days(28, 29), HOUR, AMSTERDAM) / hours).tolist() == [1, 1]
    in_utc = of(TEN + 27 * DAY, TEN + 28 * DAY)
    assert (lengths_of(in_utc, DAY, AMSTERDAM) / hours).tolist() == [24, 24]

"""Steps, and periods that do not begin or end with them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fmhost_process.grid import Grid, Period

START = datetime(2026, 3, 2, tzinfo=UTC)
QUARTER = timedelta(minutes=15)
MINUTES = st.integers(-100, 400)


def minute(number):
    return START + timedelta(minutes=number)


@pytest.mark.parametrize(
    ("first", "last", "forbidden"),
    [
        (15, 45, [1, 2]),
        (16, 17, [1]),
        (14, 31, [0, 1, 2]),
        (15, 30.0001, [1, 2]),
        (-60, 5, [0]),
        (50, 600, [3]),
        (-60, 0, []),
        (60, 90, []),
        (-60, 600, [0, 1, 2, 3]),
        (20, 20, [1]),
    ],
)
def test_a_step_that_a_period_overlaps_is_not_free(first, last, forbidden):
    grid = Grid(START, QUARTER, 4)
    free = grid.free_of([Period(minute(first), minute(last))])
    assert np.flatnonzero(~free).tolist() == forbidden


@given(st.lists(st.tuples(MINUTES, st.integers(1, 200)), max_size=3))
def test_steps_are_free_where_no_minute_of_them_is_taken(spans):
    grid = Grid(START, QUARTER, 16)
    free = grid.free_of([Period(minute(start), minute(start + length)) for start, length in spans])
    taken = {number for start, length in spans for number in range(start, start + length)}
    expected = [taken.isdisjoint(range(15 * step, 15 * step + 15)) for step in range(16)]
    assert free.tolist() == expected


def test_only_whole_steps_lie_within():
    assert Grid.within(START, minute(59), QUARTER).steps == 3
    assert Grid.within(START, minute(60), QUARTER).steps == 4
    assert Grid.within(START, minute(14), QUARTER).steps == 0


@pytest.mark.parametrize(("month", "day", "hours"), [(3, 29, 23), (3, 30, 24), (10, 25, 25)])
def test_local_days_have_as_many_hours_as_the_clock_says(month, day, hours):
    zone = ZoneInfo("Europe/Amsterdam")
    start = datetime(2026, month, day, tzinfo=zone)
    grid = Grid.within(start, datetime(2026, month, day + 1, tzinfo=zone), timedelta(hours=1))
    assert grid.steps == hours
    assert grid.end == datetime(2026, month, day + 1, tzinfo=zone)


def test_a_step_begun_counts():
    grid = Grid(START, QUARTER, 4)
    lengths = [grid.steps_for(timedelta(minutes=number)) for number in (1, 15, 16, 30)]
    assert lengths == [1, 1, 2, 2]

"""Ticks of axes: round numbers and round moments."""

from __future__ import annotations

import math
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fmhost.domain.axes import decimals, nice_ticks, time_ticks

AMSTERDAM = ZoneInfo("Europe/Amsterdam")

numbers = st.floats(-1e6, 1e6, allow_nan=False)


@given(numbers, st.floats(1e-3, 1e6), st.integers(2, 8))
def test_ticks_enclose_what_is_shown(low: float, span: float, count: int) -> None:
    high = low + span
    ticks = nice_ticks(low, high, count=count)
    step = ticks[1] - ticks[0]
    assert ticks[0] <= low + 1e-6 * step
    assert high <= ticks[-1] + 1e-6 * step
    assert 2 <= len(ticks) <= 2 * count + 2


@pytest.mark.parametrize("low", [0.0, 1e6, -1e6, 5e-324])
def test_ticks_stay_apart_where_numbers_hardly_are(low: float) -> None:
    high = math.nextafter(low, math.inf)
    ticks = nice_ticks(low, high, count=4)
    assert ticks[0] <= low
    assert high <= ticks[-1]
    assert 2 <= len(ticks) <= 10


@pytest.mark.parametrize(
    ("ticks", "places"),
    [([0, 20, 40], 0), ([0, 2.5, 5], 1), ([0, 0.25], 2), ([0, 2.5e-7, 5e-7], 8), ([5], 0)],
)
def test_labels_have_the_decimals_that_tell_them_apart(ticks: list[float], places: int) -> None:
    assert decimals(ticks) == places
    assert len({f"{tick:.{places}f}" for tick in ticks}) == len(ticks)


def test_times_are_round_on_the_local_clock() -> None:
    start = datetime(2026, 3, 1, 23, tzinfo=UTC)
    ticks = time_ticks(start, start + timedelta(days=1), AMSTERDAM, at_most=5)
    assert [f"{tick:%H:%M}" for tick in ticks] == ["00:00", "06:00", "12:00", "18:00", "00:00"]


def test_times_stay_round_when_the_clock_changes() -> None:
    start = datetime(2026, 3, 28, 23, tzinfo=UTC)
    ticks = time_ticks(start, start + timedelta(hours=23), AMSTERDAM, at_most=5)
    assert [f"{tick:%H:%M}" for tick in ticks] == ["00:00", "06:00", "12:00", "18:00", "00:00"]


@given(st.integers(1, 3000), st.integers(2, 13))
def test_there_are_never_too_many_times(hours: int, at_most: int) -> None:
    start = datetime(2026, 3, 1, 23, 17, tzinfo=UTC)
    ticks = time_ticks(start, start + timedelta(hours=hours), AMSTERDAM, at_most=at_most)
    assert len(ticks) <= at_most + 1
    assert ticks == sorted(ticks)

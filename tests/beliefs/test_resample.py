"""Events on a grid."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from math import gcd
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fmhost.beliefs.resample import default_frequency, on_grid
from fmhost.domain.arrays import moment64
from fmhost.domain.durations import Span
from fmhost.domain.windows import Window

TEN = datetime(2026, 3, 1, 10, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
QUARTER = 15 * MINUTE
HOUR = 60 * MINUTE
NAN = float("nan")


def gridded(
    values: list[float],
    resolution: timedelta,
    window: Window,
    *,
    start: datetime = TEN,
    every: timedelta | None = None,
) -> list[float]:
    step = every or resolution
    first = start.astimezone(UTC)
    starts = np.array([moment64(first + i * step) for i in range(len(values))], dtype="M8[us]")
    return on_grid(starts, np.array(values, dtype=float), resolution, window).tolist()


def test_events_of_the_same_resolution_fall_into_their_steps() -> None:
    window = Window(TEN - QUARTER, TEN + HOUR, QUARTER)
    found = gridded([1, NAN, 3], QUARTER, window)
    np.testing.assert_array_equal(found, [NAN, 1, NAN, 3, NAN])


def test_of_finer_events_the_mean_counts_ignoring_missing_ones() -> None:
    window = Window(TEN, TEN + 3 * HOUR, HOUR)
    found = gridded([1, 2, 3, 4, 5, NAN, NAN, 7], QUARTER, window)
    np.testing.assert_array_equal(found, [2.5, 6, NAN])


def test_coarser_events_are_repeated() -> None:
    window = Window(TEN, TEN + 2 * HOUR, QUARTER)
    found = gridded([0.1, NAN], HOUR, window)
    np.testing.assert_array_equal(found, [0.1] * 4 + [NAN] * 4)


def test_neither_a_multiple_of_the_other_goes_through_the_common_divisor() -> None:
    window = Window(TEN, TEN + HOUR, 20 * MINUTE)
    found = gridded([1, 2, 3, 4], QUARTER, window)
    assert found == pytest.approx([1.25, 2.5, 3.75])


def test_events_that_overlap_the_edge_count_for_the_part_within() -> None:
    window = Window(TEN + 5 * MINUTE, TEN + 35 * MINUTE, QUARTER)
    assert gridded([1, 4, 7], QUARTER, window) == pytest.approx([2, 5])
    tail = Window(TEN + 5 * MINUTE, TEN + 20 * MINUTE, QUARTER)
    assert gridded([1], QUARTER, tail) == [1]


def test_moments_count_for_the_step_in_which_they_lie() -> None:
    window = Window(TEN, TEN + 20 * MINUTE, 5 * MINUTE)
    found = gridded([1, 2, 3, 4], timedelta(0), window, every=4 * MINUTE)
    np.testing.assert_array_equal(found, [1.5, 3, 4, NAN])
    before = gridded([1, 2, 3], timedelta(0), window, start=TEN - MINUTE, every=MINUTE)
    np.testing.assert_array_equal(before, [2.5, NAN, NAN, NAN])


def test_calendar_days_average_the_hours_that_they_have() -> None:
    zone = ZoneInfo("Europe/Amsterdam")
    start = datetime(2026, 3, 28, tzinfo=zone)
    window = Window(start, datetime(2026, 3, 30, tzinfo=zone), Span(days=1), zone)
    hours = gridded([1.0] * 24 + [2.0] * 23 + [9.0], HOUR, window, start=start)
    assert hours == [1, 2]


def test_an_empty_window_has_no_values() -> None:
    assert gridded([1], QUARTER, Window(TEN, TEN, QUARTER)) == []
    assert gridded([1], HOUR, Window(TEN, TEN + MINUTE, QUARTER)) == []


minutes = st.sampled_from([1, 2, 3, 5, 6, 10, 15, 20])


@given(
    st.lists(st.floats(-100, 100) | st.just(NAN), max_size=20),
    minutes,
    minutes,
    st.integers(-40, 40),
    st.integers(0, 90),
)
def test_resampling_equals_repeating_to_the_common_divisor_and_averaging(
    values: list[float], resolution: int, step: int, offset: int, length: int
) -> None:
    window = Window(TEN + offset * MINUTE, TEN + (offset + length) * MINUTE, step * MINUTE)
    divisor = gcd(gcd(resolution, step), offset)
    fine: dict[int, float] = {}
    for number, value in enumerate(values):
        for minute in range(number * resolution, (number + 1) * resolution, divisor):
            fine[minute] = value
    expected = []
    for begin in range(offset, offset + length // step * step, step):
        parts = [fine.get(minute, NAN) for minute in range(begin, begin + step, divisor)]
        known = [part for part in parts if not np.isnan(part)]
        expected.append(np.mean(known) if known else NAN)
    found = gridded(values, resolution * MINUTE, window)
    np.testing.assert_allclose(found, expected, rtol=1e-9, atol=1e-9)


@given(st.lists(st.floats(-1e6, 1e6) | st.just(NAN), min_size=1, max_size=20), st.integers(1, 6))
def test_repeating_and_averaging_again_gives_the_same(values: list[float], count: int) -> None:
    whole = Window(TEN, TEN + len(values) * HOUR, HOUR)
    fine = Window(TEN, TEN + len(values) * HOUR, HOUR / count)
    repeated = gridded(values, HOUR, fine)
    np.testing.assert_allclose(gridded(repeated, HOUR / count, whole), values, rtol=1e-12)


@pytest.mark.parametrize(
    ("length", "frequency"),
    [
        (timedelta(weeks=16, seconds=1), timedelta(days=7)),
        (timedelta(weeks=16), timedelta(days=1)),
        (timedelta(days=14), timedelta(hours=1)),
        (timedelta(hours=48), QUARTER),
        (timedelta(hours=8), 5 * MINUTE),
        (MINUTE, 5 * MINUTE),
    ],
)
def test_moments_are_shown_in_steps_that_befit_the_window(
    length: timedelta, frequency: timedelta
) -> None:
    assert default_frequency(length) == frequency

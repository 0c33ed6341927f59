"""Quantities on the grid of a schedule."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import numpy as np
import pytest

from fmhost_storage.grid import Grid
from fmhost_storage.quantities import Fixed, FromSensor, Segment, Segments
from fmhost_storage.series import (
    OffTick,
    Overlap,
    extended,
    level_before,
    off_tick,
    on_steps,
    on_ticks,
)

NAN = np.nan
QUARTER, HOUR = timedelta(minutes=15), timedelta(hours=1)
START = datetime(2026, 3, 2, 6, tzinfo=UTC)
GRID = Grid(START, HOUR, 4)


def after(minutes):
    return START + timedelta(minutes=minutes)


def segments(*parts):
    return Segments(tuple(Segment(after(a), after(b), value) for a, b, value in parts))


@pytest.mark.parametrize(
    ("length", "steps"), [(HOUR, 1), (HOUR * 4, 4), (HOUR * 1.5, 2), (timedelta(minutes=1), 1)]
)
def test_the_grid_covers_the_window_with_whole_steps(length, steps):
    assert Grid.covering(START, START + length, HOUR) == Grid(START, HOUR, steps)


def test_a_day_of_23_hours_has_23_hourly_steps():
    start = datetime.fromisoformat("2026-03-29T00:00:00+01:00")
    end = datetime.fromisoformat("2026-03-30T00:00:00+02:00")
    grid = Grid.covering(start, end, HOUR)
    assert grid.steps == 23
    assert grid.end == end


@pytest.mark.parametrize(
    ("parts", "overlap", "expected"),
    [
        ([(0, 120, 1)], Overlap.FIRST, [1, 1, NAN, NAN]),
        ([(-60, 60, 1), (60, 600, 2)], Overlap.FIRST, [1, 2, 2, 2]),
        ([(30, 90, 1)], Overlap.FIRST, [1, 1, NAN, NAN]),
        ([(60, 60, 1)], Overlap.FIRST, [NAN, 1, NAN, NAN]),
        ([(90, 90, 1)], Overlap.FIRST, [NAN, 1, NAN, NAN]),
        ([(0, 120, 1), (60, 180, 2)], Overlap.FIRST, [1, 1, 2, NAN]),
        ([(0, 120, 3), (60, 180, 2)], Overlap.LEAST, [3, 2, 2, NAN]),
        ([(0, 120, 3), (60, 180, 2)], Overlap.LARGEST, [3, 3, 2, NAN]),
        ([(-120, -60, 1), (240, 300, 2)], Overlap.FIRST, [NAN] * 4),
    ],
)
def test_segments_of_flows_count_for_the_steps_that_they_overlap(place, parts, overlap, expected):
    found = on_steps(segments(*parts), GRID, place.book, unit="MW", overlap=overlap)
    np.testing.assert_array_equal(found, expected)


@pytest.mark.parametrize(
    ("parts", "overlap", "from_next", "expected"),
    [
        ([(60, 60, 1)], Overlap.LARGEST, False, [NAN, 1, NAN, NAN, NAN]),
        ([(60, 120, 1)], Overlap.LARGEST, False, [NAN, 1, 1, NAN, NAN]),
        ([(240, 240, 1)], Overlap.LARGEST, False, [NAN, NAN, NAN, NAN, 1]),
        ([(90, 90, 1)], Overlap.LARGEST, False, [NAN, 1, 1, NAN, NAN]),
        ([(90, 90, 1)], Overlap.FIRST, True, [NAN, NAN, 1, NAN, NAN]),
        ([(60, 60, 1)], Overlap.FIRST, True, [NAN, 1, NAN, NAN, NAN]),
        ([(30, 90, 1)], Overlap.LARGEST, False, [1, 1, 1, NAN, NAN]),
        ([(30, 90, 1)], Overlap.FIRST, True, [NAN, 1, 1, NAN, NAN]),
        ([(0, 60, 1), (60, 120, 2)], Overlap.LARGEST, False, [1, 2, 2, NAN, NAN]),
        ([(0, 60, 1), (60, 120, 2)], Overlap.LEAST, False, [1, 1, 2, NAN, NAN]),
        ([(0, 60, 1), (60, 120, 2)], Overlap.FIRST, False, [1, 1, 2, NAN, NAN]),
        ([(-90, -30, 1)], Overlap.LARGEST, False, [1, NAN, NAN, NAN, NAN]),
        ([(-90, -60, 1)], Overlap.LARGEST, False, [NAN] * 5),
    ],
)
def test_segments_of_levels_count_at_ticks(place, parts, overlap, from_next, expected):
    found = on_ticks(segments(*parts), GRID, place.book, overlap=overlap, from_next=from_next)
    np.testing.assert_array_equal(found, expected)


def test_targets_between_ticks_are_told_apart():
    parts = segments((60, 60, 1), (75, 75, 2), (150, 240, 3), (-30, 60, 4), (250, 250, 5))
    assert off_tick(parts, GRID) == (OffTick(1, 0.25, 2), OffTick(2, 0.5, 3))
    assert off_tick(Fixed(1.0), GRID) == ()


def test_sensors_are_read_in_the_unit_wanted_with_filters_and_default(place):
    sensor = place.book.add(place.battery, "kW", HOUR)
    place.book.write(sensor, [100.0, 200.0, 300.0], source_id=1, source_type="user")
    place.book.write(sensor, [700.0], source_id=2, source_type="forecaster")

    def read(**filters):
        return on_steps(FromSensor(sensor, **filters), GRID, place.book, unit="MW")

    np.testing.assert_allclose(read(), [0.7, 0.2, 0.3, NAN])
    np.testing.assert_allclose(read(default=9.0), [0.7, 0.2, 0.3, 9.0])
    np.testing.assert_allclose(read(source_ids=(1,)), [0.1, 0.2, 0.3, NAN])
    np.testing.assert_allclose(read(source_types=("forecaster",)), [0.7, NAN, NAN, NAN])
    np.testing.assert_allclose(read(exclude_source_types=("forecaster",)), [0.1, 0.2, 0.3, NAN])
    place.book.write(sensor, [500.0], account_id=2)
    np.testing.assert_allclose(read(source_account_ids=(1,)), [0.7, 0.2, 0.3, NAN])
    np.testing.assert_allclose(read(source_account_ids=(2,)), [0.5, NAN, NAN, NAN])


def test_levels_of_events_hold_at_both_of_their_ends(place):
    sensor = place.book.write(place.book.add(place.battery, "kWh", HOUR), [1000.0, 2000.0])
    found = on_ticks(FromSensor(sensor), GRID, place.book, overlap=Overlap.LARGEST)
    np.testing.assert_allclose(found, [1, 2, 2, NAN, NAN])
    found = on_ticks(FromSensor(sensor), GRID, place.book, overlap=Overlap.LEAST)
    np.testing.assert_allclose(found, [1, 1, 2, NAN, NAN])


def test_levels_of_events_after_the_end_do_not_count(place):
    sensor = place.book.add(place.battery, "MWh", HOUR)
    place.book.write(sensor, [5.0], start=GRID.end)
    found = on_ticks(FromSensor(sensor), GRID, place.book, overlap=Overlap.LARGEST)
    np.testing.assert_array_equal(found, [NAN] * 5)


def test_levels_of_moments_hold_at_their_tick(place):
    sensor = place.book.add(place.battery, "MWh", timedelta(0))
    place.book.write(sensor, [5.0], start=GRID.end)
    place.book.write(sensor, [3.0], start=after(60))
    found = on_ticks(FromSensor(sensor), GRID, place.book, overlap=Overlap.LARGEST)
    np.testing.assert_array_equal(found, [NAN, 3, NAN, NAN, 5])


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ([1, 2], [1, 2]),
        ([NAN, 2, NAN, NAN, 5, NAN], [2, 2, 2, 2, 5, 5]),
        ([NAN, NAN], [NAN, NAN]),
    ],
)
def test_gaps_take_the_last_known_value_or_else_the_first(values, expected):
    np.testing.assert_array_equal(extended(np.array(values, float)), expected)


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ([(0, 500.0)], 0.5),
        ([(-10, 300.0), (0, 500.0)], 0.5),
        ([(-50, 200.0), (-10, 300.0), (15, 900.0)], 0.3),
        ([(-60, 200.0)], 0.2),
        ([(-61, 200.0)], None),
        ([(1, 900.0)], None),
        ([], None),
    ],
)
def test_the_level_at_the_start_or_the_latest_one_before(place, written, expected):
    sensor = place.book.add(place.battery, "kWh", timedelta(0))
    for minutes, value in written:
        place.book.write(sensor, [value], start=after(minutes))
    found = level_before(FromSensor(sensor), place.book, START, HOUR, full=2.0)
    assert found == (expected if expected is None else pytest.approx(expected))


def test_a_level_in_percent_is_a_share_of_the_full_storage(place):
    sensor = place.book.add(place.battery, "%", timedelta(0))
    place.book.write(sensor, [40.0], start=after(-5))
    assert level_before(FromSensor(sensor), place.book, START, HOUR, 2.0) == pytest.approx(0.8)


def test_the_level_of_segments_is_that_which_holds_at_the_start_or_ended_last(place):
    parts = segments((-50, -40, 1), (-30, 30, 2), (-90, -70, 3), (10, 20, 4))
    assert level_before(parts, place.book, START, HOUR, 2.0) == 2
    assert level_before(segments((-90, -61, 3)), place.book, START, HOUR, 2.0) is None

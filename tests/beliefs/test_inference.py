"""From posted values to events."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fmhost.beliefs.inference import EventGrid, Events, grid_of, infer_events, parse_frequency
from fmhost.domain.arrays import to_datetime
from fmhost.errors import InvalidInput
from fmhost.model import Asset, Sensor

UTC_ZONE = ZoneInfo("UTC")
TEN = datetime(2026, 3, 1, 10, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
QUARTER = 15 * MINUTE
HOUR = 60 * MINUTE
QUARTERS = EventGrid(QUARTER, UTC_ZONE)
MOMENTS = EventGrid(timedelta(0), UTC_ZONE)


def listed(events: Events) -> dict[str, float]:
    times = [f"{to_datetime(start):%H:%M:%S}".removesuffix(":00") for start in events.event_start]
    return dict(zip(times, events.event_value.tolist(), strict=True))


def test_four_values_over_an_hour_are_four_quarters() -> None:
    events = infer_events([1, 2, 3, 4], TEN, HOUR, QUARTERS)
    assert listed(events) == {"10:00": 1, "10:15": 2, "10:30": 3, "10:45": 4}
    assert events.resolution == QUARTER


def test_values_of_a_coarser_resolution_are_repeated() -> None:
    events = infer_events([3, 5], TEN, HOUR, QUARTERS)
    assert listed(events) == {"10:00": 3, "10:15": 3, "10:30": 5, "10:45": 5}
    assert events.resolution == 2 * QUARTER
    assert listed(infer_events(7, TEN, HOUR / 2, QUARTERS)) == {"10:00": 7, "10:15": 7}


def test_of_values_of_a_finer_resolution_the_mean_counts() -> None:
    events = infer_events([1, 2, 3, 5, None, 7, None, None, None], TEN, 45 * MINUTE, QUARTERS)
    assert listed(events) == {"10:00": 2, "10:15": 6}
    assert events.resolution == 5 * MINUTE


def test_finer_values_that_begin_within_an_event_count_for_that_event() -> None:
    events = infer_events([1, 2, 3], TEN + 10 * MINUTE, QUARTER, QUARTERS)
    assert listed(events) == {"10:00": 1, "10:15": 2.5}


@pytest.mark.parametrize(("count", "text"), [(3, "0:20:00"), (5, "0:12:00"), (7, "0:08:34.285714")])
def test_a_resolution_that_does_not_fit_is_refused(count: int, text: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        infer_events([1.0] * count, TEN, HOUR, QUARTERS)
    assert refused.value.message == (
        f"Resolution of {text} is incompatible with the sensor's required resolution of 0:15:00."
    )


def test_several_values_at_one_moment_are_refused() -> None:
    for grid in (MOMENTS, QUARTERS):
        with pytest.raises(InvalidInput) as refused:
            infer_events([1, 2], TEN, timedelta(0), grid)
        assert refused.value.message == "Cannot save multiple instantaneous values that overlap."


def test_one_value_without_duration_is_a_moment_and_nothing_else() -> None:
    assert listed(infer_events([4], TEN, timedelta(0), MOMENTS)) == {"10:00": 4}
    with pytest.raises(InvalidInput) as refused:
        infer_events([4], TEN, timedelta(0), QUARTERS)
    assert refused.value.message == (
        "Cannot infer a non-zero resolution from one value over zero duration. "
        "This sensor requires a resolution of 0:15:00."
    )


def test_moments_lie_one_resolution_apart_whatever_it_is() -> None:
    events = infer_events([1, None, 3], TEN + MINUTE, 21 * MINUTE, MOMENTS)
    assert listed(events) == {"10:01": 1, "10:15": 3}


def test_moments_are_rounded_to_a_frequency_where_the_sensor_has_one() -> None:
    grid = EventGrid(timedelta(0), UTC_ZONE, frequency=QUARTER)
    assert listed(infer_events([1], TEN + 8 * MINUTE, timedelta(0), grid)) == {"10:15": 1}


def test_a_start_off_the_clock_is_floored_unless_the_sensor_forbids_it() -> None:
    start = TEN + timedelta(minutes=5, seconds=7)
    assert listed(infer_events([1], start, HOUR / 2, QUARTERS)) == {"10:00": 1, "10:15": 1}
    grid = EventGrid(QUARTER, UTC_ZONE, floored=False)
    assert listed(infer_events([1], start, HOUR / 2, grid)) == {"10:05:07": 1, "10:20:07": 1}
    averaged = infer_events([1, 3, 5, 7], start, HOUR / 3, grid)
    assert listed(averaged) == {"10:05:07": 3, "10:20:07": 7}


def test_hours_begin_on_the_clock_of_the_sensors_zone() -> None:
    grid = EventGrid(HOUR, ZoneInfo("Asia/Kathmandu"))
    # 10:07 UTC is 15:52 in Kathmandu.
    assert listed(infer_events([1], TEN + 7 * MINUTE, HOUR, grid)) == {"09:15": 1}


def test_missing_values_are_left_out() -> None:
    assert listed(infer_events([None, 2.0, float("nan")], TEN, 45 * MINUTE, QUARTERS)) == {
        "10:15": 2
    }
    assert len(infer_events([None], TEN, QUARTER, QUARTERS).event_start) == 0


@pytest.mark.parametrize(
    ("values", "duration", "field"),
    [([], HOUR, "values"), ([1], -HOUR, "duration"), ([[1, 2], [3, 4]], HOUR, "values")],
)
def test_impossible_messages_are_refused(
    values: list[float], duration: timedelta, field: str
) -> None:
    with pytest.raises(InvalidInput) as refused:
        infer_events(values, TEN, duration, QUARTERS)
    assert refused.value.field == field


@given(st.lists(st.floats(-1e6, 1e6), min_size=1, max_size=50), st.sampled_from([1, 5, 15, 45, 60]))
def test_repeating_and_averaging_keep_the_mean_of_whole_events(
    values: list[float], minutes: int
) -> None:
    values = values[: len(values) // 3 * 3] or [values[0]] * 3
    if minutes == 1:
        values = values * 5
    duration = len(values) * minutes * MINUTE
    events = infer_events(values, TEN, duration, QUARTERS)
    assert events.event_value.mean() == pytest.approx(np.mean(values), abs=1e-6)


def test_the_grid_of_a_sensor_comes_from_its_columns_and_attributes() -> None:
    sensor = Sensor(
        event_resolution=QUARTER,
        timezone="Asia/Kolkata",
        attributes={"floor_datetimes_to_resolution": False, "frequency": "PT5M"},
        generic_asset=Asset(name="asset"),
    )
    grid = grid_of(sensor)
    assert grid == EventGrid(QUARTER, ZoneInfo("Asia/Kolkata"), False, 5 * MINUTE)
    plain = grid_of(Sensor(event_resolution=HOUR, generic_asset=Asset(name="asset")))
    assert plain == EventGrid(HOUR, UTC_ZONE)


@pytest.mark.parametrize(
    ("text", "minutes"),
    [("PT15M", 15), ("15min", 15), ("h", 60), ("2H", 120), ("1D", 1440), ("5T", 5), ("1W", 10080)],
)
def test_frequencies_are_read(text: str, minutes: int) -> None:
    assert parse_frequency(text) == minutes * MINUTE


@pytest.mark.parametrize("text", ["often", "PT0H", "0min", "-PT5M", "5 apples"])
def test_other_frequencies_are_refused(text: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        parse_frequency(text)
    assert refused.value.field in ("frequency", "duration")

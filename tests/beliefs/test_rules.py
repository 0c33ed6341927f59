"""The rules of posting and querying, from values in a message to values in an answer."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
import pytest

from fmhost.beliefs import Beliefs, Saved, save, series
from fmhost.beliefs.inference import grid_of, infer_events
from fmhost.beliefs.timing import horizons, knowledge_of
from fmhost.domain import units
from fmhost.errors import InvalidInput, ReplacementNotAllowed, UnitMismatch
from fmhost.model import Sensor, Source

TEN = datetime(2026, 3, 1, 10, tzinfo=UTC)
NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)
NAN = float("nan")


def post(
    place: Any,
    sensor: Sensor,
    source: Source,
    values: list[float | None] | float,
    *,
    unit: str = "kW",
    now: datetime = NOON,
    **timing: Any,
) -> Saved:
    """What a message with values over one hour does, in the order of the rules."""
    events = infer_events(values, TEN, HOUR, grid_of(sensor))
    converted = units.convert(
        events.event_value, unit, sensor.unit, event_resolution=events.resolution
    )
    times = horizons(knowledge_of(sensor, events.event_start), now=now, **timing)
    batch = Beliefs.of(events.event_start, times, source.id, converted)
    return save(place.session, sensor, batch)


def get(place: Any, sensor: Sensor, **options: Any) -> list[float]:
    found = series(place.session, sensor, TEN, TEN + HOUR, **options)
    return [float(value) for value in found.values]


def test_1_four_values_over_an_hour_are_four_beliefs(place: Any) -> None:
    sensor = place.sensor()
    assert post(place, sensor, place.source(), [1, 2, 3, 4]) == Saved(stored=4)
    assert get(place, sensor) == [1, 2, 3, 4]


def test_2_the_identical_message_stores_nothing(place: Any) -> None:
    sensor, source = place.sensor(), place.source()
    post(place, sensor, source, [1, 2, 3, 4])
    assert post(place, sensor, source, [1, 2, 3, 4]) == Saved(unchanged=4)
    assert post(place, sensor, source, [1, 2, 3, 4], now=NOON + HOUR) == Saved(unchanged=4)


def test_3_and_4_a_new_value_counts_from_its_belief_time_on(place: Any) -> None:
    sensor, source = place.sensor(), place.source()
    post(place, sensor, source, [1, 2, 3, 4])
    assert post(place, sensor, source, [1, 2, 3, 5], now=NOON + HOUR) == Saved(1, 3)
    assert get(place, sensor) == [1, 2, 3, 5]
    assert get(place, sensor, prior=NOON + HOUR / 2) == [1, 2, 3, 4]
    np.testing.assert_array_equal(get(place, sensor, prior=NOON - HOUR / 2), [NAN] * 4)


def test_5_the_same_key_with_another_value_is_refused(place: Any) -> None:
    sensor, source = place.sensor(), place.source()
    post(place, sensor, source, [1, 2, 3, 4])
    with pytest.raises(ReplacementNotAllowed):
        post(place, sensor, source, [1, 2, 3, 5])
    assert get(place, sensor) == [1, 2, 3, 4]


def test_6_energy_becomes_power_by_the_resolution_of_the_data(place: Any) -> None:
    sensor = place.sensor()
    post(place, sensor, place.source(), [2, 2, 2, 2], unit="kWh")
    assert get(place, sensor) == [8, 8, 8, 8]


def test_7_one_value_over_an_hour_is_repeated(place: Any) -> None:
    sensor, source = place.sensor(), place.source()
    post(place, sensor, source, 3)
    assert get(place, sensor) == [3, 3, 3, 3]
    post(place, sensor, source, 1, unit="kWh", now=NOON + HOUR)
    assert get(place, sensor) == [1, 1, 1, 1]


def test_8_three_values_over_an_hour_do_not_fit(place: Any) -> None:
    with pytest.raises(InvalidInput, match=r"Resolution of 0:20:00 .* resolution of 0:15:00\."):
        post(place, place.sensor(), place.source(), [1, 2, 3])


def test_9_missing_values_are_not_stored_and_replace_nothing(place: Any) -> None:
    sensor, source = place.sensor(), place.source()
    assert post(place, sensor, source, [1, None, 3, 4]) == Saved(stored=3)
    np.testing.assert_array_equal(get(place, sensor), [1, NAN, 3, 4])
    post(place, sensor, source, [None, 2, None, None], now=NOON + HOUR)
    assert get(place, sensor) == [1, 2, 3, 4]


def test_10_an_hour_of_quarters_is_their_mean(place: Any) -> None:
    sensor = place.sensor()
    post(place, sensor, place.source(), [1, 2, 3, 5])
    assert get(place, sensor, resolution=HOUR) == [2.75]


def test_11_a_unit_of_something_else_is_refused(place: Any) -> None:
    with pytest.raises(UnitMismatch):
        get(place, place.sensor(), unit="EUR")


def test_12_a_horizon_selects_beliefs_that_were_formed_early(place: Any) -> None:
    sensor, source = place.sensor(), place.source()
    day = timedelta(hours=24)
    post(place, sensor, source, [1, 1, 1, 1], horizon=day)
    post(place, sensor, source, [2, 2, 2, 2], horizon=day - timedelta(minutes=1))
    assert get(place, sensor) == [2, 2, 2, 2]
    assert get(place, sensor, horizon=day) == [1, 1, 1, 1]


def test_of_prior_and_horizon_the_earlier_counts(place: Any) -> None:
    sensor, source = place.sensor(), place.source()
    post(place, sensor, source, [1, 1, 1, 1], prior=TEN, horizon=HOUR)
    # An hour before each event ended is before 10:00 for the first three of them.
    np.testing.assert_array_equal(get(place, sensor, prior=TEN - HOUR / 4), [1, 1, 1, NAN])
    np.testing.assert_array_equal(get(place, sensor, prior=TEN - HOUR / 2), [1, 1, NAN, NAN])
    assert get(place, sensor, prior=TEN) == [1, 1, 1, 1]

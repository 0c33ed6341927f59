"""One value a step."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import pytest

from fmhost.beliefs import Beliefs, save, series
from fmhost.domain.arrays import duration64, moment64
from fmhost.domain.durations import Span
from fmhost.errors import InvalidInput, UnitMismatch
from fmhost.model import Sensor, Source

TEN = datetime(2026, 3, 1, 10, tzinfo=UTC)
QUARTER = timedelta(minutes=15)
HOUR = 4 * QUARTER
NAN = float("nan")


def store(place: Any, sensor: Sensor, values: list[float], **options: Any) -> Source:
    source: Source = options.get("source") or place.source(f"source of {sensor.name}")
    step = duration64(sensor.event_resolution or QUARTER)
    starts = moment64(options.get("start", TEN)) + np.arange(len(values)) * step
    horizon = duration64(options.get("horizon", timedelta(0)))
    save(place.session, sensor, Beliefs.of(starts, horizon, source.id, np.array(values)))
    return source


def listed(place: Any, sensor: Sensor, hours: float = 1, **options: Any) -> list[float]:
    start = options.pop("start", TEN)
    found = series(place.session, sensor, start, start + hours * HOUR, **options)
    return [float(value) for value in found.values]


def test_one_value_for_each_step_and_nan_where_nothing_is_known(place: Any) -> None:
    sensor = place.sensor()
    store(place, sensor, [1, NAN, 3])
    found = series(place.session, sensor, TEN, TEN + HOUR)
    np.testing.assert_array_equal(found.values, [1, NAN, 3, NAN])
    assert (found.start, found.end) == (TEN, TEN + HOUR)
    assert (found.resolution, found.unit) == (QUARTER, "kW")
    assert found.window.ticks[-1] == moment64(TEN + 3 * QUARTER)


def test_an_incomplete_last_step_does_not_count(place: Any) -> None:
    sensor = place.sensor()
    store(place, sensor, [1, 2, 3, 4])
    assert listed(place, sensor, 0.7) == [1, 2]


def test_other_resolutions_and_units(place: Any) -> None:
    sensor = place.sensor()
    store(place, sensor, [1, 2, 3, 4, 5, NAN, NAN, NAN])
    assert listed(place, sensor, 2, resolution=HOUR, unit="W") == [2500, 5000]
    assert listed(place, sensor, 0.5, resolution=timedelta(minutes=5)) == [1, 1, 1, 2, 2, 2]
    with pytest.raises(UnitMismatch):
        listed(place, sensor, unit="EUR")


def test_power_becomes_the_energy_of_a_step_and_energy_the_power_of_its_event(place: Any) -> None:
    power, energy = place.sensor(), place.sensor(unit="kWh")
    store(place, power, [4, 4, 8, 8])
    store(place, energy, [1, 1, 2, 2])
    assert listed(place, power, unit="kWh") == [1, 1, 2, 2]
    assert listed(place, power, unit="kWh", resolution=HOUR) == [6]
    assert listed(place, energy, unit="kW") == [4, 4, 8, 8]
    assert listed(place, energy, unit="kW", resolution=HOUR) == [6]
    assert listed(place, power, 24, unit="kWh", resolution=Span(days=1)) == [144]
    assert listed(place, power, unit="kWh", resolution=Span(time=HOUR)) == [6]


def test_energy_of_moments_cannot_become_power(place: Any) -> None:
    sensor = place.sensor(timedelta(0), "kWh")
    with pytest.raises(UnitMismatch, match="events of a known length"):
        listed(place, sensor, unit="kW")


def test_the_most_recent_belief_counts_whoever_formed_it(place: Any) -> None:
    sensor = place.sensor()
    forecaster = store(
        place, sensor, [9, 9, 9, 9], horizon=HOUR, source=place.source("f", "forecaster")
    )
    store(place, sensor, [1, 2], source=place.source("meter"))
    assert listed(place, sensor) == [1, 2, 9, 9]
    assert listed(place, sensor, prior=TEN + QUARTER) == [1, 9, 9, 9]
    assert listed(place, sensor, horizon=HOUR) == [9, 9, 9, 9]
    assert listed(place, sensor, source_ids=[forecaster.id]) == [9, 9, 9, 9]
    found = listed(place, sensor, exclude_source_types=["forecaster"])
    np.testing.assert_array_equal(found, [1, 2, NAN, NAN])


def test_a_probabilistic_belief_counts_as_its_median(place: Any) -> None:
    sensor, source = place.sensor(), place.source()
    starts = np.full(3, moment64(TEN))
    quantiles = Beliefs.of(
        starts, duration64(HOUR), source.id, np.array([1.0, 3, 9]), np.array([0.25, 0.75, 0.9])
    )
    save(place.session, sensor, quantiles)
    assert listed(place, sensor, 0.25) == [2]


def test_moments_come_in_steps_that_befit_the_window(place: Any) -> None:
    sensor = place.sensor(timedelta(0), "°C")
    store(place, sensor, [20, 21])
    found = series(place.session, sensor, TEN, TEN + QUARTER, unit="K")
    assert found.resolution == timedelta(minutes=5)
    np.testing.assert_array_equal(found.values, [293.15, NAN, NAN])
    assert listed(place, sensor, resolution=HOUR) == [20.5]
    assert series(place.session, sensor, TEN, TEN + 9 * HOUR).resolution == QUARTER


def test_local_days_have_23_to_25_hours(place: Any) -> None:
    zone = ZoneInfo("Europe/Amsterdam")
    sensor = place.sensor(HOUR, timezone=zone.key)
    start = datetime(2026, 10, 25, tzinfo=zone)
    store(place, sensor, [1.0] * 25 + [2.0] * 24, start=start)
    end = datetime(2026, 10, 27, tzinfo=zone)
    found = series(place.session, sensor, start, end, resolution=Span(days=1))
    assert found.values.tolist() == [1, 2]
    assert found.end == end
    assert len(series(place.session, sensor, start, end).values) == 49


def test_impossible_windows_are_refused(place: Any) -> None:
    sensor = place.sensor()
    for start, end in ((TEN, TEN - HOUR), (TEN, datetime(2026, 3, 2)), (datetime(2026, 3, 1), TEN)):
        with pytest.raises(InvalidInput):
            series(place.session, sensor, start, end)
    with pytest.raises(InvalidInput, match="longer than zero"):
        series(place.session, sensor, TEN, TEN + HOUR, resolution=timedelta(0))

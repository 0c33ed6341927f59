"""Requests of every kind, from JSON and stored series to results: what they say is kept.

Windows begin around changes of the clock, steps last 5 minutes to an hour, the state of charge is
known in % or kWh, fresh or stale, and prices have gaps.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from fmhost.plugin import InvalidInput

HOUR, ZERO = timedelta(hours=1), timedelta(0)
#: The night before summer time, the night before winter time, and an ordinary evening.
STARTS = ("2026-03-28T18:00:00+01:00", "2026-10-24T18:00:00+02:00", "2026-06-01T18:00:00+02:00")
CAPACITY, FULL = 0.5, 2.0
PRICES = [50.0, 20.0, 30.0, 80.0, -5.0, 40.0]

requests = settings(
    max_examples=60,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


def prices_of(place: Any, start: datetime, hours: int, known: int, first: int) -> np.ndarray:
    """Write prices for some hours of the window; those of all hours, with gaps filled."""
    place.book.records.clear()
    values = [PRICES[hour % len(PRICES)] for hour in range(first, first + known)]
    place.book.write(place.prices, values, start=start + first * HOUR)
    told = {first + number: value for number, value in enumerate(values)}
    return np.array(
        [told[max((k for k in told if k <= hour), default=first)] for hour in range(hours)]
    )


@requests
@given(
    start=st.sampled_from(STARTS).map(datetime.fromisoformat),
    minutes=st.sampled_from([5, 10, 15, 30, 60]),
    hours=st.sampled_from([1, 7, 12]),
    unit=st.sampled_from(["%", "kWh", "MWh"]),
    level=st.integers(0, 20).map(lambda share: share / 20),
    age=st.sampled_from([0, 30, 90]),
    known=st.integers(1, 12),
    first=st.integers(0, 3),
    efficiency=st.sampled_from([1.0, 0.81]),
)
def test_what_a_request_asks_for_is_kept(
    place: Any,
    start: datetime,
    minutes: int,
    hours: int,
    unit: str,
    level: float,
    age: int,
    known: int,
    first: int,
    efficiency: float,
) -> None:
    first = min(first, hours - 1)
    known = min(known, hours - first)
    prices = prices_of(place, start, hours, known, first)
    sensor = place.book.add(place.battery, unit, ZERO)
    size = {"%": 100.0, "kWh": FULL * 1000, "MWh": FULL}[unit]
    place.book.write(sensor, [level * size], start=start - timedelta(minutes=age))
    step = timedelta(minutes=minutes)
    made = place.scheduler(
        {
            "state-of-charge": {"sensor": sensor.id},
            "soc-min": 0,
            "soc-max": FULL,
            "roundtrip-efficiency": efficiency,
        },
        start=start,
        hours=hours,
        resolution=step,
    )
    power, soc = made.compute()
    steps = hours * 60 // minutes
    assert power.values.shape == (steps,)
    assert power.start + steps * step == start + hours * HOUR
    # Older than four events of the power sensor (15 minutes each), it is not what is in stock now.
    stale = age > 60
    energy = 0.0 if stale else level * FULL
    assert any("storage is taken to be empty" in told for told in made.info["assumed"]) == stale
    gaps = (hours - known) * 60 // minutes
    told = [each for each in made.info["assumed"] if each.startswith("consumption-price")]
    assert len(told) == (gaps > 0)
    assert all(f"no value for {gaps} of {steps} steps" in each for each in told)
    unscaled = soc.values * (FULL if unit == "%" else 1.0)
    assert unscaled[0] == pytest.approx(energy, abs=1e-12)
    one_way, length = efficiency**0.5, minutes / 60
    for now, after in zip(power.values, unscaled[1:], strict=True):
        assert abs(now) <= CAPACITY
        energy += length * (now * one_way if now > 0 else now / one_way)
        assert after == pytest.approx(energy, abs=1e-9)  # MWh: 1e-6 kWh
        assert -1e-9 <= after <= FULL + 1e-9
    paid = float(power.values @ np.repeat(prices, 60 // minutes)) * length
    assert made.info["cost"] == pytest.approx(paid, abs=1e-9)


@pytest.mark.parametrize("hours", [0, -1])
def test_a_window_without_length_is_refused(place: Any, hours: int) -> None:
    with pytest.raises(InvalidInput) as caught:
        place.scheduler({"soc-at-start": 0}, hours=hours)
    assert caught.value.field == "duration"


def test_a_window_shorter_than_a_step_has_one_step(place: Any) -> None:
    (result,) = place.scheduler({"soc-at-start": 1}, hours=0.1).compute()
    assert result.values.shape == (1,)


def test_a_window_of_a_week_in_five_minutes(place: Any) -> None:
    start = datetime.fromisoformat("2026-10-24T00:00:00+02:00")
    place.book.records.clear()
    place.book.write(place.prices, [float(hour % 24) for hour in range(7 * 24)], start=start)
    made = place.scheduler(
        {"soc-at-start": 0}, start=start, hours=7 * 24, resolution=timedelta(minutes=5)
    )
    (result,) = made.compute()
    # Each day it buys from 0 to 3 EUR/MWh, and sells from 20 to 23.
    assert result.values.shape == (7 * 288,)
    assert made.info["cost"] == pytest.approx(-7 * 0.5 * (23 + 22 + 21 + 20 - 6))

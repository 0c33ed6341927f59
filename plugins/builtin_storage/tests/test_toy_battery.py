"""The tutorial's battery: 0.5 MW, 0.05-0.45 MWh, half full, 90 % round trip, 07:00-19:00+01:00."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone

import numpy as np
import pytest

from fmhost_storage.problem import Devices, Problem, Site, Storage
from fmhost_storage.solution import Rung
from fmhost_storage.solve import solve
from fmhost_storage.solvers.highs import HighsSolver

# 06:00 to 18:00 UTC, EUR/MWh
HOURLY = [10.5, 9, 9.5, 9, 8.5, 10, 8, 5, 4, 4, 5.5, 8]
PRICES = np.repeat(HOURLY, 4)
HOURS = 0.25
EFFICIENCY = 0.9**0.5
START, FLOOR, CEILING, CAPACITY = 0.225, 0.05, 0.45, 0.5


@pytest.fixture
def toy() -> Problem:
    battery = Storage(
        CAPACITY,
        CAPACITY,
        soc_at_start=START,
        charging_efficiency=EFFICIENCY,
        discharging_efficiency=EFFICIENCY,
        soc_min=FLOOR,
        soc_max=CEILING,
        name="toy-battery",
    )
    steps = len(PRICES)
    return Problem(
        np.full(steps, HOURS),
        Devices.stack([battery], steps),
        Site.constant(steps, consumption_price=PRICES),
        start=datetime(2026, 3, 4, 7, tzinfo=timezone(timedelta(hours=1))),
    )


def least_cost() -> float:
    """The optimum by a value function over the SoC, convex and piecewise linear [EUR].

    A step adds the segments of what discharging earns and charging costs (an infimal convolution
    of convex functions merges their slopes in order), then cuts the function back to the limits.
    """
    up, down = HOURS * CAPACITY * EFFICIENCY, HOURS * CAPACITY / EFFICIENCY
    value, segments = 0.0, [(0.0, CEILING - FLOOR)]
    for price in reversed(PRICES):
        value += price / EFFICIENCY * up
        segments = sorted([*segments, (-price / EFFICIENCY, up), (-price * EFFICIENCY, down)])
        at_floor = _value_after(value, segments, up)
        segments = _between(segments, up, up + CEILING - FLOOR)
        value = at_floor
    return _value_after(value, segments, START - FLOOR)


def _value_after(value: float, segments: list[tuple[float, float]], distance: float) -> float:
    for slope, length in segments:
        value += slope * min(length, distance)
        distance -= min(length, distance)
    return value


def _between(
    segments: list[tuple[float, float]], first: float, last: float
) -> list[tuple[float, float]]:
    kept, reached = [], 0.0
    for slope, length in segments:
        overlap = min(reached + length, last) - max(reached, first)
        if overlap > 0:
            kept.append((slope, overlap))
        reached += length
    return kept


def test_cost_is_the_independent_optimum(toy: Problem) -> None:
    solution = solve(toy, HighsSolver())
    assert solution.total_cost == pytest.approx(least_cost(), abs=1e-9)
    assert solution.total_cost < -2.5
    assert solution.rung is Rung.LINEAR


def test_buys_in_the_cheapest_hours_and_sells_in_the_dearest(toy: Problem) -> None:
    energy = (solve(toy, HighsSolver()).power[0] * HOURS).reshape(-1, 4).sum(axis=1)
    assert energy[0] < 0  # 10.5 EUR/MWh, the dearest
    assert energy[[8, 9]].sum() == pytest.approx((CEILING - FLOOR) / EFFICIENCY)
    assert energy[11] == pytest.approx(-(CEILING - FLOOR) * EFFICIENCY)
    assert np.all(energy[6:8] <= 0)


def test_among_hours_of_equal_price_it_charges_in_the_first(toy: Problem) -> None:
    solution = solve(toy, HighsSolver())
    np.testing.assert_allclose(solution.power[0, 32:35], [0.5, 0.5, 0.5])
    assert solution.soc[0, 36] == pytest.approx(CEILING)
    assert np.all(solution.power[0, 36:40] == 0)


def test_state_of_charge_stays_within_limits(toy: Problem) -> None:
    solution = solve(toy, HighsSolver())
    assert solution.soc[0, 0] == START
    assert solution.soc[0].min() >= FLOOR - 1e-9
    assert solution.soc[0].max() <= CEILING + 1e-9

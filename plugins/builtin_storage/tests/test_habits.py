"""Wear, ramps, operation modes and calm: what devices do from one step, or plan, to the next."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import product

import numpy as np
import pytest

from fmhost.plugin import InfeasibleProblem
from fmhost_storage.warm import Memory

START = datetime(2026, 3, 2, 6, tzinfo=UTC)
QUARTER = timedelta(minutes=15)
PRICES = [50.0, 20.0, 30.0, 80.0]
HALF_FULL = {"soc-at-start": "500 kWh"}


def hourly(values):
    return values.reshape(-1, 4).mean(axis=1)


def run(place, flex_model, context=None, **options):
    given = {"consumption-price": {"sensor": place.prices.id}, **(context or {})}
    made = place.scheduler({**HALF_FULL, **flex_model}, given, **options)
    return made, made.compute()[0].values


@pytest.mark.parametrize(
    ("cost", "expected"),
    [
        # Selling at 50 as well, and buying at 20, earns 30; each MWh of it passes twice.
        ("14 EUR/MWh", [-0.5, 0.5, 0, -0.5]),
        # Then only what is there already is sold, at the best price.
        ("35 EUR/MWh", [0, 0, 0, -0.5]),
        ("0.085 EUR/kWh", [0, 0, 0, 0]),
    ],
)
def test_wear_is_weighed_against_what_a_cycle_earns(place, cost, expected):
    made, power = run(place, {"cycle-cost": cost})
    np.testing.assert_allclose(hourly(power), expected, atol=1e-9)
    price = {"1": 14, "3": 35, "0": 85}[cost[0]]
    worn = np.abs(power).sum() / 4 * price
    assert made.info["commitment_costs"].get("cycle cost device 0") == pytest.approx(worn)
    assert made.info["cost"] == pytest.approx(float(hourly(power) @ PRICES) + worn)


def test_wear_may_change_over_time_by_sensor(place):
    wear = place.book.write(place.book.add(place.battery, "EUR/MWh"), [100.0] * 12 + [0.0] * 4)
    _, power = run(place, {"cycle-cost": {"sensor": wear.id}})
    np.testing.assert_allclose(hourly(power), [0, 0, 0, -0.5], atol=1e-9)


def test_power_changes_no_faster_than_the_ramp_limit(place):
    made, power = run(place, {"ramp-limit": "0.4 MW/h"})
    assert np.abs(np.diff(power)).max() <= 0.1 + 1e-9
    free, _ = run(place, {})
    assert made.info["cost"] > free.info["cost"]


@pytest.mark.parametrize("limit", ["200 kW/h", "0.0033333333333333335 MW/min"])
def test_a_ramp_does_not_depend_on_the_length_of_a_step(place, limit):
    """Hour by hour, against all plans on a lattice that holds the best one."""
    made, power = run(place, {"ramp-limit": limit, "soc-max": 1}, resolution=4 * QUARTER)
    # In fortieths of a MW and MWh, by dynamic programming: the cost by power and energy in stock.
    costs = {(power, 20): 0.0 for power in range(-20, 21)}
    for hour, price in enumerate(PRICES):
        following: dict[tuple[int, int], float] = {}
        for (before, stock), cost in costs.items():
            for now in range(-20, 21) if hour else [before]:
                if (not hour or abs(now - before) <= 8) and 0 <= stock + now <= 40:
                    state, paid = (now, stock + now), cost + now / 40 * price
                    following[state] = min(paid, following.get(state, np.inf))
        costs = following
    assert made.info["cost"] == pytest.approx(min(costs.values()), abs=1e-6)
    assert power.shape == (4,)


@pytest.mark.parametrize(
    ("attributes", "recorded"), [({}, 0.5), ({"consumption_is_positive": True}, -0.5)]
)
def test_the_first_step_follows_the_power_before(place, attributes, recorded):
    place.power.attributes = attributes
    place.book.write(place.power, [recorded], start=START - QUARTER)
    _, power = run(place, {"ramp-limit": "0.4 MW/h", "soc-max": 2, "soc-at-start": 1})
    assert power[0] <= -0.4 + 1e-9  # it discharged at 0.5 MW, whatever the sign it is stored with


def test_a_ramp_that_cannot_be_kept_is_infeasible(place):
    target = [{"value": "1 MWh", "datetime": "2026-03-02T07:00Z"}]
    place.book.write(place.power, [0.0], start=START - QUARTER)
    with pytest.raises(InfeasibleProblem):
        run(place, {"ramp-limit": "0.1 MW/h", "soc-targets": target})


def test_power_keeps_to_operation_modes(place):
    """Off, or between 0.3 and 0.5 MW: hour by hour against all plans on a lattice."""
    modes = [{"consumption-range": [0, 0]}, {"consumption-range": ["300 kW", "500 kW"]}]
    model = {
        "operation-modes": modes,
        "production-capacity": 0,
        "soc-usage": "100 kW",
        "soc-max": "0.6 MWh",
        "soc-at-start": "0.2 MWh",
    }
    made, power = run(place, model, resolution=4 * QUARTER)
    steps = np.array([0.0, *np.arange(30, 51) / 100])
    best = np.inf
    for plan in product(steps, repeat=4):
        soc = 0.2 + np.cumsum(np.array(plan) - 0.1)
        if soc.min() >= -1e-9 and soc.max() <= 0.6 + 1e-9:
            best = min(best, float(np.dot(plan, PRICES)))
    assert made.info["cost"] == pytest.approx(best, abs=1e-6)
    assert all(abs(p) < 1e-9 or 0.3 - 1e-6 <= p <= 0.5 + 1e-6 for p in power)


def test_a_mode_with_both_ranges_spans_zero(place):
    modes = [{"consumption-range": [0, "0.1 MW"], "production-range": [0, "0.2 MW"]}]
    _, power = run(place, {"operation-modes": modes})
    np.testing.assert_allclose(hourly(power), [-0.2, 0.1, -0.2, -0.2], atol=1e-6)


def test_a_small_gain_does_not_change_the_plan(place):
    plan = np.repeat([0.0, 0.0, 0.0, 0.5], 4)  # sell in the last hour; production positive
    place.book.write(place.power, plan, source_type="scheduler")
    _, calm = run(place, {}, {"stability-cost": "50 EUR/MWh"})
    np.testing.assert_allclose(hourly(calm), [0, 0, 0, -0.5], atol=1e-9)
    # Selling at 50 and buying at 20 earns 30 for two MWh of deviation.
    made, lively = run(place, {}, {"stability-cost": "10 EUR/MWh"})
    np.testing.assert_allclose(hourly(lively), [-0.5, 0.5, 0, -0.5], atol=1e-9)
    assert made.info["commitment_costs"]["stability device 0"] == pytest.approx(10.0)


def test_only_plans_count_and_measurements_do_not(place):
    place.book.write(place.power, [0.0] * 16, source_type="user")
    made, power = run(place, {}, {"stability-cost": "1000 EUR/MWh"})
    np.testing.assert_allclose(hourly(power), [-0.5, 0.5, 0, -0.5], atol=1e-9)
    assert made.info["commitment_costs"]["stability device 0"] == 0


def test_planning_again_after_news_gives_what_a_fresh_worker_gives(place, monkeypatch):
    """In the worker, a model per site is kept warm; its traces never show."""

    def plan(prices, memory):
        monkeypatch.setattr("fmhost_storage.scheduler.MEMORY", memory)
        place.book.records[place.prices.id].clear()
        place.book.write(place.prices, prices)
        return run(place, {"roundtrip-efficiency": "90%"})[1].tobytes()

    worker = Memory()
    for prices in (PRICES, [50.0, 20.0, 20.0, 50.0], [10.0, 10.0, 60.0, 60.0], PRICES):
        assert plan(prices, worker) == plan(prices, Memory())
    assert len(worker) == 1

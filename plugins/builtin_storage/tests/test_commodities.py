"""Heat and gas beside electricity: nodes, couplings and shared stocks, worked by hand."""

from __future__ import annotations

from datetime import timedelta

import numpy as np
import pytest

from fmhost.plugin import InvalidInput

ELECTRICITY = [50.0, 20.0, 30.0, 80.0]


def hourly(values):
    return values.reshape(-1, 4).mean(axis=1)


def run(place, entries, context=None):
    given = {"consumption-price": {"sensor": place.prices.id}, **(context or {})}
    made = place.scheduler(entries, given, target=place.building)
    return made, made.compute()


@pytest.fixture
def engine(place):
    """Combined heat and power: 1 MW of gas makes 0.4 MW of electricity and 0.5 MW of heat."""
    gas, power, heat, boiler = (place.book.add(place.building) for _ in range(4))
    return [
        {"sensor": gas.id, "commodity": "gas", "coupling": "chp", "consumption-capacity": 1},
        {
            "sensor": power.id,
            "coupling": "chp",
            "coupling-coefficient": 0.4,
            "production-capacity": 1,
        },
        {
            "sensor": heat.id,
            "commodity": "heat",
            "coupling": "chp",
            "coupling-coefficient": 0.5,
            "production-capacity": 1,
        },
        {"sensor": boiler.id, "commodity": "heat", "production-capacity": 1},
    ]


@pytest.fixture
def demand(place):
    """0.25 MW of heat at all times."""
    sensor = place.book.write(place.book.add(place.building), [0.25] * 16)
    return {"inflexible-consumption": {"sensor": sensor.id}, "commodity": "heat"}


def test_coupled_devices_run_in_proportion_and_a_node_balances(place, engine, demand):
    made, found = run(
        place,
        [*engine[:3], demand],
        {"commodities": [{"commodity": "gas", "consumption-price": "30 EUR/MWh"}]},
    )
    gas, power, heat = (result.values for result in found)
    # Nothing else makes heat, and nothing else takes it.
    np.testing.assert_allclose(gas, 0.5, atol=1e-7)
    np.testing.assert_allclose(power, -0.2, atol=1e-7)
    np.testing.assert_allclose(heat, -0.25, atol=1e-7)
    costs = made.info["commitment_costs"]
    assert costs["gas net energy"] == pytest.approx(0.5 * 4 * 30)
    assert costs["electricity net energy"] == pytest.approx(-0.2 * sum(ELECTRICITY))
    assert "heat net energy" not in costs


def test_heat_comes_from_where_it_is_cheapest(place, engine, demand):
    fuel = {"commodity": "gas", "consumption-price": "30 EUR/MWh"}
    grid = {"commodity": "heat", "consumption-price": "40 EUR/MWh"}
    made, found = run(place, [*engine[:3], demand], {"commodities": [fuel, grid]})
    # A MWh of heat costs 2 * 30 - 0.8 p from the engine, 40 from the district: p > 25.
    running = np.array([1, 0, 1, 1])
    np.testing.assert_allclose(hourly(found[0].values), 0.5 * running, atol=1e-7)
    paid = sum(0.25 * (60 - 0.8 * p if p > 25 else 40) for p in ELECTRICITY)
    assert made.info["cost"] == pytest.approx(paid)
    assert made.info["commitment_costs"]["heat net energy"] == pytest.approx(0.25 * 40)


def test_what_has_no_price_and_no_capacity_does_not_flow(place, engine):
    made, found = run(
        place, engine[:3], {"commodities": [{"commodity": "gas", "consumption-price": 1}]}
    )
    assert all(np.all(result.values == 0) for result in found)
    assert made.info["warnings"] == [
        "commodities: gas has neither a price nor a capacity of production, so there is none."
    ]


def test_a_capacity_without_a_price_is_free(place, engine):
    vent = {"commodity": "heat", "site-production-capacity": "100 kW"}
    fuel = {"commodity": "gas", "consumption-price": "1 EUR/MWh"}
    made, found = run(place, engine[:3], {"commodities": [fuel, vent]})
    np.testing.assert_allclose(found[2].values, -0.1, atol=1e-7)
    earned = 0.2 * (0.4 * sum(ELECTRICITY) - 4 * 1)
    assert made.info["cost"] == pytest.approx(-earned)


def test_a_relaxed_connection_is_breached_at_a_price(place, engine):
    vent = {
        "commodity": "heat",
        "site-production-capacity": "100 kW",
        "site-production-breach-price": "1 EUR/MW",
    }
    fuel = {"commodity": "gas", "consumption-price": "1 EUR/MWh"}
    made, found = run(place, engine[:3], {"commodities": [fuel, vent]})
    np.testing.assert_allclose(found[2].values, -0.5, atol=1e-7)
    costs = made.info["commitment_costs"]
    assert costs["heat any production breach"] == pytest.approx(0.4)
    assert costs["heat all production breaches"] == pytest.approx(0.4 * 4)
    assert made.info["breaches"][0]["commodity"] == "heat"


def test_peaks_of_a_commodity_are_charged(place, engine, demand):
    fuel = {
        "commodity": "gas",
        "consumption-price": "1 EUR/MWh",
        "site-peak-consumption": "200 kW",
        "site-peak-consumption-price": "10 EUR/MW",
    }
    made, _ = run(place, [*engine[:3], demand], {"commodities": [fuel]})
    assert made.info["commitment_costs"]["gas consumption peak"] == pytest.approx(3.0)


def test_commitments_of_a_commodity_count_what_is_not_scheduled(place, engine, demand):
    promise = {
        "name": "promise",
        "commodity": "heat",
        "baseline": "100 kW",
        "down-price": "-10 EUR/MWh",
    }
    grid = {"commodity": "heat", "consumption-price": "0 EUR/MWh", "site-power-capacity": 1}
    made, found = run(place, [engine[3], demand], {"commodities": [grid], "commitments": [promise]})
    # The boiler leaves 100 kW of the demand to the grid.
    assert made.info["commitment_costs"]["promise"] == 0
    assert found[0].values.min() >= -0.15 - 1e-7


def test_the_flow_of_a_commodity_is_an_output(place, engine, demand):
    takes = place.book.add(place.building)
    fuel = {
        "commodity": "gas",
        "consumption-price": 1,
        "aggregate-consumption": {"sensor": takes.id},
    }
    _, found = run(place, [*engine[:3], demand], {"commodities": [fuel]})
    (result,) = [each for each in found if each.sensor is takes]
    np.testing.assert_allclose(result.values, 0.5, atol=1e-7)


def test_electricity_may_stand_among_the_commodities(place):
    context = {
        "commodities": [
            {"commodity": "electricity", "consumption-price": {"sensor": place.prices.id}}
        ]
    }
    made = place.scheduler({"soc-at-start": 0.5}, context)
    (result,) = made.compute()
    np.testing.assert_allclose(hourly(result.values), [-0.5, 0.5, 0, -0.5], atol=1e-9)


def test_devices_with_the_same_sensor_share_one_stock(place):
    """A heat pump (COP 3) charges a buffer; a gas boiler does, too, where that is cheaper."""
    level = place.book.add(place.building, "kWh", timedelta(0))
    pump, boiler = place.book.add(place.building), place.book.add(place.building)
    buffer = {"state-of-charge": {"sensor": level.id}}
    entries = [
        {
            "sensor": pump.id,
            "consumption-capacity": "0.2 MW",
            "charging-efficiency": 3,
            "soc-at-start": 0,
            "soc-max": "1 MWh",
            "soc-usage": ["300 kW"],
            **buffer,
        },
        {"sensor": boiler.id, "commodity": "gas", "consumption-capacity": 1, **buffer},
    ]
    fuel = {"commodity": "gas", "consumption-price": "12 EUR/MWh"}
    made, found = run(place, entries, {"commodities": [fuel]})
    power = {result.sensor.id: hourly(result.values) for result in found if result.unit == "MW"}
    # Heat costs 50/3, 20/3, 30/3 and 80/3 EUR/MWh from the pump, 12 from the boiler. In the second
    # and third hour the pump makes 0.6 MWh each, of which 0.3 are used at once and 0.3 kept: as
    # much as the last hour needs after the third.
    np.testing.assert_allclose(power[pump.id], [0, 0.2, 0.1, 0], atol=1e-7)
    np.testing.assert_allclose(power[boiler.id], [0.3, 0, 0, 0], atol=1e-7)
    assert made.info["cost"] == pytest.approx(0.3 * 12 + 0.2 * 20 + 0.1 * 30)
    assert [result.sensor.id for result in found].count(level.id) == 1
    soc = next(result.values for result in found if result.sensor is level)
    np.testing.assert_allclose(soc[[0, 4, 8, 12, 16]], [0, 0, 0.3, 0.3, 0], atol=1e-7)


def test_a_coupled_device_needs_a_partner(place, engine):
    with pytest.raises(InvalidInput, match=r"Only building .* has the coupling 'chp'"):
        run(place, engine[:1])

"""Profit and loss: energy at its price, with signs."""

from __future__ import annotations

from datetime import timedelta

import pytest
from marshmallow import ValidationError

from fmhost.plugin import ComputationFailed, InvalidInput
from fmhost_report.profit import (
    ProfitOrLossConfigSchema,
    ProfitOrLossParametersSchema,
    ProfitOrLossReporter,
)

QUARTER, HOUR, DAY = timedelta(minutes=15), timedelta(hours=1), timedelta(days=1)
NAN = float("nan")


@pytest.fixture
def site(world):
    """Prices of an hour each; ``profit(sensor, ...)``: the values of a report about the sensor."""
    buy = world.add("EUR/MWh", [100, 50, 200, 10])
    sell = world.add("EUR/kWh", [0.02, 0.04, 0.06, 0.08])

    def profit(sensor, output=None, config=None, **more):
        given = config or {
            "consumption_price_sensor": buy.id,
            "production_price_sensor": sell.id,
        }
        result = output or world.add("EUR", step=more.get("step", HOUR))
        found = world.report(ProfitOrLossReporter, {"p": sensor}, {"r": result}, given, **more)
        return found["r"]

    profit.buy, profit.sell = buy, sell
    return profit


def test_production_earns_and_consumption_costs(world, site):
    power = world.add("MW", [1, -1, 0.5, -2])  # positive is production
    assert site(power) == pytest.approx([20, -50, 30, -20])


def test_a_sensor_may_count_consumption_positive(world, site):
    power = world.add("MW", [-1, 1, -0.5, 2], consumption_is_positive=True)
    assert site(power) == pytest.approx([20, -50, 30, -20])


def test_without_production_there_are_costs_only(world, site):
    assert site(world.add("kW", [-1000, 0, -500, 0])) == pytest.approx([-100, 0, -100, 0])


def test_a_loss_may_be_positive(world, site):
    config = {"consumption_price_sensor": site.buy.id, "loss_is_positive": True}
    assert site(world.add("MW", [1, -1, 0, 0]), config=config) == pytest.approx([-100, 50, 0, 0])


def test_one_price_holds_for_both_directions(world, site):
    config = {"production_price_sensor": site.sell.id}
    assert site(world.add("MW", [1, -1, 0, 0]), config=config) == pytest.approx([20, -40, 0, 0])


def test_energy_is_worth_the_same_as_the_power_that_makes_it(world, site):
    assert site(world.add("kWh", [1000, -1000, 500, -2000])) == pytest.approx([20, -50, 30, -20])


def test_quarters_add_up_to_hours(world, site):
    power = world.add("MW", [-1, -1, -1, -1, 4, 0, 0, 0, 1, 1, 1], step=QUARTER)
    found = site(power, world.add("EUR", step=HOUR), step=QUARTER, hours=3)
    assert found == pytest.approx([-100, 40, NAN], nan_ok=True)


def test_a_day_that_is_not_over_has_no_result(world, site):
    with pytest.raises(ComputationFailed, match="covers no whole event"):
        site(world.add("MW", [1] * 4), world.add("EUR", step=DAY))


@pytest.mark.parametrize(
    ("unit", "config", "currency", "field"),
    [
        ("°C", None, "EUR", "parameters.input.0.sensor"),
        ("kW", {"consumption_price_sensor": 3}, "EUR", "config.consumption_price_sensor"),
        ("kW", None, "USD", "parameters.output.0.sensor"),
        ("kW", None, "EUR/MWh", "parameters.output.0.sensor"),
    ],
)
def test_units_that_do_not_fit_are_refused(world, site, unit, config, currency, field):
    sensor = world.add(unit, [1])
    assert sensor.id == 3
    with pytest.raises(InvalidInput) as refused:
        site(sensor, world.add(currency), config)
    assert refused.value.field == field
    if unit == "°C":
        assert refused.value.message == "Input sensor can only contain power or energy values."
    if config:
        assert "Expected `Energy / Currency` but got `kW`." in refused.value.message


def test_at_least_one_price_is_needed():
    text = "At least one of the two price sensors, consumption or production, is required."
    with pytest.raises(ValidationError, match=text):
        ProfitOrLossConfigSchema().load({})


def test_there_is_one_input():
    two = {"input": [{"sensor": 1}, {"sensor": 2}], "output": [{"sensor": 3}]}
    with pytest.raises(ValidationError, match="There is one input"):
        ProfitOrLossParametersSchema().load(two)

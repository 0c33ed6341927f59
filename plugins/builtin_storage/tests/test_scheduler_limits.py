"""What each field of the flex-model does to a schedule; the expected energies are worked by hand.

Prices are 50, 20, 30 and 80 EUR/MWh in four hours; the battery has 0.5 MW and 0 to 2 MWh, without
losses, and holds 0.5 MWh at the start. Left alone it sells 0.5 MWh in the first hour, buys them
back in the second and sells them in the last.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import numpy as np
import pytest

START = datetime(2026, 3, 2, 6, tzinfo=UTC)
HOUR = timedelta(hours=1)


def moment(hours):
    return (START + hours * HOUR).isoformat()


def part(value, start, end):
    return {"value": value, "start": moment(start), "end": moment(end)}


def target(value, hours):
    return {"value": value, "datetime": moment(hours)}


def energy(scheduler):
    """Energy of the only device in each hour [MWh, consumption positive]."""
    return scheduler.compute()[0].values.reshape(-1, 4).sum(axis=1) / 4


@pytest.mark.parametrize(
    ("flex_model", "expected"),
    [
        ({}, [-0.5, 0.5, 0, -0.5]),
        ({"soc-at-start": "0 kWh"}, [0, 0.5, 0, -0.5]),
        ({"power-capacity": "100 kW"}, [-0.1, -0.1, -0.1, -0.1]),
        ({"production-capacity": "0 kW"}, [0, 0, 0, 0]),
        ({"production-capacity": "250 kW"}, [-0.25, 0.25, -0.25, -0.25]),
        ({"consumption-capacity": "250 kW"}, [-0.5, 0.25, 0.25, -0.5]),
        ({"consumption-capacity": "2 MW"}, [-0.5, 0.5, 0, -0.5]),
        (
            {"consumption-capacity": [part("100 kW", 1, 2), part("0 kW", 1.5, 2.5)]},
            [-0.3, 0.05, 0.25, -0.5],
        ),
        ({"soc-min": "400 kWh"}, [-0.1, 0.5, 0, -0.5]),
        ({"soc-max": "300 kWh", "soc-at-start": "200 kWh"}, [-0.2, 0.3, 0, -0.3]),
        ({"soc-minima": [target("1 MWh", 4)]}, [0, 0.5, 0.5, -0.5]),
        ({"soc-maxima": [part("200 kWh", 1, 3)]}, [-0.5, 0.2, 0, -0.2]),
        ({"soc-targets": [target("750 kWh", 2)]}, [-0.25, 0.5, -0.25, -0.5]),
        (
            {"soc-targets": [target(750, 2)], "soc-unit": "kWh", "soc-at-start": 500},
            [-0.25, 0.5, -0.25, -0.5],
        ),
        ({"soc-usage": "100 kW"}, [-0.4, 0.5, 0.3, -0.5]),
        ({"soc-usage": ["60 kW", "40 kW"]}, [-0.4, 0.5, 0.3, -0.5]),
        ({"soc-gain": [part("100 kW", 1, 2)]}, [-0.5, 0.5, -0.1, -0.5]),
        ({"soc-gain": "100 kW", "soc-usage": "100 kW"}, [-0.5, 0.5, 0, -0.5]),
        ({"roundtrip-efficiency": "64%"}, [-0.4, 0.5, 0.28125, -0.5]),
        (
            {"charging-efficiency": 0.8, "discharging-efficiency": "80%"},
            [-0.4, 0.5, 0.28125, -0.5],
        ),
    ],
)
def test_fields_of_the_flex_model(place, flex_model, expected):
    found = energy(place.scheduler({"soc-at-start": "500 kWh", **flex_model}))
    np.testing.assert_allclose(found, expected, atol=1e-9)


@pytest.mark.parametrize(
    ("field", "unit", "values", "expected"),
    [
        ("consumption-capacity", "kW", [500, 250, 250, 500], [-0.5, 0.25, 0.25, -0.5]),
        ("production-capacity", "MW", [0, 0, 0, 0], [0, 0, 0, 0]),
        ("power-capacity", "kW", [100, 100, 100, 100], [-0.1, -0.1, -0.1, -0.1]),
        ("charging-efficiency", "%", [100, 50, 50, 100], [-0.25, 0.5, 0, -0.5]),
        ("discharging-efficiency", "", [0.5, 1, 1, 1], [0, 0.5, -0.5, -0.5]),
        ("soc-minima", "kWh", [400, 0, 0, 0], [-0.1, 0.5, -0.4, -0.5]),
        ("soc-maxima", "MWh", [2, 0.2, 0.2, 2], [-0.5, 0.2, 0, -0.2]),
        ("soc-usage", "kW", [100, 100, 100, 100], [-0.4, 0.5, 0.3, -0.5]),
    ],
)
def test_fields_by_sensor(place, field, unit, values, expected):
    sensor = place.book.write(place.book.add(place.battery, unit, HOUR), values)
    reference = {"sensor": sensor.id}
    made = place.scheduler(
        {"soc-at-start": "500 kWh", field: [reference] if field == "soc-usage" else reference}
    )
    np.testing.assert_allclose(energy(made), expected, atol=1e-9)
    assert made.info["assumed"] == []


@pytest.mark.parametrize(
    ("resolution", "of_sensor", "per_step"),
    [(15, False, 0.98), (60, False, 0.98**4), (15, True, 0.98**0.25), (60, True, 0.98)],
)
def test_storage_efficiency_is_per_event_of_its_sensor_or_of_the_power_sensor(
    place, resolution, of_sensor, per_step
):
    place.book.write(hourly := place.book.add(place.battery, "%", HOUR), [98.0] * 4)
    level = place.book.add(place.battery, "kWh", timedelta(0))
    made = place.scheduler(
        {
            "soc-at-start": "500 kWh",
            "power-capacity": 0,
            "storage-efficiency": {"sensor": hourly.id} if of_sensor else "98%",
            "state-of-charge": {"sensor": level.id},
        },
        resolution=timedelta(minutes=resolution),
    )
    _, soc = made.compute()
    np.testing.assert_allclose(soc.values, 0.5 * per_step ** np.arange(len(soc.values)))


def test_one_way_devices_do_not_produce(place):
    place.battery.generic_asset_type.name = "one-way_evse"
    assert energy(place.scheduler({"soc-at-start": "500 kWh"})).tolist() == [0, 0, 0, 0]
    place.battery.generic_asset_type.name = "battery"
    place.power.attributes = {"is_consumer": False}
    found = energy(place.scheduler({"soc-at-start": "500 kWh"}))
    np.testing.assert_allclose(found, [0, 0, 0, -0.5], atol=1e-9)


def test_one_directional_capacity_without_a_power_capacity_is_the_only_direction(place):
    place.battery.attributes = {"max_soc_in_mwh": 2}
    given = {"soc-at-start": "0 kWh", "soc-minima": [target("600 kWh", 4)]}
    found = energy(place.scheduler({**given, "consumption-capacity": "400 kW"}))
    np.testing.assert_allclose(found, [0, 0.4, 0.2, 0], atol=1e-9)
    both = {"consumption-capacity": "400 kW", "production-capacity": "300 kW"}
    found = energy(place.scheduler({"soc-at-start": "300 kWh", **both}))
    np.testing.assert_allclose(found, [-0.3, 0.4, -0.1, -0.3], atol=1e-9)


def test_the_power_capacity_of_the_site_stands_in_for_that_of_the_device(place):
    place.battery.attributes = {"max_soc_in_mwh": 2}
    context = {"consumption-price-sensor": place.prices.id, "site-power-capacity": "100 kW"}
    found = energy(place.scheduler({"soc-at-start": "500 kWh"}, context))
    np.testing.assert_allclose(found, [-0.1, -0.1, -0.1, -0.1], atol=1e-9)


@pytest.mark.parametrize(
    ("closed", "expected"),
    [("production-capacity", [0, 0.1, 0, 0]), ("consumption-capacity", [0, 0, 0, -0.1])],
)
def test_one_that_only_says_which_way_it_does_not_run_has_the_site_s_the_other_way(
    place, closed, expected
):
    place.battery.attributes = {"max_soc_in_mwh": 2}
    context = {"consumption-price-sensor": place.prices.id, "site-power-capacity": "100 kW"}
    level = {"soc-at-start": "100 kWh", "soc-max": "200 kWh"}
    wish = {"soc-minima": [target("200 kWh", 4)]} if closed == "production-capacity" else {}
    found = energy(place.scheduler({**level, **wish, closed: "0 kW"}, context))
    np.testing.assert_allclose(found, expected, atol=1e-9)


def test_charging_sooner_or_later_where_prices_are_flat(place):
    context = {"consumption-price": "10 EUR/MWh", "production-price": "0 EUR/MWh"}
    given = {"soc-at-start": 0, "soc-targets": [target("500 kWh", 4)]}
    sooner = energy(place.scheduler(given, context))
    np.testing.assert_allclose(sooner, [0.5, 0, 0, 0], atol=1e-9)
    later = energy(place.scheduler({**given, "prefer-charging-sooner": False}, context))
    np.testing.assert_allclose(later, [0, 0, 0, 0.5], atol=1e-9)

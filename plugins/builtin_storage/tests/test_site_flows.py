"""What runs beside the scheduled devices, and where the power of the site goes."""

from __future__ import annotations

from datetime import timedelta

import numpy as np
import pytest

from fmhost.plugin import InvalidInput

HOUR = timedelta(hours=1)
HALF_FULL = {"soc-at-start": "500 kWh"}


def context(place, **fields):
    given = {name.replace("_", "-"): value for name, value in fields.items()}
    return {"consumption-price": {"sensor": place.prices.id}, **given}


@pytest.fixture
def load(place):
    return place.book.write(place.book.add(place.building, "kWh", HOUR), [200, 200, 200, 200])


@pytest.fixture
def roof(place):
    return place.book.write(place.book.add(place.building, "kW", HOUR), [0, 300, 0, 0])


def test_inflexible_flows_have_the_sign_of_their_field(place, load, roof):
    fields = {
        "inflexible_consumption": [{"sensor": load.id}],
        "inflexible_production": [{"sensor": roof.id}],
        "site_consumption_capacity": "0.4 MW",
    }
    made = place.scheduler(HALF_FULL, context(place, **fields))
    hourly = made.compute()[0].values.reshape(-1, 4).mean(axis=1)
    # of 400 kW, the load leaves 200 kW; in the second hour the roof adds 300 kW
    np.testing.assert_allclose(hourly, [-0.5, 0.5, 0, -0.5], atol=1e-9)
    idle = 0.2 * (50 + 20 + 30 + 80) - 0.3 * 20
    assert made.info["cost_without_devices"] == pytest.approx(idle)


def test_inflexible_flows_take_filters_and_defaults(place, load):
    reference = {"sensor": load.id, "source-types": ["forecaster"], "default": "100 kW"}
    made = place.scheduler(HALF_FULL, context(place, inflexible_consumption=[reference]))
    made.compute()
    assert made.info["cost_without_devices"] == pytest.approx(0.1 * 180)
    (told,) = made.info["assumed"]
    assert "no value for 16 of 16 steps" in told
    assert "the default (0.1 MW) is taken instead" in told


def test_missing_inflexible_flows_are_told(place):
    empty = place.book.add(place.building, "kW", HOUR)
    made = place.scheduler(HALF_FULL, context(place, inflexible_production=[{"sensor": empty.id}]))
    made.compute()
    assert made.info["assumed"][0].startswith("inflexible-production: sensor 3 has no value for 16")


def test_the_three_fields_are_one_family(place, load, roof):
    place.building.flex_context = {"inflexible-device-sensors": [roof.id]}
    given = context(place, inflexible_consumption=[{"sensor": load.id}])
    (found,) = place.site(given).inflexible
    assert (found.quantity.sensor, found.sign) == (load, 1.0)


@pytest.mark.parametrize(
    ("fields", "field", "message"),
    [
        (
            {"inflexible_device_sensors": [3], "inflexible_consumption": [{"sensor": 3}]},
            "inflexible-device-sensors",
            "Must pass either inflexible-device-sensors (deprecated) or",
        ),
        (
            {"inflexible_consumption": [{"sensor": 3}], "inflexible_production": [{"sensor": 3}]},
            "inflexible-production.0",
            "Sensor 3 may only be listed once across",
        ),
        ({"inflexible_consumption": {"sensor": 3}}, "inflexible-consumption", "Not a valid list."),
        ({"inflexible_consumption": [3]}, "inflexible-consumption.0", "Not a sensor."),
        ({"inflexible_consumption": [{"sensor": 2}]}, "inflexible-consumption.0", "Sensor 2 has"),
        ({"aggregate_power": 3}, "aggregate-power", "Not a sensor."),
        ({"aggregate_power": {"sensor": 2}}, "aggregate-power", "Sensor 2 has the unit"),
    ],
)
def test_errors_name_the_field(place, load, fields, field, message):
    with pytest.raises(InvalidInput) as caught:
        place.scheduler(HALF_FULL, context(place, **fields))
    assert caught.value.field == field
    assert message in caught.value.message


@pytest.mark.parametrize(
    ("field", "attribute"), [("inflexible_consumption", False), ("inflexible_production", True)]
)
def test_a_sensor_must_not_say_the_opposite_of_its_field(place, load, field, attribute):
    load.attributes = {"consumption_is_positive": attribute}
    with pytest.raises(InvalidInput, match="conflicts with the sign convention"):
        place.scheduler(HALF_FULL, context(place, **{field: [{"sensor": load.id}]}))


def test_the_power_of_the_site_is_an_output(place, load):
    sensors = [place.book.add(place.building, "kW") for _ in range(3)]
    power, consumption, production = sensors
    fields = {
        "inflexible_consumption": [{"sensor": load.id}],
        "aggregate_power": {"sensor": power.id},
        "aggregate_consumption": {"sensor": consumption.id},
        "aggregate_production": {"sensor": production.id},
    }
    made = place.scheduler(HALF_FULL, context(place, **fields))
    device, *site = made.compute()
    total = device.values + 0.2
    assert [each.sensor for each in site] == sensors
    assert [each.name for each in site] == [
        "storage_schedule",
        "consumption_schedule",
        "production_schedule",
    ]
    for found, expected in zip(
        site, [total, np.maximum(total, 0), np.maximum(-total, 0)], strict=True
    ):
        np.testing.assert_allclose(found.values, expected, atol=1e-12)


def test_one_output_alone_gets_all_of_the_power_of_the_site(place):
    production = place.book.add(place.building, "kW")
    fields = {"aggregate_production": {"sensor": production.id}}
    device, site = place.scheduler(HALF_FULL, context(place, **fields)).compute()
    np.testing.assert_allclose(site.values, -device.values, atol=1e-12)

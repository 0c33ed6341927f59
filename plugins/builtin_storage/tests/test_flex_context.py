"""The flex-context: prices, capacities and inflexible devices, and where defaults come from."""

from __future__ import annotations

import pytest

from fmhost.plugin import InvalidInput
from fmhost_storage.quantities import Fixed, FromSensor

NEW = {"consumption-price": {"sensor": 2}}


@pytest.mark.parametrize(
    ("given", "currency", "expected"),
    [
        ("0.2 EUR/kWh", "EUR", 200.0),
        ("50 EUR/MWh", "EUR", 50.0),
        (50, "EUR", 50.0),
        ("120 KRW/kWh", "KRW", 120000.0),
        ("300 kg/MWh", "kg", 300.0),
        ("0.3 g/Wh", "kg", 300.0),
    ],
)
def test_fixed_prices(place, given, currency, expected):
    found = place.site({"consumption-price": given})
    assert found.currency == currency
    assert found.consumption_price.value == pytest.approx(expected)
    assert found.production_price is None


@pytest.mark.parametrize(
    "given", [NEW, {"consumption-price-sensor": 2}, {"consumption_price_sensor": 2}]
)
def test_prices_of_sensors(place, given):
    assert place.site(given).consumption_price == FromSensor(place.prices)


def test_a_bare_price_takes_the_currency_of_the_other(place):
    found = place.site({"consumption-price": "50 KRW/MWh", "production-price": 0})
    assert found.currency == "KRW"
    assert found.production_price == Fixed(0.0)


@pytest.mark.parametrize(
    "field", ["site-power-capacity", "site-consumption-capacity", "site-production-capacity"]
)
def test_site_capacities(place, field):
    name = field.removeprefix("site-").replace("-", "_")
    assert getattr(place.site({**NEW, field: "80 kW"}), name) == Fixed(0.08)
    assert getattr(place.site({**NEW, field: {"sensor": 1}}), name) == FromSensor(place.power)


@pytest.mark.parametrize(
    ("given", "field", "message"),
    [
        ({}, "consumption-price", "A schedule of least cost needs a price of consumption."),
        ({"consumption-price": "5 kW"}, "consumption-price", "Invalid unit. A valid unit would be"),
        ({"consumption-price": {"sensor": 1}}, "consumption-price", "Invalid unit."),
        ({"consumption-price": {"sensor": 77}}, "consumption-price", "No sensor found with ID 77."),
        ({"consumption-price-sensor": "a"}, "consumption-price-sensor", "Not a valid integer."),
        ({"consumption-price-sensor": 77}, "consumption-price-sensor", "No sensor found with ID"),
        (
            {"consumption-price": 5, "consumption-price-sensor": 2},
            "consumption-price",
            "Must pass either consumption-price or consumption-price-sensor.",
        ),
        (
            {**NEW, "production-price": 5, "production-price-sensor": 2},
            "production-price",
            "Must pass either production-price or production-price-sensor.",
        ),
        (
            {**NEW, "production-price-sensor": 2},
            "production-price-sensor",
            'Please switch to using `production-price: {"sensor": 2}`.',
        ),
        (
            {"consumption-price": "5 EUR/MWh", "production-price": "5 USD/MWh"},
            "production-price",
            "all prices in the flex-context must share the same currency unit",
        ),
        ({**NEW, "inflexible-device-sensors": 1}, "inflexible-device-sensors", "Not a valid list."),
        (
            {**NEW, "inflexible-device-sensors": [1, 88]},
            "inflexible-device-sensors.1",
            "No sensor found with ID 88.",
        ),
        (
            {**NEW, "inflexible-device-sensors": [2]},
            "inflexible-device-sensors",
            "Sensor 2 has the",
        ),
        ({**NEW, "site-power-capacity": "-1 kW"}, "site-power-capacity", "Must be at least 0"),
        ({**NEW, "price": 1}, "price", "Unknown field."),
        ({**NEW, "relax-constraints": "x"}, "relax-constraints", "Not a valid boolean."),
        (
            {**NEW, "site-peak-consumption-price": "1 EUR/kWh"},
            "site-peak-consumption-price",
            "for example, 'EUR/kW' (an amount per power)",
        ),
        ({**NEW, "soc-minima-breach-price": -1}, "soc-minima-breach-price", "Must be at least 0"),
        (
            {**NEW, "consumption-breach-price": "1 USD/kW"},
            "consumption-breach-price",
            "(found EUR and USD)",
        ),
        ({**NEW, "commitments": {}}, "commitments", "Not a valid list."),
        ({**NEW, "commitments": [3]}, "commitments.0", "Not a valid mapping type."),
        (
            {**NEW, "commitments": [{"name": "x"}]},
            "commitments.0.baseline",
            "Missing data for required field.",
        ),
        (
            {**NEW, "commitments": [{"name": "x", "baseline": 0}]},
            "commitments.0.up-price",
            "needs an up-price or a down-price",
        ),
        (
            {**NEW, "commitments": [{"name": "x", "baseline": 0, "up-price": "1 kW"}]},
            "commitments.0.up-price",
            "'EUR/MWh' (an amount per energy) or 'EUR/kW' (an amount per power)",
        ),
        (
            {**NEW, "commitments": [{"name": "", "baseline": 0, "up-price": "1 EUR/kW"}]},
            "commitments.0.name",
            "Shorter than minimum length 1.",
        ),
        (
            {**NEW, "commitments": [{"name": "x", "baseline": 0, "up-price": 1, "sensors": []}]},
            "commitments.0.sensors",
            "Not a valid list of sensors.",
        ),
        (
            {**NEW, "commitments": [{"name": "x", "baseline": 0, "up-price": 1, "group": 1}]},
            "commitments.0.group",
            "Not a group.",
        ),
        (
            {
                **NEW,
                "commitments": [
                    {
                        "name": "x",
                        "baseline": 0,
                        "up-price": 1,
                        "sensors": [1],
                        "group": {"asset": 1},
                    }
                ],
            },
            "commitments.0.group",
            "Give either sensors or group.",
        ),
        ({**NEW, "commodities": {}}, "commodities", "Not a valid list."),
        ({**NEW, "commodities": [3]}, "commodities.0", "Not a valid mapping type."),
        ({**NEW, "commodities": [{}]}, "commodities.0.commodity", "Missing data"),
        (
            {**NEW, "commodities": [{"commodity": "gas", "soc-max": 1}]},
            "commodities.0.soc-max",
            "Unknown field.",
        ),
        (
            {**NEW, "commodities": [{"commodity": "gas"}, {"commodity": "gas"}]},
            "commodities.1.commodity",
            "The commodity 'gas' has two contexts.",
        ),
        (
            {
                **NEW,
                "commodities": [{"commodity": "electricity", "consumption-price": {"sensor": 2}}],
            },
            "commodities.0.consumption-price",
            "Given twice",
        ),
        (
            {**NEW, "commodities": [{"commodity": "gas", "consumption-price": "1 USD/MWh"}]},
            "consumption-price",
            "all prices in the flex-context must share the same currency unit",
        ),
        ({**NEW, "commodity": "gas"}, "commodity", "Must be one of: electricity."),
        ({**NEW, "stability-cost": "-1 EUR/MWh"}, "stability-cost", "Must be at least 0"),
        ([1], "flex-context", "Not a valid mapping type."),
    ],
)
def test_errors_name_the_field_and_say_what_is_wrong(place, given, field, message):
    with pytest.raises(InvalidInput) as caught:
        place.scheduler(None, given)
    assert caught.value.field == field
    assert message in caught.value.message


def test_relaxation_may_be_declined(place):
    declined = {
        "relax-constraints": False,
        "relax-soc-constraints": False,
        "relax-site-capacity-constraints": False,
        "relax-capacity-constraints": False,
        "commitments": [],
        "commodities": [],
    }
    assert place.site({**NEW, **declined}) == place.site(NEW)


def test_the_nearest_of_the_trigger_the_asset_and_its_ancestors_counts(place):
    place.building.flex_context = {
        "consumption-price": {"sensor": 2},
        "production-price": "10 EUR/MWh",
        "site-power-capacity": "1 MW",
    }
    place.battery.flex_context = {"site-power-capacity": "2 MW"}
    found = place.site({"production-price": "20 EUR/MWh"})
    assert found.consumption_price == FromSensor(place.prices)
    assert found.production_price == Fixed(20.0)
    assert found.power_capacity == Fixed(2.0)


def test_a_price_of_the_trigger_replaces_a_stored_price_sensor(place):
    place.battery.flex_context = {"consumption-price-sensor": 99}
    assert place.site({"consumption-price": 5}).consumption_price == Fixed(5.0)


def test_an_error_in_stored_configuration_says_where_it_stands(place):
    place.building.flex_context = {"consumption-price": {"sensor": 99}}
    with pytest.raises(InvalidInput, match="The value comes from the flex-context of asset 1"):
        place.site({})


@pytest.mark.parametrize(
    "attributes",
    [
        {"market_id": 2},
        {"consumption-price-sensor": 2},
        {"consumption_price_sensor": 2},
        {"consumption-price": {"sensor": 2}, "market_id": 99},
    ],
)
@pytest.mark.parametrize("holder", ["power", "battery", "building"])
def test_attributes_of_sensor_asset_and_ancestors_stand_in(place, holder, attributes):
    owner = getattr(place, holder)
    owner.attributes = {**owner.attributes, **attributes}
    assert place.site({}).consumption_price == FromSensor(place.prices)


def test_stored_flex_context_comes_before_attributes(place):
    place.building.flex_context = {"consumption-price": "5 EUR/MWh"}
    place.power.attributes = {"market_id": 2}
    assert place.site({}).consumption_price == Fixed(5.0)


def test_a_sensor_is_inflexible_once(place):
    sensor = place.book.add(place.building, "kW")
    given = {**NEW, "inflexible-device-sensors": [sensor.id, sensor.id]}
    (found,) = place.site(given).inflexible
    assert found.quantity == FromSensor(sensor)

"""The price of consumption: its notations, its sources in order, and its gaps."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import numpy as np
import pytest

from fmhost.plugin import InvalidInput, UnitMismatch
from fmhost_process.flex_context import read_surroundings
from fmhost_process.grid import Grid
from fmhost_process.price import extended, read_price

START = datetime(2026, 3, 2, tzinfo=UTC)
GRID = Grid(START, timedelta(minutes=30), 4)
NAN = float("nan")


@pytest.fixture
def read(readings):
    return lambda value: read_price(value, readings, "Europe/Amsterdam", "consumption-price")


@pytest.fixture
def prices(read, readings):
    def on_grid(value):
        price = read(value)
        return price.unit, price.on(GRID, readings).tolist()

    return on_grid


@pytest.mark.parametrize(
    ("value", "unit", "number"),
    [
        (50, "EUR/MWh", 50),
        ("50", "EUR/MWh", 50),
        ("0.3 EUR/kWh", "EUR/MWh", 300),
        ("0.3 USD/kWh", "USD/MWh", 300),
        ("400 g/kWh", "kg/MWh", 400),
    ],
)
def test_a_fixed_price_counts_in_every_step(prices, value, unit, number):
    assert prices(value) == (unit, pytest.approx([number] * 4))


def test_a_sensor_tells_the_price(prices, readings):
    assert prices({"sensor": 3}) == ("EUR/MWh", [269, 269, 244, 244])
    assert readings.asked[-1] == {}


def test_sources_are_filtered_and_gaps_take_the_default(prices, readings):
    readings.add(4, "EUR/kWh", [0.1], timedelta(hours=1))
    unit, values = prices(
        {
            "sensor": 4,
            "sources": [1, 2],
            "source_types": "forecaster",
            "exclude-source-types": ["scheduler"],
            "source-account": 7,
            "default": "90 EUR/MWh",
        }
    )
    assert (unit, values) == ("EUR/MWh", [100, 100, 90, 90])
    assert readings.asked[-1] == {
        "source_ids": (1, 2),
        "source_types": ("forecaster",),
        "exclude_source_types": ("scheduler",),
        "source_account_ids": (7,),
    }


def test_segments_hold_for_the_steps_that_they_touch_and_the_first_counts(prices):
    unit, values = prices(
        [
            {"value": "1 EUR/kWh", "start": "2026-03-02T00:40Z", "duration": "PT10M"},
            {"value": 7, "start": "2026-03-01T00:00Z", "end": "2026-03-02T01:00Z"},
            {"value": 8, "datetime": "2026-03-02T01:45Z"},
        ]
    )
    assert unit == "EUR/MWh"
    np.testing.assert_equal(values, [7, 1000, NAN, 8])


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ([NAN, 1, NAN, NAN, 2, NAN], [1, 1, 1, 1, 2, 2]),
        ([3, 4], [3, 4]),
        ([NAN, NAN], [NAN, NAN]),
    ],
)
def test_gaps_take_the_last_known_value_or_else_the_first(values, expected):
    np.testing.assert_equal(extended(np.array(values, dtype=float)), expected)


@pytest.mark.parametrize(
    ("value", "field", "text"),
    [
        ({"sensor": 99}, "consumption-price", "No sensor found with ID 99"),
        ({"sensor": "3"}, "consumption-price", "Not a valid integer"),
        ({"sensor": True}, "consumption-price", "Not a valid integer"),
        ({}, "consumption-price.sensor", "Missing data"),
        ({"sensor": 3, "unit": "EUR"}, "consumption-price.unit", "Unknown field"),
        ({"sensor": 3, "source-account": ["me"]}, "consumption-price.source-account", "integers"),
        ({"sensor": 3, "sources": ["me"]}, "consumption-price.sources", "list of integers"),
        ({"sensor": 3, "source-types": [1]}, "consumption-price.source-types", "list of texts"),
        ({"sensor": 3, "default": "1 USD/MWh"}, "consumption-price.default", "cannot be converted"),
        ("5 EUR", "consumption-price", "Invalid unit. A valid unit would be, for example, 'EUR/MW"),
        ("5 EUR/MW", "consumption-price", "Invalid unit"),
        ("dear", "consumption-price", "Cannot convert value 'dear'"),
        ([], "consumption-price", "list is empty"),
        ([5], "consumption-price.0", "Not a valid mapping"),
        ([{"datetime": "2026-03-02T00:00Z"}], "consumption-price.0.value", "Missing data"),
        ([{"value": 5}], "consumption-price.0", "two of"),
        (
            [{"value": 5, "datetime": "2026-03-02T00:00Z", "duration": "PT1H"}],
            "consumption-price.0",
            "either 'datetime' or two of",
        ),
        (
            [
                {"value": "5 EUR/MWh", "datetime": "2026-03-02T00:00Z"},
                {"value": "5 USD/MWh", "datetime": "2026-03-02T01:00Z"},
            ],
            "consumption-price.1.value",
            "cannot be converted",
        ),
    ],
)
def test_a_wrong_price_is_named(read, value, field, text):
    with pytest.raises(InvalidInput, match=text) as caught:
        read(value)
    assert caught.value.field == field


def test_a_sensor_without_a_price_is_refused(read, readings):
    readings.add(8, "kWh", [1.0], timedelta(hours=1))
    with pytest.raises(UnitMismatch, match=r"Invalid unit.*instead of 'kWh'"):
        read({"sensor": 8})


@pytest.fixture
def surroundings(make_asset, make_sensor, readings):
    """Reads the price for sensor 5 of asset 1, whose parent is asset 2."""

    def read_it(given=None, *, asset=None, parent=None, sensor_attributes=None):
        site = make_asset(2, **(parent or {}))
        owner = make_asset(1, site, **(asset or {}))
        sensor = make_sensor(owner, **(sensor_attributes or {}))
        return read_surroundings(given, [sensor, owner, site], readings, "UTC")

    return read_it


def test_the_price_comes_from_the_nearest_place_that_has_one(surroundings):
    def stored(number):
        return {"flex_context": {"consumption-price": number}}

    with_attribute = {"sensor_attributes": {"consumption-price": 4}}
    found = surroundings({"consumption-price": 1}, asset=stored(2), parent=stored(3))
    assert found.price.fixed == 1
    assert surroundings({}, asset=stored(2), parent=stored(3)).price.fixed == 2
    assert surroundings(parent=stored(3), **with_attribute).price.fixed == 3
    assert surroundings(**with_attribute).price.fixed == 4


@pytest.mark.parametrize(
    "place",
    [
        {"given": {"consumption-price-sensor": 3}},
        {"given": {"consumption_price": {"sensor": 3}}},
        {"asset": {"flex_context": {"consumption-price-sensor": 3}}},
        {"sensor_attributes": {"consumption-price-sensor": 3}},
        {"sensor_attributes": {"market_id": 3}},
        {"asset": {"attributes": {"market_id": 3}}},
        {"parent": {"attributes": {"consumption_price": {"sensor": 3}}}},
    ],
)
def test_the_price_sensor_is_found_wherever_it_stands(surroundings, place):
    assert surroundings(**place).price.sensor.id == 3


def test_what_a_process_does_not_use_is_told(surroundings):
    found = surroundings(
        {"consumption-price": 1, "relax_constraints": True},
        parent={"flex_context": {"site-power-capacity": "3 kW"}},
    )
    assert [text.split(":")[0] for text in found.warnings] == [
        "relax-constraints",
        "site-power-capacity",
    ]


@pytest.mark.parametrize(
    ("given", "field", "text"),
    [
        (
            {"consumption-price": 1, "consumption-price-sensor": 3},
            "consumption-price",
            "^Must pass either consumption-price or consumption-price-sensor.",
        ),
        ({"consumption-pirce": 1}, "consumption-pirce", "Unknown field"),
        ({}, "consumption-price", "needs a price of consumption"),
        ([], "flex-context", "Not a valid mapping type"),
    ],
)
def test_a_wrong_flex_context_is_named(surroundings, given, field, text):
    with pytest.raises(InvalidInput, match=text) as caught:
        surroundings(given)
    assert caught.value.field == field


def test_a_wrong_stored_price_is_found_where_it_stands(surroundings):
    with pytest.raises(InvalidInput, match="comes from the flex-context of asset 2"):
        surroundings(parent={"flex_context": {"consumption-price": "dear"}})

from __future__ import annotations

import pytest

from fmhost.domain.common_units import common_units, quantity_title, ratio


def test_units_that_differ_in_size_share_the_first_one():
    found = common_units(["kW", "MW", "EUR/MWh", "W", "EUR/kWh", "kW"])
    assert found == {
        "kW": ("kW", 1.0),
        "MW": ("kW", 1000.0),
        "W": ("kW", 0.001),
        "EUR/MWh": ("EUR/MWh", 1.0),
        "EUR/kWh": ("EUR/MWh", 1000.0),
    }


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("kW", "kWh"),
        ("°C", "°F"),
        ("°C", "K"),
        ("EUR/MWh", "USD/MWh"),
        ("", "%"),
        ("%", ""),
        ("what's this", "kW"),
    ],
)
def test_other_units_keep_to_themselves(one, other):
    assert ratio(one, other) is None
    assert common_units([one, other]) == {one: (one, 1.0), other: (other, 1.0)}


def test_shares_are_units():
    assert ratio("‰", "%") == pytest.approx(0.1)
    assert ratio("", "") == 1.0


@pytest.mark.parametrize(
    ("unit", "title"),
    [
        ("kW", "Power (kW)"),
        ("EUR/MWh", "Energy price (EUR/MWh)"),
        ("%", "Percentage (%)"),
        ("", ""),
        ("what's this", "what's this"),
    ],
)
def test_the_title_of_an_axis(unit, title):
    assert quantity_title(unit) == title

"""Quantities as people write them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fmhost.domain.units import compact, format_quantity, parse_quantity, quantity
from fmhost.errors import InvalidInput, UnitMismatch


@pytest.mark.parametrize(
    ("value", "default", "to_unit", "expected"),
    [
        ("12.5 kWh", "MWh", "MWh", 0.0125),
        ("12.5kWh", "MWh", "kWh", 12.5),
        ("3 * 230V * 16A", "MW", "kW", 11.04),
        ("2*(3 kW)", "MW", "kW", 6),
        ("90%", "", "", 0.9),
        ("90 %", "", "%", 90),
        ("0.9", "", "", 0.9),
        (0.9, "", "%", 90),
        (5, "MW", "kW", 5000),
        ("-5", "MW", "kW", -5000),
        ("1e3 kW", "MW", "MW", 1),
        ("5 °C", "°C", "K", 278.15),
        ("100 EUR/MWh", "EUR/kWh", "EUR/kWh", 0.1),
        ("36 m3/h", "m³/h", "l/s", 10),
        ("36 m³/h", "m³/h", "l/s", 10),
    ],
)
def test_quantities_are_read(
    value: str | float, default: str, to_unit: str, expected: float
) -> None:
    assert quantity(value, default, to_unit) == pytest.approx(expected, rel=1e-15)


@pytest.mark.parametrize(
    "value",
    [
        "x",
        "",
        "kW",
        "1,5 kW",
        "1.000,5 kW",
        "nan kW",
        "inf",
        "1e999 kW",
        "2 kW/0",
        "9**9**9 kW",
        True,
        float("nan"),
        float("inf"),
        None,
        [3],
    ],
)
def test_what_is_not_a_quantity_is_refused_with_the_value_and_an_example(value: object) -> None:
    with pytest.raises(InvalidInput) as refused:
        quantity(value, "MW", "MW", field="power-capacity")  # type: ignore[arg-type]
    assert refused.value.message == f"Cannot convert value '{value}' to a valid quantity."
    assert "12.5 kWh" in str(refused.value)
    assert refused.value.field == "power-capacity"


def test_a_quantity_of_something_else_is_a_mismatch() -> None:
    with pytest.raises(UnitMismatch, match="'EUR' cannot be converted to 'MW'"):
        quantity("10 EUR", "MW", "MW", field="power-capacity")
    with pytest.raises(UnitMismatch, match="Unit 'zz' cannot be handled"):
        quantity("3 zz", "MW", "MW")


def test_a_percentage_needs_to_know_of_what() -> None:
    assert quantity("50%", "MWh", "MWh", capacity=0.45) == 0.225
    with pytest.raises(UnitMismatch, match="capacity"):
        quantity("50%", "MWh", "MWh")


@pytest.mark.parametrize(
    ("unit", "short"),
    [
        ("kW*EUR/MWh", "EUR/h"),
        ("kWh", "kWh"),
        ("kW*h", "kWh"),
        ("EUR/MWh", "EUR/MWh"),
        ("EUR/kW/h", "EUR/kWh"),
        ("MW*EUR/kWh", "kEUR/h"),
        ("V*A", "W"),
        ("kV*A", "kW"),
        ("MWh/h", "MW"),
        ("kWh/kW", "h"),
        ("kg*m/s²", "N"),
        ("EUR/MWh*MWh", "EUR"),
        ("kWh/MWh", ""),
        ("m/s", "m/s"),
        ("W/m2", "W/m²"),
        ("m³/h", "m³/h"),
        ("°C", "°C"),
        ("%", "%"),
        ("", ""),
    ],
)
def test_compact_units(unit: str, short: str) -> None:
    assert compact(unit) == short


def test_a_quantity_is_written_with_its_compact_unit() -> None:
    assert format_quantity(12.5, "kWh") == "12.5 kWh"
    assert format_quantity(12.0, "kWh") == "12 kWh"
    assert format_quantity(500, "kW*EUR/MWh") == "0.5 EUR/h"
    assert format_quantity(0.9, "") == "0.9"


@given(
    st.floats(-1e12, 1e12),
    st.sampled_from(["kWh", "kW*EUR/MWh", "W*s", "%", "°C", "EUR/MWh", "kWh/MWh", "", "m³/h"]),
)
def test_what_is_written_reads_back_the_same(value: float, unit: str) -> None:
    text = format_quantity(value, unit)
    default = "" if compact(unit) == "" else unit
    assert quantity(text, default, unit) == pytest.approx(value, rel=1e-12, abs=1e-12)


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_a_bare_number_has_the_default_unit(value: float) -> None:
    assert parse_quantity(value, "MW") == (value, "MW")
    assert parse_quantity(repr(value), "MW") == (value, "MW")

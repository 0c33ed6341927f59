"""Units: parsing, classes, compatibility and conversion."""

from __future__ import annotations

import subprocess
import sys
from datetime import timedelta

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fmhost.domain.currencies import CODES
from fmhost.domain.units import (
    convert,
    convertible,
    currency_of,
    dimension_name,
    is_capacity_price,
    is_currency,
    is_energy,
    is_energy_price,
    is_power,
    is_price,
    is_share,
    is_speed,
    parse_unit,
    time_power,
)
from fmhost.errors import InvalidInput, UnitMismatch

QUARTER = timedelta(minutes=15)
DIMENSION_GROUPS = [
    ["W", "kW", "MW", "GW", "VA", "kVA", "MVA", "J/s", "kWh/h"],
    ["Wh", "kWh", "MWh", "J", "GJ", "W*h"],
    ["EUR/MWh", "EUR/kWh", "kEUR/MWh", "EUR/J"],
    ["m/s", "km/h", "m/h"],
    ["%", "‰", ""],
    ["°C", "°F", "K"],
    ["m³/h", "m3/h", "l/min"],
]
PAIRS = [(a, b) for group in DIMENSION_GROUPS for a in group for b in group]
TEXTS = [unit for group in DIMENSION_GROUPS for unit in group]
values_of_sensors = st.lists(
    st.floats(-1e9, 1e9, allow_subnormal=False) | st.just(float("nan")), max_size=20
).map(np.array)


def one(value: float, from_unit: str, to_unit: str, **options: object) -> float:
    return float(convert(np.array([value]), from_unit, to_unit, **options)[0])  # type: ignore[arg-type]


def test_importing_the_module_does_not_build_the_registry() -> None:
    probe = (
        "import sys, fmhost.domain.units\n"
        "from fmhost.domain import unit_parsing\n"
        "assert unit_parsing._registry is None and 'pint' not in sys.modules\n"
    )
    subprocess.run([sys.executable, "-c", probe], check=True)


@pytest.mark.parametrize(
    "text",
    [
        "kW",
        "MWh",
        "m/s",
        "°C",
        "W/m²",
        "W/m2",
        "m³/h",
        "kg/h",
        "V",
        "A",
        "%",
        "‰",
        "",
        "MVA",
        "EUR/kWh",
    ],
)
def test_units_of_the_field_are_read(text: str) -> None:
    assert parse_unit(text) is not None


@pytest.mark.parametrize(
    "text",
    [
        "kWeird",
        "3 kW",
        "kW*",
        "((",
        "m**",
        "m/0",
        "[",
        "'",
        "9**9**9",
        "m**9**9**9",
        "9⁹⁹⁹⁹⁹⁹⁹⁹",
        "m**999",
        "R**20",
        "1/R**20",
        "((9**99)**99)**99**99",
        "(((m**9)**9)**9)**9",
        "m" * 300,
    ],
)
def test_anything_else_is_refused_by_name(text: str) -> None:
    with pytest.raises(UnitMismatch) as refused:
        parse_unit(text)
    assert refused.value.message == f"Unit '{text}' cannot be handled."


@given(st.text(alphabet="kWmhEUR0123456789*/^()²⁹- .%°'\"[]_,", max_size=30))
def test_whatever_the_text_parsing_ends_in_a_unit_or_a_refusal(text: str) -> None:
    try:
        parse_unit(text)
    except UnitMismatch:
        return
    assert convertible(text, text)


@pytest.mark.parametrize("code", sorted(CODES))
def test_each_currency_is_a_dimension_of_its_own_with_si_prefixes(code: str) -> None:
    assert currency_of(code) == code
    assert one(1, f"M{code}", f"k{code}") == 1000
    assert is_currency(code)
    assert is_currency(f"k{code}")


def test_currencies_do_not_convert_into_each_other() -> None:
    assert not convertible("EUR", "KRW")
    with pytest.raises(UnitMismatch, match="'EUR/MWh' cannot be converted to 'KRW/kWh'"):
        one(1, "EUR/MWh", "KRW/kWh")


@pytest.mark.parametrize("text", ["EURO", "XYZ", "kkEUR", "eur", "EUR/MWh", "kW", ""])
def test_what_is_no_currency_code_is_no_currency(text: str) -> None:
    assert not is_currency(text)


def test_unit_classes() -> None:
    classes = {
        "kW": {is_power},
        "MVA": {is_power},
        "kWh": {is_energy},
        "kEUR/MWh": {is_price, is_energy_price},
        "EUR/kW": {is_price, is_capacity_price},
        "EUR/m³": {is_price},
        "KRW": {is_currency},
        "km/h": {is_speed},
        "EUR²/kW": set(),
        "EUR*KRW/kW": set(),
        "m": set(),
        "": set(),
        "no such unit": set(),
    }
    tests = {
        is_power,
        is_energy,
        is_price,
        is_energy_price,
        is_capacity_price,
        is_currency,
        is_speed,
    }
    for unit, expected in classes.items():
        assert {test for test in tests if test(unit)} == expected, unit


@pytest.mark.parametrize(
    ("unit", "name"),
    [
        ("MW", "power"),
        ("kVA", "power"),
        ("kWh", "energy"),
        ("EUR/MWh", "energy price"),
        ("EUR/kW", "price"),
        ("kEUR", "currency"),
        ("km/h", "speed"),
        ("%", "percentage"),
        ("°C", "temperature"),
        ("m", "length"),
        ("kg", "mass"),
        ("h", "time"),
        ("A", "current"),
        ("", "value"),
        ("m³/h", "value"),
        ("1/h", "value"),
    ],
)
def test_dimension_names(unit: str, name: str) -> None:
    assert dimension_name(unit) == name


@pytest.mark.parametrize(
    ("value", "from_unit", "to_unit", "expected"),
    [
        (3, "kW", "MW", 0.003),
        (5.1, "kW", "MW", 0.0051),
        (1, "EUR/MWh", "EUR/kWh", 0.001),
        (1, "EUR/kWh", "EUR/MWh", 1000),
        (2, "kVA", "W", 2000),
        (90, "%", "", 0.9),
        (5, "%", "‰", 50),
        (20, "°C", "K", 293.15),
        (0, "K", "°C", -273.15),
        (212, "°F", "°C", 100),
        (100, "°C", "°F", 212),
        (36, "km/h", "m/s", 10),
        (1, "MWh", "GJ", 3.6),
    ],
)
def test_conversions_within_a_dimension(
    value: float, from_unit: str, to_unit: str, expected: float
) -> None:
    assert one(value, from_unit, to_unit) == pytest.approx(expected, rel=1e-15)


@pytest.mark.parametrize("pair", [("kW", "MW"), ("EUR/MWh", "EUR/kWh"), ("%", "")])
@pytest.mark.parametrize("value", [0.1, 0.3, 5.1, 7, 12.7])
def test_decimal_factors_round_once(pair: tuple[str, str], value: float) -> None:
    divisor = {"kW": 1000, "EUR/MWh": 1000, "%": 100}[pair[0]]
    assert one(value, *pair) == value / divisor


def test_energy_becomes_power_by_the_length_of_the_events_and_back() -> None:
    assert one(2, "kWh", "kW", event_resolution=QUARTER) == 8
    assert one(8, "kW", "kWh", event_resolution=QUARTER) == 2
    assert one(1, "kWh", "MW", event_resolution=timedelta(minutes=5)) == pytest.approx(0.012)
    assert one(1, "kW", "kWh", event_resolution=timedelta(minutes=5)) == 1 / 12
    assert one(4, "EUR/MWh", "EUR/MW", event_resolution=QUARTER) == 1
    assert (time_power("kWh", "kW"), time_power("kW", "kWh"), time_power("kW", "MW")) == (-1, 1, 0)


@pytest.mark.parametrize("length", [None, timedelta(0)])
def test_energy_stays_energy_where_events_have_no_length(length: timedelta | None) -> None:
    assert not convertible("kWh", "kW", length)
    assert convertible("kWh", "MWh", length)
    with pytest.raises(UnitMismatch, match="events of a known length"):
        one(1, "kWh", "kW", event_resolution=length)


def test_compatibility_knows_stocks_flows_and_nothing_else() -> None:
    assert convertible("kWh", "kW", QUARTER)
    assert convertible("kW", "kWh", QUARTER)
    assert not convertible("kWh", "m", QUARTER)
    assert not convertible("°C", "kW", QUARTER)
    assert not convertible("°C", "K*h", QUARTER)
    assert not convertible("%", "kW", QUARTER)
    with pytest.raises(UnitMismatch):
        convertible("kW", "no such unit")


def test_a_percentage_of_a_capacity_is_a_quantity_and_back() -> None:
    assert one(25, "%", "MW", capacity=2) == 0.5
    assert one(5, "‰", "MW", capacity=2) == 0.01
    assert one(0.5, "MW", "%", capacity=2) == 25
    with pytest.raises(UnitMismatch, match="only where the capacity is known"):
        one(25, "%", "MW")
    assert is_share("%")
    assert not is_share("")


@given(values_of_sensors, st.sampled_from(PAIRS))
def test_converting_there_and_back_gives_the_same(
    values: np.ndarray, pair: tuple[str, str]
) -> None:
    there, back = pair
    twice = convert(convert(values, there, back), back, there)
    np.testing.assert_allclose(twice, values, rtol=1e-12, atol=1e-9)


@given(values_of_sensors, st.sampled_from(PAIRS))
def test_a_missing_value_stays_missing_and_no_other_gets_lost(
    values: np.ndarray, pair: tuple[str, str]
) -> None:
    np.testing.assert_array_equal(np.isnan(convert(values, *pair)), np.isnan(values))


@given(st.sampled_from(TEXTS), st.sampled_from(TEXTS), st.sampled_from([None, QUARTER]))
def test_whether_units_convert_is_symmetric_and_agrees_with_converting(
    ours: str, theirs: str, length: timedelta | None
) -> None:
    assert convertible(ours, theirs, length) == convertible(theirs, ours, length)
    try:
        convert(np.ones(1), ours, theirs, event_resolution=length)
    except UnitMismatch:
        assert not convertible(ours, theirs, length)
    else:
        assert convertible(ours, theirs, length)


def test_the_given_column_is_never_changed() -> None:
    values = np.array([1.0, 2.0])
    same = convert(values, "kW", "kW")
    same[0] = 9
    convert(values, "°C", "K")
    assert values.tolist() == [1.0, 2.0]


def test_logarithmic_scales_convert_into_nothing_but_themselves() -> None:
    assert one(3, "dBm", "dBm") == 3
    for ours, theirs in (("dBm", "mW"), ("mW", "dBm")):
        assert not convertible(ours, theirs)
        with pytest.raises(UnitMismatch):
            one(3, ours, theirs)


def test_a_mismatch_is_an_invalid_input() -> None:
    with pytest.raises(InvalidInput):
        one(1, "m", "kW")

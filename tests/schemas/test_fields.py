from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from marshmallow import ValidationError

from fmhost.domain.durations import Span
from fmhost.schemas import fields
from fmhost.schemas.entity_addresses import SensorAddress


def refusal(field, value) -> str:
    with pytest.raises(ValidationError) as caught:
        field.deserialize(value)
    return str(caught.value)


def test_a_moment_keeps_its_offset():
    loaded = fields.AwareDateTime().deserialize("2026-03-01T10:00:00+01:00")
    assert loaded == datetime(2026, 3, 1, 9, tzinfo=UTC)
    assert loaded.utcoffset() == timedelta(hours=1)


def test_a_moment_without_offset_is_refused():
    assert "Not a valid aware datetime." in refusal(fields.AwareDateTime(), "2026-03-01T10:00:00")


def test_a_lost_plus_sign_is_explained():
    assert "%2B" in refusal(fields.AwareDateTime(), "2026-03-01T10:00:00 01:00")


@pytest.mark.parametrize("value", [1, 1.5, True, [], {}, "yesterday", "", "0000-00-00T00:00Z"])
@pytest.mark.parametrize(
    "field",
    [fields.AwareDateTime(), fields.Duration(), fields.FixedDuration()],
    ids=lambda field: type(field).__name__,
)
def test_what_is_no_text_of_the_kind_is_refused(field, value):
    assert refusal(field, value)


def test_a_duration_keeps_its_calendar_parts():
    assert fields.Duration().deserialize("P1DT2H") == Span(days=1, time=timedelta(hours=2))


@pytest.mark.parametrize("text", ["PT0H", "-PT1H", "-P1D", "P0D"])
def test_a_positive_duration_is_longer_than_zero(text):
    assert "longer than zero" in refusal(fields.Duration(positive=True), text)


@pytest.mark.parametrize("text", ["-PT10M", "R/-PT10M"])
def test_horizons_may_be_negative(text):
    assert fields.FixedDuration().deserialize(text) == -timedelta(minutes=10)


@pytest.mark.parametrize("kind", [fields.Duration, fields.FixedDuration])
def test_only_positive_durations_have_the_format_of_json_schema(kind):
    assert kind(positive=True).json_schema["format"] == "duration"
    described = kind().json_schema
    assert "format" not in described
    for text in ("PT15M", "-PT10M", "R/PT6H"):
        assert re.match(described["pattern"], text)


def test_a_fixed_duration_has_no_months():
    assert "no length of its own" in refusal(fields.FixedDuration(), "P1M")


@given(st.timedeltas(timedelta(0), timedelta(days=400)))
def test_what_a_duration_dumps_it_loads(length):
    class Holder:
        duration = length

    text = fields.FixedDuration().serialize("duration", Holder())
    assert fields.FixedDuration().deserialize(text) == length


@pytest.mark.parametrize("unit", ["kW", "EUR/MWh", "m³/h", "%", "", "°C"])
def test_units_that_can_be_handled(unit):
    assert fields.Unit().deserialize(unit) == unit


@pytest.mark.parametrize("unit", ["blub", "kW(", "9**9**9", 5, None, "x" * 10_000])
def test_units_that_cannot(unit):
    assert refusal(fields.Unit(), unit)


def test_time_zones_have_iana_names():
    assert fields.TimeZone().deserialize("Asia/Seoul") == "Asia/Seoul"
    assert "Invalid timezone 'Mars/Base'. Example: Asia/Seoul." in refusal(
        fields.TimeZone(), "Mars/Base"
    )


@pytest.mark.parametrize(
    ("value", "megawatts"), [("500 kW", 0.5), (2, 2.0), ("2", 2.0), ("3 * 230V * 16A", 0.01104)]
)
def test_quantities_load_as_numbers_in_one_unit(value, megawatts):
    assert fields.Quantity("MW").deserialize(value) == pytest.approx(megawatts)


@pytest.mark.parametrize("value", ["5 kWh", "lots", True, [1], "1e999 MW"])
def test_quantities_of_another_kind_are_refused(value):
    assert refusal(fields.Quantity("MW"), value)


@pytest.mark.parametrize("value", [3, "3", "+3"])
def test_ids_are_numbers_or_digits(value):
    assert fields.EntityId("sensor").deserialize(value) == 3


@pytest.mark.parametrize("value", [0, -1, 2**31, "99999999999999999"])
def test_numbers_that_no_entity_has(value):
    assert "No sensor found with ID" in refusal(fields.EntityId("sensor"), value)


@pytest.mark.parametrize("value", ["", "x", "1.0", "٣", 1.0, True, [], "9" * 5000])
def test_what_is_no_id(value):
    assert "Not a valid integer." in refusal(fields.EntityId("sensor"), value)


@pytest.mark.parametrize("value", [3, {"sensor": 3}])
def test_a_sensor_is_referred_to_by_id(value):
    assert fields.SensorReference().deserialize(value) == 3


def test_a_sensor_is_referred_to_by_address():
    text = "ea1.2021-01.io.flexmeasures:fm1.42"
    loaded = fields.SensorReference().deserialize(text)
    assert loaded == SensorAddress(text, "2021-01", "io.flexmeasures", 42)


@pytest.mark.parametrize("value", [{}, {"sensor": 3, "x": 1}, {"asset": 3}, [3], "3", 0, None])
def test_what_is_no_reference_to_a_sensor(value):
    assert refusal(fields.SensorReference(), value)

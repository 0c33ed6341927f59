"""The flex-model: every field in every notation, where defaults come from, and what is refused."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from fmhost.plugin import InvalidInput
from fmhost_storage.quantities import Fixed, FromSensor, Segment, Segments
from fmhost_storage.storage_schema import StorageSchema

HOUR = timedelta(hours=1)


def at(hour, minute=0):
    return datetime(2026, 3, 2, hour, minute, tzinfo=UTC)


@pytest.mark.parametrize(
    ("field", "given", "attribute", "expected"),
    [
        ("soc-at-start", "250 kWh", "soc_at_start", 0.25),
        ("soc-at-start", 0.25, "soc_at_start", 0.25),
        ("soc-min", "100 kWh", "soc_min", 0.1),
        ("soc-max", "1.5 MWh", "soc_max", 1.5),
        ("soc-max", "7.2 GJ", "soc_max", 2.0),
        ("soc-minima", "100 kWh", "soc_minima", Fixed(0.1)),
        ("soc-maxima", 1.5, "soc_maxima", Fixed(1.5)),
        ("soc-targets", "1 MWh", "soc_targets", Fixed(1.0)),
        ("charging-efficiency", "120%", "charging_efficiency", Fixed(1.2)),
        ("discharging-efficiency", 0.9, "discharging_efficiency", Fixed(0.9)),
        ("roundtrip-efficiency", "81%", "charging_efficiency", Fixed(0.9)),
        ("roundtrip-efficiency", 0.81, "discharging_efficiency", Fixed(0.9)),
        ("storage-efficiency", 0.999, "storage_efficiency", Fixed(0.999)),
        ("storage-efficiency", "99.9%", "storage_efficiency", Fixed(0.999)),
        ("power-capacity", "25kW", "power_capacity", Fixed(0.025)),
        ("power-capacity", "3 * 230V * 16A", "power_capacity", Fixed(0.01104)),
        ("power-capacity", 0.3, "power_capacity", Fixed(0.3)),
        ("consumption-capacity", "300 kVA", "consumption_capacity", Fixed(0.3)),
        ("production-capacity", "0 kW", "production_capacity", Fixed(0.0)),
        ("soc-gain", ["10 kW", "20 kW"], "soc_gain", (Fixed(0.01), Fixed(0.02))),
        ("soc-usage", "10 kW", "soc_usage", (Fixed(0.01),)),
        ("soc-usage", [], "soc_usage", ()),
        ("prefer-charging-sooner", False, "prefer_charging_sooner", False),
        ("prefer-curtailing-later", False, "prefer_curtailing_later", False),
    ],
)
def test_fixed_values_are_converted_to_the_units_of_the_optimiser(
    place, field, given, attribute, expected
):
    found = getattr(place.device({field: given}), attribute)
    if isinstance(expected, Fixed):
        assert found.value == pytest.approx(expected.value)
    else:
        assert found == expected


@pytest.mark.parametrize(
    ("soc_unit", "sensor_unit", "expected"),
    [("kWh", "MW", 0.0121), ("MWh", "kW", 12.1), (None, "kW", 0.0121), (None, "MW", 12.1)],
)
def test_bare_energies_are_in_the_soc_unit_or_that_of_the_sensor(
    place, soc_unit, sensor_unit, expected
):
    place.power.unit = sensor_unit
    given = {
        "soc-at-start": 12.1,
        "soc-targets": [{"value": 12.1, "datetime": "2026-03-02T08:00:00+00:00"}],
    }
    if soc_unit:
        given["soc-unit"] = soc_unit
    found = place.device(given)
    assert found.soc_at_start == pytest.approx(expected)
    assert found.soc_targets.largest == pytest.approx(expected)
    assert found.soc_max == 2.0  # the attribute is in MWh, whatever the unit of the trigger


def test_underscores_are_accepted(place):
    found = place.device({"soc_at_start": "1 MWh", "roundtrip_efficiency": 0.81, "soc_unit": "kWh"})
    assert found.soc_at_start == 1.0
    assert found.charging_efficiency.value == pytest.approx(0.9)


@pytest.mark.parametrize(
    ("times", "start", "end"),
    [
        ({"datetime": "2026-03-02T08:00:00+00:00"}, at(8), at(8)),
        ({"start": "2026-03-02T08:00Z", "end": "2026-03-02T10:00+01:00"}, at(8), at(9)),
        ({"start": "2026-03-02T08:00:00Z", "duration": "PT90M"}, at(8), at(9, 30)),
        ({"end": "2026-03-02T09:00:00Z", "duration": "PT1H"}, at(8), at(9)),
    ],
)
@pytest.mark.parametrize("field", ["soc-targets", "soc-minima", "soc-maxima"])
def test_segments_have_a_moment_or_two_of_start_end_and_duration(place, field, times, start, end):
    found = place.device({field: [{"value": "500 kWh", **times}]})
    expected = Segments((Segment(start, end, 0.5),))
    assert getattr(found, field.replace("-", "_")) == expected


def test_a_nominal_day_has_23_hours_where_summer_time_begins(place):
    part = {"value": 1, "start": "2026-03-29T00:00:00+01:00", "duration": "P1D"}
    (segment,) = place.device({"soc-minima": [part]}).soc_minima.parts
    assert segment.end - segment.start == 23 * HOUR


def test_sensors_may_be_filtered_by_source_and_have_a_default(place):
    sensor = place.book.add(place.battery, "kW")
    reference = {
        "sensor": sensor.id,
        "sources": [3],
        "source_types": ["forecaster"],
        "exclude-source-types": ["user"],
        "default": "100 kW",
    }
    found = place.device({"consumption-capacity": reference}).consumption_capacity
    assert found == FromSensor(sensor, (3,), ("forecaster",), ("user",), 0.1)


@pytest.mark.parametrize(
    ("given", "field", "message"),
    [
        ({"soc-at-start": "x"}, "soc-at-start", "Cannot convert value 'x' to a valid quantity."),
        ({"soc-at-start": "3 kW"}, "soc-at-start", "Unit 'kW' converts to 'MWh' only"),
        ({"soc-at-start": None}, "soc-at-start", "Field may not be null."),
        ({"soc-min": -1}, "soc-min", "Must be at least 0"),
        ({"soc-unit": "Wh"}, "soc-unit", "Must be one of: kWh, MWh."),
        ({"roundtrip-efficiency": 0}, "roundtrip-efficiency", "Must be greater than 0"),
        ({"roundtrip-efficiency": "101%"}, "roundtrip-efficiency", "Must be at most 1"),
        ({"storage-efficiency": 1.01}, "storage-efficiency", "Must be at most 1"),
        ({"charging-efficiency": "-5%"}, "charging-efficiency", "Must be greater than 0"),
        ({"power-capacity": "-5 kW"}, "power-capacity", "Must be at least 0"),
        ({"power-capacity": "5 kWh"}, "power-capacity", "Unit 'kWh' converts to 'MW' only"),
        ({"prefer-charging-sooner": "maybe"}, "prefer-charging-sooner", "Not a valid boolean."),
        ({"soc-maxi": 1}, "soc-maxi", "Unknown field."),
        ({"soc-min": 1, "soc_min": 2}, "soc-min", "Given twice"),
        ({"soc-minima": []}, "soc-minima", "The list is empty."),
        ({"soc-minima": [3]}, "soc-minima.0", "Not a valid mapping type."),
        ({"soc-minima": [{"value": 1}]}, "soc-minima.0", "A segment needs either"),
        (
            {"soc-targets": [{"datetime": "2026-03-02T08:00Z"}]},
            "soc-targets.0.value",
            "Missing data for required field.",
        ),
        (
            {"soc-targets": [{"value": 1, "datetime": "2026-03-02T08:00"}]},
            "soc-targets.0.datetime",
            "Not a valid aware datetime.",
        ),
        (
            {"soc-targets": [{"value": 1, "datetime": "2026-03-02T08:00Z", "until": 1}]},
            "soc-targets.0.until",
            "Unknown field.",
        ),
        (
            {
                "soc-minima": [
                    {"value": 1, "start": "2026-03-02T08:00Z", "end": "2026-03-02T07:00Z"}
                ]
            },
            "soc-minima.0",
            "The end of a segment cannot lie before its start.",
        ),
        ({"soc-minima": {"sensor": 99}}, "soc-minima", "No sensor found with ID 99."),
        ({"soc-minima": {"sensor": "two"}}, "soc-minima", "Not a valid integer."),
        ({"soc-minima": {"sensr": 2}}, "soc-minima.sensr", "Unknown field."),
        ({"soc-minima": {"sensor": 1}}, "soc-minima", "Sensor 1 has the unit 'MW'"),
        ({"power-capacity": {"sensor": 2}}, "power-capacity", "Sensor 2 has the unit 'EUR/MWh'"),
        (
            {"power-capacity": {"sensor": 1, "sources": ["me"]}},
            "power-capacity.sources",
            "Not a list of integers.",
        ),
        (
            {"power-capacity": {"sensor": 1, "source-account": ["me"]}},
            "power-capacity.source-account",
            "Not a list of integers.",
        ),
        ({"state-of-charge": "1 MWh"}, "state-of-charge", "Not a sensor or a list of segments."),
        ({"state-of-charge": {"sensor": 1}}, "state-of-charge", "Sensor 1 has the unit 'MW'"),
        ({"consumption": 4}, "consumption", "Not a sensor."),
        ({"consumption": {"sensor": 1}}, "consumption", "Sensor 1 is the one that is scheduled"),
        ({"production": {"sensor": 2}}, "production", "Sensor 2 has the unit 'EUR/MWh'"),
        (
            {"charging-efficiency": 0.9, "roundtrip-efficiency": 0.8},
            "charging-efficiency",
            "Fields `charging_efficiency` and `roundtrip_efficiency` are mutually exclusive.",
        ),
        ({"group": {"asset": 1}}, "group", "A group limits several devices together"),
        ({"operation-modes": 3}, "operation-modes", "Not a list of operation modes."),
        ({"operation-modes": [3]}, "operation-modes.0", "Not a valid mapping type."),
        ({"operation-modes": [{}]}, "operation-modes.0", "An operation mode needs"),
        ({"operation-modes": [{"range": 1}]}, "operation-modes.0.range", "Unknown field."),
        (
            {"operation-modes": [{"consumption-range": [0.2, 0.1]}]},
            "operation-modes.0.consumption-range",
            "The first power of a range exceeds the second.",
        ),
        (
            {"operation-modes": [{"consumption-range": [-0.2, 0.1]}]},
            "operation-modes.0.consumption-range.0",
            "Must be at least 0",
        ),
        (
            {"operation-modes": [{"consumption-range": [0.1]}]},
            "operation-modes.0.consumption-range",
            "A range is a list of two powers.",
        ),
        (
            {"operation-modes": [{"consumption-range": [0.1, 1], "production-range": [0, 1]}]},
            "operation-modes.0",
            "must start at 0",
        ),
        ({"commodity": ""}, "commodity", "Shorter than minimum length 1."),
        ({"coupling": "chp"}, "coupling", "must have an unambiguous flow direction"),
        (
            {"coupling": "chp", "consumption-capacity": "1 kW"},
            "coupling",
            "Only battery (sensor 1) has the coupling 'chp'.",
        ),
        ({"coupling-coefficient": True}, "coupling-coefficient", "greater than 0"),
        ({"coupling-coefficient": 0}, "coupling-coefficient", "greater than 0"),
        (
            {"inflexible-consumption": {"sensor": 1}},
            "inflexible-consumption",
            "has no other fields",
        ),
        ({"cycle-cost": "-1 EUR/MWh"}, "cycle-cost", "Must be at least 0"),
        ({"cycle-cost": "1 EUR/kW"}, "cycle-cost", "an amount per energy"),
        ({"cycle-cost": "1 USD/MWh"}, "cycle-cost", "prices of the flex-context are in EUR"),
        ({"ramp-limit": "5 kW"}, "ramp-limit", "converts to 'MW/h' only"),
        ("soc-at-start", "flex-model", "Not a valid mapping type."),
    ],
)
def test_errors_name_the_field_and_say_what_is_wrong(place, given, field, message):
    with pytest.raises(InvalidInput) as caught:
        place.scheduler(given)
    assert caught.value.field == field
    assert message in caught.value.message
    assert caught.value.http_status == 422


def test_values_that_change_nothing_are_accepted(place):
    neutral = {"commodity": "electricity", "coupling-coefficient": 1.0, "operation-modes": []}
    assert place.device(neutral) == place.device({})


def test_the_schema_knows_every_field_of_a_storage():
    known = {field.data_key or name for name, field in StorageSchema._declared_fields.items()}
    assert {"soc-at-start", "soc-usage", "operation-modes", "group", "asset", "coupling"} <= known


@pytest.mark.parametrize(
    ("attribute", "value", "name", "expected"),
    [
        ("min_soc_in_mwh", 0.2, "soc_min", 0.2),
        ("max_soc_in_mwh", 1.2, "soc_max", 1.2),
        ("max_soc_in_mwh", "800 kWh", "soc_max", 0.8),
        ("capacity_in_mw", 0.4, "power_capacity", Fixed(0.4)),
        ("consumption_capacity", 0.4, "consumption_capacity", Fixed(0.4)),
        ("production_capacity", "300 kW", "production_capacity", Fixed(0.3)),
        ("storage_efficiency", 0.99, "storage_efficiency", Fixed(0.99)),
        ("roundtrip_efficiency", 0.25, "charging_efficiency", Fixed(0.5)),
        ("roundtrip-efficiency", 0.25, "charging_efficiency", Fixed(0.5)),
        ("charging-efficiency", 0.7, "charging_efficiency", Fixed(0.7)),
        ("soc-usage", ["10 kW"], "soc_usage", (Fixed(0.01),)),
    ],
)
def test_attributes_stand_in_and_those_of_the_sensor_come_first(
    place, attribute, value, name, expected
):
    place.battery.attributes = {**place.battery.attributes, attribute: value}
    assert getattr(place.device(), name) == expected
    place.battery.attributes = {"capacity_in_mw": 9, "max_soc_in_mwh": 9, "min_soc_in_mwh": 9}
    place.power.attributes = {attribute: value}
    assert getattr(place.device(), name) == expected


def test_the_trigger_comes_before_the_stored_flex_model_and_that_before_attributes(place):
    place.battery.attributes = {"capacity_in_mw": 0.1, "min_soc_in_mwh": 0.1, "max_soc_in_mwh": 1.1}
    place.battery.flex_model = {"soc-min": "200 kWh", "soc-max": "1.2 MWh"}
    found = place.device({"soc-max": "1.3 MWh"})
    assert (found.soc_max, found.soc_min) == (1.3, 0.2)
    assert found.power_capacity == Fixed(0.1)


def test_stored_bare_energies_are_in_the_stored_soc_unit_or_mwh(place):
    place.battery.flex_model = {"soc-max": 1.5}
    assert place.device({"soc-unit": "kWh"}).soc_max == 1.5
    place.battery.flex_model = {"soc-max": 1500, "soc-unit": "kWh"}
    assert place.device({"soc-unit": "MWh"}).soc_max == 1.5


def test_one_way_efficiencies_of_the_trigger_replace_a_stored_round_trip(place):
    place.battery.flex_model = {"roundtrip-efficiency": "49%"}
    found = place.device({"charging-efficiency": "90%"})
    assert found.charging_efficiency == Fixed(0.9)
    assert found.discharging_efficiency == Fixed(1.0)


def test_an_error_in_stored_configuration_says_where_it_stands(place):
    place.battery.flex_model = {"soc-min": "full"}
    with pytest.raises(
        InvalidInput, match="The value comes from the flex-model of asset 2"
    ) as told:
        place.scheduler({})
    assert told.value.field == "soc-min"
    assert place.device({"soc-min": 0}).soc_min == 0  # what is overridden is not looked at


def test_without_soc_max_the_largest_target_stands_in(place):
    place.battery.attributes = {"capacity_in_mw": 0.5}
    targets = [
        {"value": 1.5, "datetime": "2026-03-02T07:00Z"},
        {"value": 1.0, "datetime": "2026-03-02T08:00Z"},
    ]
    assert place.device({"soc-targets": targets}).soc_max == 1.5


def test_without_soc_max_and_targets_there_is_an_error(place):
    place.battery.attributes = {"capacity_in_mw": 0.5}
    with pytest.raises(InvalidInput) as caught:
        place.scheduler({})
    assert caught.value.field == "soc-max"
    assert caught.value.message == (
        "Need maximal permitted state of charge, please specify soc-max or some soc-targets."
    )


def test_without_any_capacity_there_is_an_error(place):
    place.battery.attributes = {"max_soc_in_mwh": 2}
    with pytest.raises(InvalidInput, match="The power capacity of battery") as caught:
        place.scheduler({})
    assert caught.value.field == "power-capacity"


@pytest.mark.parametrize(
    ("known_at", "expected"), [("2026-03-02T07:00:00+01:00", 0.7), ("2026-03-02T05:00Z", 0.0)]
)
def test_the_attribute_soc_in_mwh_counts_if_it_is_of_the_start(place, known_at, expected):
    place.battery.attributes = {
        **place.battery.attributes,
        "soc_in_mwh": 0.7,
        "soc_datetime": known_at,
    }
    found = place.device()
    assert found.soc_at_start == expected
    assert ("soc-at-start is not given" in " ".join(found.assumed)) == (expected == 0)


@pytest.mark.parametrize(
    ("attributes", "kind", "one_way"),
    [
        ({}, "battery", None),
        ({"is_producer": False}, "battery", "consumption"),
        ({"is_consumer": False}, "battery", "production"),
        ({}, "one-way_evse", "consumption"),
        ({"is_producer": True}, "one-way_evse", None),
    ],
)
def test_devices_of_one_direction(place, attributes, kind, one_way):
    place.battery.attributes = {**place.battery.attributes, **attributes}
    place.battery.generic_asset_type.name = kind
    assert place.device().one_way == one_way


def test_a_sensor_that_does_not_measure_power_is_refused(place):
    with pytest.raises(InvalidInput, match="Sensor with ID 2 is not a power sensor"):
        place.scheduler(target=place.prices)


def test_an_energy_sensor_can_be_scheduled(place):
    place.power.unit = "kWh"
    assert place.device().sensor is place.power


def test_the_sensor_of_the_state_of_charge_must_be_of_moments_and_writable(place):
    hourly = place.book.add(place.battery, "kWh", HOUR)
    with pytest.raises(InvalidInput, match="non-instantaneous event resolution"):
        place.scheduler({"state-of-charge": {"sensor": hourly.id}})
    moments = place.book.add(place.battery, "kWh", timedelta(0))
    assert place.device({"state-of-charge": {"sensor": moments.id}}).soc_at_start is None
    place.book.closed.add(moments.id)
    with pytest.raises(InvalidInput, match="not store results on it") as caught:
        place.scheduler({"state-of-charge": {"sensor": moments.id}})
    assert caught.value.field == "state-of-charge"


def test_a_state_of_charge_in_percent_needs_soc_max(place):
    sensor = place.book.add(place.battery, "%", timedelta(0))
    given = {"state-of-charge": {"sensor": sensor.id}, "soc-max": 0}
    with pytest.raises(InvalidInput, match="requires a non-zero soc-max") as caught:
        place.scheduler(given)
    assert caught.value.field == "soc-max"

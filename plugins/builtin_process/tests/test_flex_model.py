"""The fields of a process: spellings, notations, where they come from, what is refused."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from fmhost.plugin import InvalidInput, UnitMismatch
from fmhost_process.allocation import ProcessType, Sense
from fmhost_process.flex_model import read_process

START = datetime(2026, 3, 2, tzinfo=UTC)
MINIMAL = {"duration": "PT1H", "power": "2 kW"}


@pytest.fixture
def read(make_asset, make_sensor):
    def read_it(given, *, stored=None, attributes=None, start=START, prefix="", timezone="UTC"):
        asset = make_asset(7, flex_model=stored or {})
        sensor = make_sensor(asset, timezone=timezone, **(attributes or {}))
        return read_process(given, sensor, start, prefix=prefix)

    return read_it


def test_two_fields_suffice(read):
    process = read(MINIMAL)
    assert process.duration == timedelta(hours=1)
    assert process.power == 0.002
    assert process.process_type is ProcessType.INFLEXIBLE
    assert process.sense is Sense.MIN
    assert process.restrictions == ()
    assert process.assumed == (
        "process-type is not given for sensor 5: the process is taken to be INFLEXIBLE.",
    )


@pytest.mark.parametrize(
    ("power", "megawatts"),
    [("2 kW", 0.002), (0.4, 0.4), ("0.4", 0.4), ("1.5MW", 1.5), ("230 V * 16 A", 0.00368), (1, 1)],
)
def test_power_is_a_quantity_or_a_number_of_megawatts(read, power, megawatts):
    assert read({**MINIMAL, "power": power}).power == pytest.approx(megawatts)


@pytest.mark.parametrize("spelling", ["process-type", "process_type"])
@pytest.mark.parametrize("kind", list(ProcessType))
def test_hyphens_and_underscores_are_the_same(read, spelling, kind):
    process = read({**MINIMAL, spelling: kind.value})
    assert process.process_type is kind
    assert process.assumed == ()


def test_all_fields_with_underscores(read):
    process = read(
        {
            **MINIMAL,
            "process_type": "shiftable",
            "optimization_sense": "max",
            "time_restrictions": [{"start": "2026-03-02T06:00+01:00", "duration": "PT2H"}],
        }
    )
    assert process.process_type is ProcessType.SHIFTABLE
    assert process.sense is Sense.MAX
    (period,) = process.restrictions
    assert (period.start, period.end) == (
        datetime(2026, 3, 2, 5, tzinfo=UTC),
        datetime(2026, 3, 2, 7, tzinfo=UTC),
    )


@pytest.mark.parametrize(
    "times",
    [
        {"start": "2026-03-28T12:00+01:00", "duration": "P1D"},
        {"start": "2026-03-28T12:00+01:00", "end": "2026-03-29T12:00+02:00"},
        {"end": "2026-03-29T12:00+02:00", "duration": "P1D"},
    ],
)
def test_a_restriction_has_two_of_start_end_and_duration(read, times):
    """A day across the change of clocks has 23 hours."""
    (period,) = read(
        {**MINIMAL, "time-restrictions": [times]}, timezone="Europe/Amsterdam"
    ).restrictions
    assert period.start == datetime(2026, 3, 28, 11, tzinfo=UTC)
    assert period.end == datetime(2026, 3, 29, 10, tzinfo=UTC)


@pytest.mark.parametrize(
    ("start", "hours"),
    [
        (datetime(2026, 3, 28, 23, tzinfo=UTC), 23),
        (datetime(2026, 3, 2, tzinfo=UTC), 24),
        (datetime(2026, 10, 24, 22, tzinfo=UTC), 25),
    ],
)
def test_a_nominal_day_is_that_of_the_sensors_zone_at_the_start(read, start, hours):
    process = read({**MINIMAL, "duration": "P1D"}, start=start, timezone="Europe/Amsterdam")
    assert process.duration == timedelta(hours=hours)


def test_what_the_request_leaves_out_is_stored_on_the_asset(read):
    stored = {"duration": "PT3H", "power": "9 kW", "process-type": "BREAKABLE", "soc-max": "9 kWh"}
    process = read({"power": "1 kW"}, stored=stored, attributes={"process-type": "SHIFTABLE"})
    assert process.duration == timedelta(hours=3)
    assert process.power == 0.001
    assert process.process_type is ProcessType.BREAKABLE


def test_the_attribute_is_the_default_of_the_process_type(read):
    process = read(MINIMAL, attributes={"process-type": "SHIFTABLE"})
    assert process.process_type is ProcessType.SHIFTABLE
    given = read({**MINIMAL, "process-type": "BREAKABLE"}, attributes={"process-type": "SHIFTABLE"})
    assert given.process_type is ProcessType.BREAKABLE


@pytest.mark.parametrize(
    ("change", "field", "text"),
    [
        ({"duration": "an hour"}, "duration", "Cannot parse duration"),
        ({"duration": "PT0H"}, "duration", "longer than zero"),
        ({"duration": "-PT1H"}, "duration", "longer than zero"),
        ({"duration": 3600}, "duration", "Cannot parse duration"),
        ({"power": "2 kWh"}, "power", "cannot be converted|known length"),
        ({"power": "much"}, "power", "Cannot convert value 'much'"),
        ({"power": True}, "power", "Cannot convert value"),
        ({"power": "-2 kW"}, "power", "greater than zero"),
        ({"power": 0}, "power", "greater than zero"),
        ({"process-type": "MOVABLE"}, "process-type", "^Unknown process type 'MOVABLE'"),
        ({"process-type": 1}, "process-type", "^Unknown process type '1'"),
        ({"optimization-sense": "LOW"}, "optimization-sense", "Unknown optimization sense 'LOW'"),
        ({"time-restrictions": "noon"}, "time-restrictions", "Not a valid list"),
        ({"time-restrictions": ["noon"]}, "time-restrictions.0", "Not a valid mapping"),
        (
            {"time-restrictions": [{"start": "2026-03-02T06:00Z"}]},
            "time-restrictions.0",
            "two of 'start', 'end' and 'duration'",
        ),
        (
            {"time-restrictions": [{"start": "2026-03-02T06:00", "duration": "PT1H"}]},
            "time-restrictions.0.start",
            "Not a valid aware datetime",
        ),
        (
            {"time-restrictions": [{"start": "2026-03-02T06:00Z", "duration": "PT0H"}]},
            "time-restrictions.0",
            "must end after its start",
        ),
        (
            {"time-restrictions": [{"start": "2026-03-02T06:00Z", "length": "PT1H"}]},
            "time-restrictions.0.length",
            "Unknown field",
        ),
        ({"soc-at-start": 1}, "soc-at-start", "Unknown field"),
        ({"process_type": "BREAKABLE", "process-type": "BREAKABLE"}, "process-type", "Given twice"),
    ],
)
def test_a_wrong_field_is_named(read, change, field, text):
    with pytest.raises(InvalidInput, match=text) as caught:
        read({**MINIMAL, **change})
    assert caught.value.field == field
    with pytest.raises(InvalidInput) as caught:
        read({**MINIMAL, **change}, prefix="flex-model.0.")
    assert caught.value.field == f"flex-model.0.{field}"


@pytest.mark.parametrize("name", ["duration", "power"])
def test_a_missing_field_is_named(read, name):
    with pytest.raises(InvalidInput, match="Missing data for required field") as caught:
        read({key: value for key, value in MINIMAL.items() if key != name})
    assert caught.value.field == name


def test_a_wrong_stored_value_is_found_where_it_stands(read):
    with pytest.raises(UnitMismatch, match="comes from the flex-model of asset 7"):
        read({"duration": "PT1H"}, stored={"power": "3 m"})
    with pytest.raises(InvalidInput, match=r"Unknown process type 'X'.*the attributes of sensor 5"):
        read(MINIMAL, attributes={"process-type": "X"})


@pytest.mark.parametrize("given", [[], "PT1H", 3])
def test_a_flex_model_is_an_object(read, given):
    with pytest.raises(InvalidInput, match="Not a valid mapping type"):
        read(given)

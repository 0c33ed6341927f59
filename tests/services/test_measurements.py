"""Questions about a sensor: windows, steps, units and sources."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import numpy as np
import pytest

from fmhost.beliefs import Beliefs, save
from fmhost.domain.durations import parse_duration
from fmhost.domain.messages import GetType
from fmhost.errors import InvalidInput, UnitMismatch
from fmhost.model import Sensor, Source, User
from fmhost.services.measurements import Question, answer_question, sources_of
from fmhost.services.sources import create_source, get_or_create_source

START = datetime(2026, 3, 2, 7, tzinfo=UTC)


def minutes(*numbers: int):
    return np.array(numbers, dtype="timedelta64[m]").astype("timedelta64[us]")


@pytest.fixture
def recorded(installation, tenant):
    """Eight quarter hours of power by the member, and the last four an hour later by a script."""
    start = np.datetime64(START.replace(tzinfo=None), "us")
    with installation.database.transaction() as session:
        sensor = session.get(Sensor, tenant.power.id)
        member = get_or_create_source(session, session.get(User, tenant.member.id))
        script = create_source(session, name="script", source_type="forecasting script")
        quarters = start + minutes(*range(0, 120, 15))
        values = np.arange(8.0)
        save(session, sensor, Beliefs.of(quarters, np.timedelta64(0, "us"), member.id, values))
        later = Beliefs.of(
            quarters[4:], np.timedelta64(-(3600 * 10**6), "us"), script.id, values[4:] + 10
        )
        save(session, sensor, later)
        return {"member": member.id, "script": script.id}


@pytest.fixture
def ask(installation, tenant, recorded):
    def ask_it(duration="PT2H", *, sensor=tenant.power, requester=None, **changes):
        options = {"start": START, "unit": sensor.unit, **changes}
        if "resolution" in options:
            options["resolution"] = parse_duration(options["resolution"])
        question = Question(duration=parse_duration(duration), **options)
        with installation.database.reading() as session:
            found = answer_question(session, session.get(Sensor, sensor.id), question, requester)
        return [None if np.isnan(value) else value for value in found.values.tolist()]

    return ask_it


def test_the_most_recent_belief_of_all_sources(ask):
    assert ask() == [0, 1, 2, 3, 14, 15, 16, 17]


def test_steps_without_a_value_are_null(ask):
    assert ask("PT1H", start=START - timedelta(minutes=30)) == [None, None, 0, 1]


def test_coarser_steps_have_the_mean(ask):
    assert ask(resolution="PT1H") == [1.5, 15.5]


def test_finer_steps_repeat(ask):
    assert ask("PT15M", resolution="PT5M") == [0, 0, 0]


def test_steps_that_do_not_divide_events_share_them(ask):
    assert ask("PT40M", resolution="PT20M") == pytest.approx([0.25, 1.5])


def test_only_whole_steps_are_answered(ask):
    assert ask("PT50M") == [0, 1, 2]


def test_values_are_given_in_the_wanted_unit(ask):
    assert ask("PT1H", unit="W") == [0, 1000, 2000, 3000]
    assert ask("PT1H", unit="kWh") == [0, 0.25, 0.5, 0.75]


def test_one_source_of_several(ask, recorded):
    assert ask(source_id=recorded["member"]) == list(range(8))
    assert ask(source_id=recorded["script"])[:4] == [None] * 4


def test_of_a_source_in_several_versions_the_latest_one_counts(installation, tenant, ask):
    begin = np.datetime64(START.replace(tzinfo=None), "us")
    ids = {}
    with installation.database.transaction() as session:
        sensor = session.get(Sensor, tenant.power.id)
        # The older version spoke last, and about more.
        for version, minute, quarters in (("2", 1, 2), ("10", 3, 1), ("9", 5, 3)):
            source = create_source(
                session, name="acme", source_type="forecaster", model="lstm", version=version
            )
            horizon = -np.timedelta64(2 * 3600 + minute * 60, "s").astype("timedelta64[us]")
            starts = begin + minutes(*range(0, 15 * quarters, 15))
            values = np.full(quarters, float(version))
            save(session, sensor, Beliefs.of(starts, horizon, source.id, values))
            ids[version] = source.id
    assert ask("PT1H") == [10, 9, 9, 3]
    assert ask("PT1H", source_id=ids["9"]) == [9, 9, 9, None]
    assert ask("PT1H", source_id=ids["2"]) == [2, 2, None, None]


def test_sources_of_one_type_by_its_old_and_its_new_name(ask):
    for name in ("forecaster", "forecasting script"):
        assert ask(source_type=name) == [None] * 4 + [14, 15, 16, 17]


def test_sources_of_one_account(ask, tenant):
    assert ask(source_account_id=tenant.account.id) == list(range(8))


@pytest.mark.parametrize(
    ("filter", "message"),
    [
        ({"source_id": 999}, "The data source is not found: 999"),
        (
            {"source_type": "reporter"},
            "No data source with source-type 'reporter' has recorded any data on this sensor.",
        ),
        ({"source_account_id": 999}, "No data source of account 999 has recorded any data"),
    ],
)
def test_sources_that_said_nothing_are_refused(ask, filter, message):
    with pytest.raises(InvalidInput) as caught:
        ask(**filter)
    assert message in str(caught.value)
    assert caught.value.field in ("source", "source-type", "source-account")


def test_sources_of_others_are_answered_like_those_that_do_not_exist(
    ask, installation, tenant, recorded
):
    starts = np.array([START.replace(tzinfo=None)], dtype="datetime64[us]")
    with installation.database.transaction() as session:
        theirs = Source(name="meter", type="gateway", account_id=tenant.other_account.id)
        known = Source(name="weather", type="gateway")
        session.add_all([theirs, known])
        session.flush()
        for source, sensor in ((theirs, tenant.other_power), (known, tenant.prices)):
            one = Beliefs.of(starts, np.timedelta64(0, "us"), source.id, np.ones(1))
            save(session, session.get(Sensor, sensor.id), one)
        their_id, known_id = theirs.id, known.id
    for requester in (tenant.member, tenant.consultant):
        assert ask(source_id=recorded["script"], requester=requester)[4:] == [14, 15, 16, 17]
        assert ask(source_id=known_id, requester=requester) == [None] * 8
        for unknown in (their_id, 999):
            with pytest.raises(InvalidInput, match=f"The data source is not found: {unknown}"):
                ask(source_id=unknown, requester=requester)
    for requester in (tenant.admin, None):
        assert ask(source_id=their_id, requester=requester) == [None] * 8


@pytest.mark.parametrize("unit", ["m", "EUR"])
def test_units_that_do_not_convert_are_refused(ask, unit):
    with pytest.raises(UnitMismatch):
        ask(unit=unit)


def test_price_questions_are_about_prices(ask):
    with pytest.raises(UnitMismatch, match="energy price unit"):
        ask(kind=GetType.PRICE_DATA)


@pytest.mark.parametrize("duration", ["PT0H", "-PT1H"])
def test_a_window_without_length_is_refused(ask, duration):
    with pytest.raises(InvalidInput) as caught:
        ask(duration)
    assert caught.value.field == "duration"


@pytest.mark.parametrize(
    ("duration", "resolution"),
    [("P100Y", "PT15M"), ("P7000Y", "PT1H"), ("PT1H", "PT0.000001S"), ("P7900Y", "P1D")],
)
def test_more_values_than_an_answer_holds_are_refused(ask, duration, resolution):
    with pytest.raises(InvalidInput, match="at most") as caught:
        ask(duration, resolution=resolution)
    assert caught.value.field == "duration"


def test_a_window_beyond_the_calendar_is_refused(ask):
    with pytest.raises(InvalidInput):
        ask("P9000Y")


@pytest.mark.parametrize(
    ("duration", "count"),
    [("PT8H", 96), ("PT9H", 36), ("PT49H", 49), ("P15D", 15), ("PT2856H", 17)],
)
def test_moments_are_answered_in_steps_that_befit_the_window(ask, tenant, duration, count):
    assert len(ask(duration, sensor=tenant.level)) == count


def test_a_day_of_the_sensors_zone_has_23_hours_in_spring(ask, tenant):
    spring = datetime(2026, 3, 28, 23, tzinfo=UTC)
    assert len(ask("P1D", start=spring, sensor=tenant.prices)) == 23
    assert len(ask("P2D", start=spring, sensor=tenant.prices, resolution="P1D")) == 2


def test_sources_of_a_sensor(installation, tenant, recorded):
    with installation.database.reading() as session:
        found = sources_of(session, session.get(Sensor, tenant.power.id))
        assert [source.id for source in found] == sorted(recorded.values())
        assert not sources_of(session, session.get(Sensor, tenant.other_power.id))

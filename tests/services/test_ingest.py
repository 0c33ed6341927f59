"""Posting: from values in a message to beliefs of the user's own source."""

from __future__ import annotations

import importlib
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest

from fmhost.beliefs import Query, read
from fmhost.domain.messages import GetType, PostType
from fmhost.errors import InvalidInput, ReplacementNotAllowed, UnitMismatch
from fmhost.model import Asset, Sensor, Source, User
from fmhost.services.ingest import announce, ingest
from fmhost.testing.distributions import plugin
from fmhost.testing.hosting import site as site

START = datetime(2026, 3, 2, 7, tzinfo=UTC)
NAN = float("nan")


def test_four_values_over_an_hour_are_four_quarter_hours(post, ask, stored):
    assert post([1, 2, 3, 4]).saved.stored == 4
    assert ask() == [1, 2, 3, 4]
    assert len(stored()) == 4


def test_the_source_is_the_users_own(installation, tenant, post):
    source = post([1, 2, 3, 4]).source
    assert (source.type, source.name, source.user_id) == ("user", "member", tenant.member.id)
    assert post([5, 6, 7, 8], start=START + timedelta(hours=1)).source.id == source.id
    with installation.database.reading() as session:
        assert session.query(Source).filter_by(user_id=tenant.member.id).count() == 1


def test_the_same_again_stores_nothing(post, stored, clock):
    post([1, 2, 3, 4])
    clock.advance(timedelta(minutes=1))
    again = post([1, 2, 3, 4])
    assert (again.saved.stored, again.saved.unchanged) == (0, 4)
    assert not again.complete
    assert len(stored()) == 4


def test_of_partly_new_values_the_new_ones_are_stored(post, ask, clock):
    post([1, 2, 3, 4])
    clock.advance(timedelta(minutes=1))
    again = post([1, 2, 3, 5])
    assert (again.saved.stored, again.saved.unchanged) == (1, 3)
    assert ask() == [1, 2, 3, 5]


def test_a_later_belief_counts_and_the_earlier_one_is_still_known(post, ask, clock):
    post([1, 2, 3, 4])
    before = clock.moment
    clock.advance(timedelta(hours=1))
    post([5, 6, 7, 8])
    assert ask() == [5, 6, 7, 8]
    assert ask(prior=before) == [1, 2, 3, 4]


def test_another_value_for_the_same_key_is_refused_and_nothing_stored(post, ask, stored):
    post([1, 2, 3, 4], prior=START)
    with pytest.raises(ReplacementNotAllowed):
        post([1, 2, 3, 9, 5, 6, 7, 8], "PT2H", prior=START)
    assert ask() == [1, 2, 3, 4]
    assert len(stored()) == 4


def test_overwriting_can_be_allowed(open_installation, tenant, clock, posting):
    installation = open_installation(FLEXMEASURES_ALLOW_DATA_OVERWRITE=True)
    for values in ([1, 2, 3, 4], [1, 2, 3, 9]):
        with installation.database.transaction() as session:
            user, sensor = session.get(User, tenant.member.id), session.get(Sensor, tenant.power.id)
            done = ingest(installation, session, sensor, posting(values, prior=START), user)
    assert done.saved.replaced == 1


@pytest.mark.parametrize(
    ("values", "duration", "unit", "expected"),
    [
        ([2, 2, 2, 2], "PT1H", "kWh", [8, 8, 8, 8]),
        ([1], "PT1H", "kWh", [1, 1, 1, 1]),
        ([7], "PT1H", "kW", [7, 7, 7, 7]),
        ([3, 5], "PT1H", "kW", [3, 3, 5, 5]),
        ([0.001] * 4, "PT1H", "MW", [1, 1, 1, 1]),
        ([1, 3] * 4, "PT1H", "kW", [2, 2, 2, 2]),
        (list(range(12)), "PT1H", "kW", [1, 4, 7, 10]),
    ],
)
def test_values_become_those_of_the_sensors_events(post, ask, values, duration, unit, expected):
    post(values, duration, unit=unit)
    assert ask() == pytest.approx(expected)


def test_rates_become_the_amounts_of_the_sensors_events(installation, tenant, post, ask):
    with installation.database.transaction() as session:
        session.get(Sensor, tenant.power.id).unit = "kWh"
    post([4], "PT1H", unit="kW")
    assert ask(unit="kWh") == [1, 1, 1, 1]


@pytest.mark.parametrize(("values", "duration"), [([1, 2, 3], "PT1H"), ([1] * 7, "PT1H")])
def test_resolutions_that_do_not_fit_are_refused(post, values, duration):
    with pytest.raises(InvalidInput, match="is incompatible with the sensor's required") as caught:
        post(values, duration)
    assert caught.value.field is None
    assert "0:15:00" in caught.value.message


def test_nulls_are_not_stored_and_never_overwrite(post, ask, clock):
    post([1, NAN, 3, 4])
    assert ask() == [1, None, 3, 4]
    clock.advance(timedelta(hours=1))
    post([NAN, 2, NAN, NAN])
    assert ask() == [1, 2, 3, 4]


def test_nothing_but_nulls_stores_nothing(post, stored):
    done = post([NAN, NAN, NAN, NAN])
    assert done.saved.stored == 0
    assert done.complete
    assert done.window is None
    assert len(stored()) == 0


def test_a_start_between_the_events_is_floored(post, ask):
    post([1, 2, 3, 4], start=START + timedelta(minutes=7))
    assert ask() == [1, 2, 3, 4]


def test_moments_lie_where_they_are_posted(post, ask, stored, tenant):
    post([1, 2], "PT20M", sensor=tenant.level, unit="kWh", start=START + timedelta(minutes=3))
    starts = stored(tenant.level).event_start.tolist()
    assert [start.minute for start in starts] == [3, 13]


def test_one_moment_has_no_duration(post, ask, tenant):
    post([5], "PT0H", sensor=tenant.level, unit="kWh")
    assert ask("PT5M", sensor=tenant.level) == [5]


def test_moments_that_overlap_are_refused(post, tenant):
    with pytest.raises(InvalidInput, match="Cannot save multiple instantaneous values"):
        post([5, 6], "PT0H", sensor=tenant.level, unit="kWh")


def test_one_value_over_no_time_does_not_fit_a_sensor_of_events(post):
    with pytest.raises(InvalidInput, match="Cannot infer a non-zero resolution"):
        post([5], "PT0H")


def test_a_negative_duration_is_refused(post):
    with pytest.raises(InvalidInput) as caught:
        post([5], "-PT1H")
    assert caught.value.field == "duration"


def test_a_day_with_a_clock_change_has_23_hours(post, ask, tenant):
    spring = datetime(2026, 3, 28, 23, tzinfo=UTC)  # midnight in Amsterdam
    done = post(list(range(23)), "P1D", sensor=tenant.prices, unit="EUR/MWh", start=spring)
    assert done.saved.stored == 23
    assert done.window == (spring, datetime(2026, 3, 29, 22, tzinfo=UTC))


def test_days_of_a_daily_sensor_are_those_of_its_zone(post, ask, tenant, installation):
    with installation.database.transaction() as session:
        daily = Sensor(
            name="daily",
            unit="kW",
            timezone="Europe/Amsterdam",
            event_resolution=timedelta(days=1),
            generic_asset=session.get(Asset, tenant.battery.id),
        )
        session.add(daily)
    monday = datetime(2026, 3, 22, 23, tzinfo=UTC)
    ended = post([24.0] * 6 + [23.0], "P7D", sensor=daily, start=monday, unit="kWh").window
    assert ended == (monday, datetime(2026, 3, 29, 22, tzinfo=UTC))
    assert ask("P7D", sensor=daily, start=monday) == [1.0] * 7
    assert ask("P7D", sensor=daily, start=monday, unit="kWh") == [24.0] * 6 + [23.0]
    assert ask("PT47H", sensor=daily, start=monday + timedelta(days=5)) == [1.0] * 2
    with pytest.raises(InvalidInput, match="incompatible"):
        post([1, 2, 3, 4, 5], "P7D", sensor=daily, start=monday)


@pytest.mark.parametrize("unit", ["m", "EUR/MWh", "%"])
def test_units_that_do_not_convert_are_refused(post, unit):
    with pytest.raises(UnitMismatch, match="Required unit for this sensor is kW") as caught:
        post([1, 2, 3, 4], unit=unit)
    assert caught.value.field == "unit"


def test_values_that_overflow_by_conversion_are_refused(post, stored):
    with pytest.raises(InvalidInput) as caught:
        post([1e308] * 4, unit="TW")
    assert caught.value.field == "values"
    assert len(stored()) == 0


def test_horizons_follow_from_prior_and_horizon(post, stored, clock):
    hour = np.timedelta64(1, "h")
    end = START + timedelta(minutes=15)
    cases = [
        ({}, end - clock.moment),
        ({"prior": end - timedelta(hours=3)}, timedelta(hours=3)),
        ({"horizon": timedelta(hours=2)}, timedelta(hours=2)),
        ({"horizon": -timedelta(minutes=5)}, -timedelta(minutes=5)),
        ({"horizon": timedelta(hours=2), "prior": end - hour.item()}, timedelta(hours=2)),
        ({"horizon": timedelta(hours=2), "prior": end - 4 * hour.item()}, timedelta(hours=4)),
    ]
    for number, (timing, expected) in enumerate(cases):
        day = timedelta(days=number)
        moved = {name: value + day if name == "prior" else value for name, value in timing.items()}
        if timing:
            post([number], "PT15M", start=START + day, **moved)
        else:
            post([number], "PT15M")
        assert stored().belief_horizon[-1].item() == expected


def test_in_play_mode_recording_times_are_inferred(open_installation, tenant, clock, posting):
    installation = open_installation(FLEXMEASURES_MODE="play")
    with installation.database.transaction() as session:
        sensor = session.get(Sensor, tenant.power.id)
        now = posting([1] * 4, start=clock.moment - timedelta(minutes=30))
        ingest(installation, session, sensor, now, session.get(User, tenant.member.id))
        found = read(session, Query(sensor=sensor))
    minutes = [horizon.item() / timedelta(minutes=1) for horizon in found.belief_horizon]
    assert minutes == [0, 0, 15, 30]


@pytest.mark.parametrize(
    ("kind", "start", "message"),
    [
        (PostType.METER_DATA, timedelta(days=1), "Meter data must lie in the past"),
        (PostType.PROGNOSIS, -timedelta(days=1), "Prognoses must lie in the future"),
    ],
)
def test_what_a_message_says_it_brings_is_checked(post, stored, clock, kind, start, message):
    with pytest.raises(InvalidInput, match=message):
        post([1] * 4, kind=kind, start=clock.moment + start)
    assert len(stored()) == 0


def test_questions_about_measurements_and_prognoses(post, ask, clock):
    post([1] * 4, horizon=timedelta(hours=24))
    post([2] * 4)
    assert ask() == [2] * 4
    assert ask(kind=GetType.METER_DATA) == [2] * 4
    assert ask(kind=GetType.PROGNOSIS) == [1] * 4
    assert ask(horizon=timedelta(hours=24)) == [1] * 4
    assert ask(horizon=timedelta(hours=25)) == [None] * 4


LISTENER = plugin(
    "listener",
    'manifest = Manifest(name="listener", hooks="acme_listener.hooks")',
    {
        "hooks.py": """
            from fmhost.plugin import hookimpl

            heard = []

            @hookimpl
            def fmhost_beliefs_saved(sensor, window, source, count):
                heard.append((sensor.name, sensor.generic_asset.name, window, source.name, count))
            """
    },
)


def test_plugins_hear_of_what_was_stored(site, open_installation, tenant, clock, posting):
    site.install(LISTENER)
    installation = open_installation()
    for _ in range(2):
        with installation.database.transaction() as session:
            user, sensor = session.get(User, tenant.member.id), session.get(Sensor, tenant.power.id)
            ingested = ingest(installation, session, sensor, posting([1, 2, 3, 4]), user)
        announce(installation, ingested)
        clock.advance(timedelta(minutes=1))
    heard = importlib.import_module("acme_listener.hooks").heard
    assert heard == [("power", "battery", (START, START + timedelta(hours=1)), "member", 4)]

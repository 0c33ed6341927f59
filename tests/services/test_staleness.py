"""How old the data of a sensor are, and whether that is too old."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import numpy as np
import pytest

from fmhost.beliefs import Beliefs, save
from fmhost.domain.arrays import duration64, moment64
from fmhost.errors import InvalidInput
from fmhost.model import Asset, Sensor
from fmhost.services.asset_status import asset_status, sensor_status
from fmhost.services.sources import create_source
from fmhost.services.staleness import Status, statuses

NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
EX_POST = {"ex_post_horizon": 0}
DAY_AHEAD = {"x": 1, "y": 12, "z": "Europe/Amsterdam"}


@pytest.fixture
def record(installation, tenant):
    """Records one event, that starts so long after now, formed at some time before now."""

    def record_it(start, by="user", *, sensor=tenant.power, name="x", ago=timedelta(0)):
        with installation.database.transaction() as session:
            loaded = session.get(Sensor, sensor.id)
            source = create_source(session, name=name, source_type=by)
            known = NOW + start + loaded.event_resolution
            horizon = known - (NOW - ago)
            beliefs = Beliefs.of(
                np.array([moment64(NOW + start)]), duration64(horizon), source.id, np.ones(1)
            )
            save(session, loaded, beliefs)
            return source.id

    return record_it


@pytest.fixture
def found(installation, tenant):
    def find(sensor=tenant.power):
        with installation.database.reading() as session:
            return statuses(session, session.get(Sensor, sensor.id), NOW)

    return find


@pytest.fixture
def specify(change, tenant):
    """Gives the power sensor the attribute `status_specs`."""
    return lambda **specs: change(tenant.power, attributes={"status_specs": specs})


def test_without_data_a_sensor_is_stale(found):
    assert found() == [Status(None, None, None, True, "no data recorded")]


@pytest.mark.parametrize(
    ("start", "staleness", "stale", "reason"),
    [
        (
            -40 * MINUTE,
            25 * MINUTE,
            False,
            "most recent data is 25 minutes old, which is not more than 30 minutes old",
        ),
        (
            -45 * MINUTE,
            30 * MINUTE,
            False,
            "most recent data is 30 minutes old, which is not more than 30 minutes old",
        ),
        (
            -150 * MINUTE,
            135 * MINUTE,
            True,
            "most recent data is 2 hours and 15 minutes old, but should not be more than "
            "30 minutes old",
        ),
        (
            13 * HOUR,
            -13.25 * HOUR,
            False,
            "most recent data is 13 hours and 15 minutes in the future, which is not less than "
            "12 hours in the future",
        ),
        (
            11.75 * HOUR,
            -12 * HOUR,
            False,
            "most recent data is 12 hours in the future, which is not less than 12 hours in the "
            "future",
        ),
        (
            HOUR,
            -1.25 * HOUR,
            True,
            "most recent data is 1 hour and 15 minutes in the future, but should be more than "
            "12 hours in the future",
        ),
        (
            -15 * MINUTE,
            timedelta(0),
            True,
            "most recent data is 0 seconds in the future, but should be more than 12 hours in the "
            "future",
        ),
    ],
)
def test_data_of_users_count_from_when_they_are_known(
    record, found, start, staleness, stale, reason
):
    record(start)
    (status,) = found()
    assert (status.source_type, status.staleness, status.stale) == ("user", staleness, stale)
    assert status.since == NOW + start + 15 * MINUTE
    assert status.since.utcoffset() == HOUR  # on the clock of the sensor
    assert status.reason == reason


@pytest.mark.parametrize("kind", ["scheduler", "forecaster"])
def test_plans_count_from_the_start_of_their_last_event(record, found, kind):
    record(13 * HOUR, kind)
    (status,) = found()
    assert (status.source_type, status.staleness, status.stale) == (kind, -13 * HOUR, False)
    assert status.since == NOW + 13 * HOUR


@pytest.mark.parametrize("kind", ["scheduler", "forecaster", "scheduling script"])
@pytest.mark.parametrize("start", [timedelta(0), -DAY])
def test_plans_without_a_future_are_stale(record, found, kind, start):
    record(start, kind)
    (status,) = found()
    assert (status.staleness, status.since, status.stale) == (None, NOW + start, True)
    assert status.reason == "Found no future data which this source should have"


def test_there_is_one_record_for_each_type_of_source(record, found):
    record(-HOUR, "user")
    record(-2 * HOUR, "user", name="y")
    record(13 * HOUR, "forecaster")
    record(14 * HOUR, "scheduler")
    record(-DAY, "reporter")
    assert [(status.source_type, status.staleness) for status in found()] == [
        ("forecaster", -13 * HOUR),
        ("reporter", DAY - 15 * MINUTE),
        ("scheduler", -14 * HOUR),
        ("user", 45 * MINUTE),
    ]


def test_what_is_recorded_after_now_does_not_count(record, found):
    record(-DAY)
    record(-HOUR, ago=-MINUTE)
    assert found()[0].staleness == DAY - 15 * MINUTE


def test_prices_of_the_day_ahead_may_be_a_day_old(record, found, tenant, change):
    change(
        tenant.prices,
        knowledge_horizon_fnc="x_days_ago_at_y_oclock",
        knowledge_horizon_par=DAY_AHEAD,
    )
    record(10 * HOUR, sensor=tenant.prices)  # today until 23:00: known at noon of yesterday
    (status,) = found(tenant.prices)
    assert status.staleness == DAY + HOUR
    assert status.stale
    assert status.reason.endswith("but should not be more than 1 day old")
    record(11 * HOUR, sensor=tenant.prices)  # tomorrow: known at noon of today
    (status,) = found(tenant.prices)
    assert (status.staleness, status.stale) == (HOUR, False)


def test_moments_are_known_when_they_are_there(record, found, tenant):
    record(-MINUTE, sensor=tenant.level)
    (status,) = found(tenant.level)
    assert (status.staleness, status.stale) == (MINUTE, True)
    assert (
        status.reason
        == "most recent data is 1 minute old, but should not be more than 0 seconds old"
    )


def test_a_sensor_may_have_limits_of_its_own(record, found, specify):
    record(-3 * HOUR)
    specify(max_staleness="PT3H")
    assert not found()[0].stale
    specify(max_staleness="PT1H", max_future_staleness="-PT1H")
    assert found()[0].stale
    record(45 * MINUTE, "forecaster")
    assert [status.stale for status in found()] == [True, True]
    record(HOUR, "forecaster")
    assert [status.stale for status in found()] == [False, True]


@pytest.mark.parametrize(
    ("search", "expected"),
    [
        ({"source_types": ["forecaster"]}, {"forecaster": -13 * HOUR}),
        ({"exclude_source_types": "forecaster"}, {"user": 45 * MINUTE}),
        ({"source": "old"}, {"user": DAY - 15 * MINUTE}),
        ({"sources": ["old", "f"]}, {"forecaster": -13 * HOUR, "user": DAY - 15 * MINUTE}),
        ({"source": 1}, {"user": DAY - 15 * MINUTE}),
        ({"source": "nobody"}, {None: None}),
        ({"source_account_ids": [99]}, {None: None}),
        ({"horizons_at_least": "PT1H"}, {"forecaster": -13 * HOUR}),
        ({"horizons_at_most": "PT0H"}, {"user": 45 * MINUTE}),
        ({"beliefs_before": "2026-03-02T11:30:00Z"}, {"user": DAY - 15 * MINUTE}),
        (
            {"beliefs_after": "2026-03-02T11:30:00Z"},
            {"forecaster": -13 * HOUR, "user": 45 * MINUTE},
        ),
        (
            {"event_starts_after": "2026-03-02T11:00:00Z"},
            {"forecaster": -13 * HOUR, "user": 45 * MINUTE},
        ),
        ({"event_starts_after": "2026-03-02T11:01:00Z"}, {"forecaster": -13 * HOUR}),
        ({"event_ends_after": "2026-03-02T11:15:00Z"}, {"forecaster": -13 * HOUR}),
        ({"event_starts_before": "2026-03-02T11:00:00Z"}, {"user": DAY - 15 * MINUTE}),
        ({"event_ends_before": "2026-03-02T11:15:00Z"}, {"user": 45 * MINUTE}),
        ({"most_recent_beliefs_only": True, "source": "old"}, {"user": DAY - 15 * MINUTE}),
    ],
)
def test_a_sensor_may_say_which_data_count(record, found, specify, search, expected):
    assert record(-DAY, name="old", ago=HOUR) == 1
    record(-HOUR, name="new")
    record(13 * HOUR, "forecaster", name="f")
    specify(staleness_search=search)
    assert {status.source_type: status.staleness for status in found()} == expected


@pytest.mark.parametrize(
    "specs",
    [
        "P1D",
        {"max_staleness": "soon"},
        {"max_staleness": 5},
        {"max_future_staleness": "P1M"},
        {"staleness_search": ["x"]},
        {"staleness_search": {"colour": "red"}},
        {"staleness_search": {"source_types": [1]}},
        {"staleness_search": {"source_account_ids": ["1"]}},
        {"staleness_search": {"source": [None]}},
        {"staleness_search": {"beliefs_before": "2026-03-02"}},
        {"staleness_search": {"horizons_at_least": 3}},
    ],
)
def test_specifications_that_cannot_be_read_are_refused(record, found, change, tenant, specs):
    record(-HOUR)
    change(tenant.power, attributes={"status_specs": specs})
    with pytest.raises(InvalidInput):
        found()


@pytest.fixture
def listed(installation, tenant):
    """The status list of the battery, for a user: names of sensors and what they are to it."""

    def list_it(user=tenant.member):
        with installation.database.reading() as session:
            asset = session.get(Asset, tenant.battery.id)
            found = asset_status(session, session.merge(user, load=False), asset, NOW)
            return [
                (each.sensor.id, each.relation, [s.source_type for s in each.statuses])
                for each in found
            ]

    return list_it


@pytest.fixture
def describe_asset(installation):
    def describe(asset, **columns):
        with installation.database.transaction() as session:
            for name, value in columns.items():
                setattr(session.get(Asset, asset.id), name, value)

    return describe


OWN = "sensor belongs to this asset"


def test_an_asset_lists_its_own_sensors(listed, tenant, record):
    record(-HOUR)
    assert listed() == [(tenant.power.id, OWN, ["user"]), (tenant.level.id, OWN, [None])]


def test_an_asset_lists_the_sensors_of_its_flex_context_once(listed, tenant, describe_asset):
    describe_asset(
        tenant.battery,
        flex_context={
            "consumption-price": {"sensor": tenant.prices.id},
            "production-price": {"sensor": tenant.prices.id},
            "inflexible-device-sensors": [tenant.status.id, tenant.level.id],
            "site-power-capacity": "5 kW",
        },
        sensors_to_show=[tenant.power.id, {"title": "both", "sensors": [tenant.prices.id]}],
    )
    assert listed() == [
        (tenant.level.id, f"{OWN};flex context (inflexible device)", [None]),
        (tenant.status.id, "flex context (inflexible device)", [None]),
        (
            tenant.prices.id,
            "flex context (consumption-price);flex context (production-price)",
            [None],
        ),
        (tenant.power.id, OWN, [None]),
    ]


def test_the_flex_context_of_an_asset_above_counts(installation, tenant, describe_asset):
    describe_asset(
        tenant.battery,
        flex_context={
            "consumption-price": {"sensor": tenant.prices.id},
            "site-power-capacity": {"sensor": tenant.level.id},
        },
    )
    describe_asset(
        tenant.inverter,
        flex_context={
            "consumption-price": {"sensor": tenant.power.id},
            "inflexible-consumption": [{"sensor": tenant.status.id}],
        },
    )
    with installation.database.reading() as session:
        user = session.merge(tenant.member, load=False)
        found = asset_status(session, user, session.get(Asset, tenant.inverter.id), NOW)
        own = sensor_status(session, session.get(Sensor, tenant.status.id), NOW)
    assert [(each.sensor.id, each.relation) for each in found] == [
        (tenant.status.id, f"{OWN};flex context (inflexible device)"),
        (tenant.power.id, "flex context (consumption-price)"),
        (tenant.level.id, "flex context (site-power-capacity)"),
    ]
    assert own.relation == f"{OWN};flex context (inflexible device)"


def test_sensors_of_others_do_not_show(listed, tenant, describe_asset):
    describe_asset(
        tenant.battery,
        flex_context={
            "consumption-price": {"sensor": tenant.other_power.id},
            "production-price": {"sensor": 2**40},
        },
        sensors_to_show=[tenant.other_power.id],
    )
    assert {each for each, _, _ in listed()} == {tenant.power.id, tenant.level.id}
    assert {each for each, _, _ in listed(tenant.admin)} == {
        tenant.power.id,
        tenant.level.id,
        tenant.other_power.id,
    }

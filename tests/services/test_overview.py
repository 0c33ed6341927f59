"""What somebody may read at a glance."""

from __future__ import annotations

import math
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from fmhost.auth.policy import allowed
from fmhost.model import Asset, Sensor, User
from fmhost.services import overview, recording, sources

NOW = datetime(2026, 3, 2, 9, 7, tzinfo=UTC)
QUARTER = timedelta(minutes=15)


@pytest.fixture
def store(installation: Any, clock: Any) -> Any:
    """Stores values of a sensor as a source of some type believes them."""
    clock.set(NOW)

    def store_it(sensor: Any, start: datetime, values: list[float], by: str = "scheduler") -> None:
        with installation.database.transaction() as session:
            recording.record(
                installation,
                session,
                session.get_one(Sensor, sensor.id),
                sources.create_source(session, name="x", source_type=by),
                start=start,
                values=values,
                belief_time=NOW,
            )

    return store_it


@pytest.fixture
def ahead(installation: Any) -> Any:
    """Reads the schedules of some sensors."""

    def read(*sensors: Any) -> Any:
        with installation.database.reading() as session:
            loaded = [session.get_one(Sensor, sensor.id) for sensor in sensors]
            return overview.schedules_ahead(session, loaded, NOW)

    return read


def test_assets_are_those_that_the_policy_lets_the_user_read(
    installation: Any, tenant: Any
) -> None:
    with installation.database.reading() as session:
        everything = session.query(Asset).order_by(Asset.id).all()
        for person in tenant.users:
            user = session.get_one(User, person.id)
            expected = [asset for asset in everything if allowed(user, asset, "read")]
            assert list(overview.readable_assets(session, user)) == expected


def test_a_schedule_begins_with_the_present_step_and_consumption_is_positive(
    ahead: Any, store: Any, tenant: Any
) -> None:
    start = NOW.replace(minute=0) - QUARTER
    store(tenant.power, start, [-1.0, -2.0, 0.0, math.nan, 3.0])
    found = ahead(tenant.power, tenant.other_power)
    assert list(found) == [tenant.power.id]
    schedule = found[tenant.power.id]
    assert (schedule.start, schedule.step) == (NOW.replace(minute=0), QUARTER)
    assert schedule.consumption == pytest.approx([2.0, 0.0, math.nan, -3.0], nan_ok=True)
    assert "-0.0" not in repr(schedule.consumption)


def test_a_sensor_may_say_that_consumption_is_positive(
    ahead: Any, store: Any, tenant: Any, installation: Any
) -> None:
    with installation.database.transaction() as session:
        session.get_one(Sensor, tenant.power.id).set_attribute("consumption_is_positive", True)
    store(tenant.power, NOW.replace(minute=0), [4.0])
    assert ahead(tenant.power)[tenant.power.id].consumption == [4.0]


@pytest.mark.parametrize(
    ("sensor", "hours", "by"),
    [
        ("power", -1, "scheduler"),  # over
        ("power", 24 * 8, "scheduler"),  # too far ahead
        ("power", 0, "forecaster"),
        ("power", 0, "user"),
        ("prices", 0, "scheduler"),  # no power
    ],
)
def test_all_else_is_no_schedule_ahead(
    ahead: Any, store: Any, tenant: Any, sensor: str, hours: int, by: str
) -> None:
    chosen = getattr(tenant, sensor)
    store(chosen, NOW.replace(minute=0) + timedelta(hours=hours), [1.0], by=by)
    assert ahead(chosen, tenant.level) == {}


def test_nothing_asked_is_nothing_answered(ahead: Any) -> None:
    assert ahead() == {}


def test_planned_sensors_are_powers_with_a_schedule_that_the_user_may_read(
    installation: Any, tenant: Any, store: Any
) -> None:
    store(tenant.power, NOW + QUARTER, [1.0, 2.0])
    store(tenant.other_power, NOW + QUARTER, [1.0])
    store(tenant.status, NOW + QUARTER, [50.0])  # scheduled, and no power
    store(tenant.prices, NOW - timedelta(hours=5), [1.0])

    def planned(user: Any, **options: Any) -> list[int]:
        with installation.database.reading() as session:
            asking = session.get_one(User, user.id)
            found = overview.planned_sensors(session, asking, NOW, **{"at_most": 5, **options})
            return [sensor.id for sensor in found]

    assert planned(tenant.member) == [tenant.power.id]
    assert planned(tenant.clerk) == []
    assert planned(tenant.admin) == [tenant.power.id, tenant.other_power.id]
    assert planned(tenant.admin, at_most=1) == [tenant.power.id]
    assert planned(tenant.admin, assets=[tenant.other_battery]) == [tenant.other_power.id]

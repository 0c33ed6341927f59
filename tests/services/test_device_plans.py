"""What is planned for the devices of an asset, why, and what changed since the plan before."""

from __future__ import annotations

import math
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from fmhost.jobs.execute import execute
from fmhost.model import Asset, Sensor, User
from fmhost.services import device_plans, recording, schedules, sources

HOUR = timedelta(hours=1)


@pytest.fixture
def database_kind() -> str:
    """What is read here is read by services that are tested on either database."""
    return "sqlite"


@pytest.fixture
def schedule(
    installation: Any, tenant: Any, battery_site: Any, day_ahead_prices: Any, clock: Any
) -> Callable[..., str]:
    """``schedule(**flex_model)``: a schedule of 24 hours from now on; its job's id."""

    def compute(**flex_model: Any) -> str:
        with installation.database.transaction() as session:
            job = schedules.trigger(
                installation,
                session,
                target=session.get_one(Sensor, battery_site.power.id),
                start=clock(),
                duration=24 * HOUR,
                flex_model={"soc-at-start": "2 kWh", **flex_model},
                flex_context={"consumption-price": {"sensor": battery_site.prices.id}},
                requester=session.get_one(User, tenant.member.id),
                force_new=True,
            )
            job_id: str = job.id
        execute(installation, job_id, "test")
        return job_id

    return compute


@pytest.fixture
def planned(installation: Any, battery_site: Any, clock: Any) -> Callable[[Any], Any]:
    """The plans for the battery that somebody may see."""

    def read(person: Any) -> Any:
        with installation.database.reading() as session:
            user = session.get_one(User, person.id)
            asset = session.get_one(Asset, battery_site.battery.id)
            return device_plans.plans_of(installation, session, user, asset, clock())

    return read


def test_a_plan_comes_with_the_reasons_of_its_job(
    schedule: Any, planned: Any, tenant: Any, battery_site: Any, clock: Any
) -> None:
    job_id = schedule()
    (plan,) = planned(tenant.member)
    assert plan.sensor.id == battery_site.power.id
    assert plan.formed == clock()
    assert plan.formed_before is None
    assert plan.job.id == job_id
    assert plan.explanation["currency"] == "EUR"
    assert plan.device["reasons"][0]["text"]
    assert all(map(math.isnan, plan.difference))


def test_a_schedule_of_a_site_explains_its_devices(
    installation: Any,
    tenant: Any,
    battery_site: Any,
    day_ahead_prices: Any,
    planned: Any,
    clock: Any,
) -> None:
    device = {"sensor": battery_site.power.id, "soc-at-start": "2 kWh"}
    with installation.database.transaction() as session:
        battery = session.get_one(Asset, battery_site.battery.id)
        kind = battery.generic_asset_type
        site = Asset(name="site", generic_asset_type=kind, account=battery.account)
        battery.parent_asset = site
        session.flush()
        job = schedules.trigger(
            installation,
            session,
            target=site,
            start=clock(),
            duration=24 * HOUR,
            flex_model=[device],
            flex_context={"consumption-price": {"sensor": battery_site.prices.id}},
            requester=session.get_one(User, tenant.member.id),
            sequential=True,
        )
        job_id = job.id
    assert execute(installation, job_id, "test")
    (plan,) = planned(tenant.member)
    assert plan.job.id == job_id
    assert plan.device["sensor"] == battery_site.power.id


def test_what_changed_is_told_by_step(schedule: Any, planned: Any, tenant: Any, clock: Any) -> None:
    schedule()
    first = clock()
    clock.advance(2 * HOUR)
    job_id = schedule(**{"soc-max": "8 kWh"})
    (plan,) = planned(tenant.member)
    assert plan.job.id == job_id
    assert plan.formed_before == first
    known = [each for each in plan.difference if not math.isnan(each)]
    assert len(known) == 22 * 4
    assert max(map(abs, known)) > 1


def test_a_plan_that_says_the_same_is_the_newest_and_changes_nothing(
    schedule: Any, planned: Any, tenant: Any, clock: Any
) -> None:
    schedule()
    first = clock()
    clock.advance(timedelta(minutes=1))
    job_id = schedule()
    (plan,) = planned(tenant.member)
    assert (plan.job.id, plan.formed, plan.formed_before) == (job_id, clock(), first)
    assert max(map(abs, plan.difference)) < 1e-6


def test_a_schedule_that_came_another_way_has_no_reasons(
    installation: Any, schedule: Any, planned: Any, tenant: Any, battery_site: Any, clock: Any
) -> None:
    schedule()
    clock.advance(HOUR)
    with installation.database.transaction() as session:
        recording.record(
            installation,
            session,
            session.get_one(Sensor, battery_site.power.id),
            sources.create_source(session, name="somebody", source_type="scheduler"),
            start=clock(),
            values=[1.0],
            belief_time=clock(),
        )
    (plan,) = planned(tenant.member)
    assert (plan.job, plan.explanation) == (None, None)


def test_who_may_not_read_the_sensor_sees_no_plan(schedule: Any, planned: Any, tenant: Any) -> None:
    schedule()
    assert planned(tenant.other_member) == []
    assert len(planned(tenant.consultant)) == 1

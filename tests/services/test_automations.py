"""Automations: what recurs is asked for once, in time, with the rights of who set it up."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from fmhost.errors import InvalidInput, NotAuthorized
from fmhost.jobs.dispatch import use_queue
from fmhost.jobs.steward import Steward
from fmhost.model import Asset, Automation, Job, Sensor, User
from fmhost.services import automations
from fmhost.testing.access.waiting import WaitingQueue

# The clock stands at 2026-03-02T09:00Z, 10:00 in Amsterdam.


@pytest.fixture
def create(installation: Any, tenant: Any) -> Any:
    """Sets up a forecast of the power sensor, or what the keywords say; its id."""

    def make(**given: Any) -> int:
        with installation.database.transaction() as session:
            user = given.pop("user", tenant.account_admin)
            values = {
                "name": "each day",
                "kind": "forecast",
                "asset": session.get(Asset, tenant.battery.id),
                "sensor": session.get(Sensor, tenant.power.id),
                "user": user and session.get(User, user.id),
                **given,
            }
            if "cron" not in given and "interval" not in given:
                values["cron"] = "0 * * * *"
            return automations.create(installation, session, **values).id

    return make


@pytest.fixture
def run(installation: Any) -> Any:
    """Runs what is due; when each of the jobs was due, and the jobs."""

    def run_due() -> list[str]:
        ids = automations.run_due(installation)
        with installation.database.reading() as session:
            return [session.get_one(Job, job_id).meta["due"] for job_id in ids]

    return run_due


def read(installation: Any, automation_id: int) -> Automation:
    with installation.database.reading() as session:
        return session.get_one(Automation, automation_id)


def test_a_run_is_asked_for_when_it_is_due_and_once(
    installation: Any, create: Any, run: Any, clock: Any, tenant: Any
) -> None:
    made = create(parameters={"duration": "PT6H"}, priority=4)
    assert run() == []
    clock.advance(timedelta(hours=1, seconds=3))
    assert run() == ["2026-03-02T10:00:00+00:00"]
    assert run() == []
    with installation.database.reading() as session:
        job = session.query(Job).one()
        assert (job.kind, job.sensor_id, job.priority) == ("forecast", tenant.power.id, 4)
        assert job.requester_user_id == tenant.account_admin.id
        assert job.arguments["start"].startswith("2026-03-02T1")
        assert job.meta["automation"] == made
    automation = read(installation, made)
    assert automation.last_job_id == job.id
    assert automation.next_at == datetime(2026, 3, 2, 11, tzinfo=UTC)


def test_missed_runs_are_caught_up_once(create: Any, run: Any, clock: Any) -> None:
    create()
    clock.advance(timedelta(days=40, minutes=20))
    assert run() == ["2026-04-11T09:00:00+00:00"]
    assert run() == []
    clock.advance(timedelta(minutes=40))
    assert run() == ["2026-04-11T10:00:00+00:00"]


def test_a_clock_that_is_put_back_a_little_repeats_nothing(
    create: Any, run: Any, clock: Any
) -> None:
    create()
    clock.advance(timedelta(hours=1, seconds=1))
    assert len(run()) == 1
    clock.advance(timedelta(seconds=-30))
    assert run() == []
    clock.advance(timedelta(minutes=1))
    assert run() == []
    clock.advance(timedelta(hours=1))
    assert run() == ["2026-03-02T11:00:00+00:00"]


def test_a_clock_that_was_ahead_for_days_silences_nothing(
    create: Any, run: Any, clock: Any
) -> None:
    create()
    clock.advance(timedelta(days=30))
    assert len(run()) == 1
    clock.advance(timedelta(days=-30))
    assert run() == []
    clock.advance(timedelta(hours=1))
    assert run() == ["2026-03-02T10:00:00+00:00"]


def test_two_processes_ask_once(
    open_installation: Any, create: Any, clock: Any, installation: Any
) -> None:
    create()
    clock.advance(timedelta(hours=1))
    other = open_installation()
    assert len(automations.run_due(installation) + automations.run_due(other)) == 1


def test_times_are_those_of_the_zone(installation: Any, create: Any) -> None:
    daily = create(cron="30 6 * * *", timezone="Asia/Seoul")
    assert read(installation, daily).next_at == datetime(2026, 3, 2, 21, 30, tzinfo=UTC)
    every = create(interval="PT90M")
    assert read(installation, every).timezone == "Europe/Amsterdam"
    assert read(installation, every).next_at == datetime(2026, 3, 2, 9, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"kind": "dance"}, "kind"),
        ({"cron": "never"}, "cron"),
        ({"cron": "@daily", "interval": "P1D"}, "cron"),
        ({"cron": None, "interval": None}, "cron"),
        ({"interval": "PT1S"}, "interval"),
        ({"timezone": "Mars/Olympus"}, "timezone"),
        ({"parameters": {"colour": "red"}}, "parameters"),
        ({"parameters": {"duration": "long"}}, "duration"),
        ({"sensor": None}, "sensor"),
        ({"parameters": {"forecaster": "Oracle"}}, "forecaster"),
    ],
)
def test_what_could_not_run_is_refused_at_once(
    installation: Any, create: Any, given: dict[str, Any], field: str
) -> None:
    with pytest.raises(InvalidInput) as caught:
        create(**given)
    assert caught.value.field == field
    with installation.database.reading() as session:
        assert session.query(Automation).count() == session.query(Job).count() == 0


def test_who_may_not_ask_for_it_cannot_automate_it(create: Any, tenant: Any) -> None:
    with pytest.raises(NotAuthorized):
        create(user=tenant.other_member)


def test_rights_are_those_of_the_moment_and_failures_are_on_record(
    installation: Any, create: Any, run: Any, clock: Any, tenant: Any
) -> None:
    mine, operators = create(), create(user=None)
    with installation.database.transaction() as session:
        session.delete(session.get_one(User, tenant.account_admin.id))
    clock.advance(timedelta(hours=1))
    assert len(run()) == 1
    assert read(installation, operators).last_job_id is not None
    failed = read(installation, mine)
    assert failed.error is not None
    assert "has been deleted" in failed.error["message"]
    assert failed.next_at == datetime(2026, 3, 2, 11, tzinfo=UTC)


def test_what_is_switched_off_does_not_run(
    installation: Any, create: Any, run: Any, clock: Any
) -> None:
    made = create()

    def change(**changes: Any) -> None:
        with installation.database.transaction() as session:
            automations.change(installation, session, session.get_one(Automation, made), **changes)

    change(active=False)
    clock.advance(timedelta(hours=5))
    assert run() == []
    change(active=True, interval="PT30M")
    assert run() == []
    clock.advance(timedelta(minutes=30))
    assert run() == ["2026-03-02T14:30:00+00:00"]


def test_the_steward_runs_what_is_due(installation: Any, create: Any, clock: Any) -> None:
    queue = WaitingQueue(installation)
    use_queue(installation, queue)
    create()
    clock.advance(timedelta(hours=1))
    steward = Steward(installation)
    steward.tick()
    steward.stop()
    assert len(queue.waiting) == 1


def test_a_schedule_recurs_for_its_asset(
    installation: Any, create: Any, run: Any, clock: Any, tenant: Any
) -> None:
    create(
        kind="schedule",
        parameters={
            "duration": "PT4H",
            "lead": "PT1H",
            "flex-model": {"soc-at-start": "5 kWh", "soc-max": "10 kWh", "power-capacity": "2 kW"},
            "flex-context": {"consumption-price": "0.3 EUR/kWh"},
        },
    )
    clock.advance(timedelta(hours=1))
    assert len(run()) == 1
    with installation.database.reading() as session:
        job = session.query(Job).one()
        assert datetime.fromisoformat(job.arguments["start"]) == clock() + timedelta(hours=1)


def test_a_report_is_about_the_day_before_it_is_due_unless_its_offsets_say_otherwise(
    installation: Any, create: Any, run: Any, clock: Any, tenant: Any
) -> None:
    with installation.database.transaction() as session:
        power = session.get_one(Sensor, tenant.power.id)
        result = Sensor(
            name="result",
            unit="kW",
            event_resolution=power.event_resolution,
            timezone=power.timezone,
            generic_asset_id=power.generic_asset_id,
        )
        session.add(result)
        session.flush()
        given = {
            "reporter": "AggregatorReporter",
            "parameters": {"input": [{"sensor": power.id}], "output": [{"sensor": result.id}]},
        }
    for changes in ({}, {"start_offset": "-2h,HB", "end-offset": "HB"}, {"duration": "PT1H"}):
        create(kind="report", sensor=None, parameters={**given, **changes}, timezone=power.timezone)
    clock.advance(timedelta(hours=1))
    run()
    with installation.database.reading() as session:
        windows = [
            [job.arguments["parameters"][name] for name in ("start", "end")]
            for job in session.query(Job).filter_by(kind="report", queue="reporting")
        ]
    assert sorted(windows) == [
        ["2026-02-28T23:00:00+00:00", "2026-03-01T23:00:00+00:00"],
        ["2026-03-02T08:00:00+00:00", "2026-03-02T10:00:00+00:00"],
        ["2026-03-02T10:00:00+00:00", "2026-03-02T11:00:00+00:00"],
    ]
    for wrong, field in (
        ({"start-offset": "soon"}, "start_offset"),
        ({"colour": "red"}, "parameters"),
        ({"parameters": []}, "parameters.parameters"),
        ({"parameters": {"input": [{"sensor": tenant.other_power.id}]}}, "parameters.output"),
    ):
        with pytest.raises(InvalidInput) as refused:
            create(kind="report", sensor=None, parameters={**given, **wrong})
        assert refused.value.field == field

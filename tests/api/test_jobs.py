"""Jobs, one by one and as the list of an asset."""

from __future__ import annotations

import json
import uuid
from datetime import datetime, timedelta

import pytest

from fmhost.app import create
from fmhost.jobs.dispatch import dispatch, queue_of
from fmhost.jobs.execute import execute
from fmhost.model import Asset, Job, Sensor
from fmhost.model.job import request_job
from fmhost.model.job_progress import note_progress
from fmhost.services import forecasts, schedules
from fmhost.testing.web import token_headers

START = datetime.fromisoformat("2026-03-02T12:00:00+01:00")
SPELLED_TWICE = ["func_name", "enqueued_at", "started_at", "ended_at", "exc_info", "progress_note"]


@pytest.fixture
def installation(waiting_installation):
    """Jobs wait in Redis until a test runs them."""
    return waiting_installation()


@pytest.fixture
def ask(installation, tenant, constant_power):
    """Asks for a schedule of the battery's power; the id of the job."""

    def trigger(**request):
        with installation.database.transaction() as session:
            return schedules.trigger(
                installation,
                session,
                target=session.get(Sensor, constant_power.id),
                start=START,
                duration=timedelta(hours=1),
                force_new=True,
                **{"flex_model": {}, "flex_context": {}, **request},
            ).id

    return trigger


def change(installation, job_id, **values):
    with installation.database.transaction() as session:
        job = session.get(Job, job_id)
        for name, value in values.items():
            setattr(job, name, value)


def run(installation, job_id):
    """Have a worker compute it."""
    dispatch(installation, job_id)
    queue_of(installation).work(["scheduling", "forecasting"], "worker-1", burst=True)


class TestOne:
    """One job, by its id."""

    def test_before_during_and_after(self, member, installation, ask):
        job_id = ask()
        answer = member.get(f"/jobs/{job_id}")
        assert answer.status_code == 202
        body = answer.get_json()
        assert body["status"] == "QUEUED"
        assert body["message"] == "Scheduling job waiting to be processed."
        assert body["origin"] == "scheduling"
        assert body["func-name"] == "fmhost.services.schedules.run"
        assert body["enqueued-at"] == "2026-03-02T09:00:00+00:00"
        for missing in ("result", "started-at", "ended-at", "exc-info"):
            assert body[missing] is None

        change(installation, job_id, state="started")
        assert member.get(f"/jobs/{job_id}").get_json()["status"] == "STARTED"
        change(installation, job_id, state="queued")
        run(installation, job_id)

        answer = member.get(f"/jobs/{job_id}")
        assert answer.status_code == 200
        body = answer.get_json()
        assert body["status"] == "FINISHED"
        assert body["message"] == "Scheduling job finished."
        assert body["result"] == {"num-beliefs": 4, "resolved": [], "unresolved": []}
        assert body["ended-at"] is not None

    def test_names_are_spelled_in_both_ways(self, member, installation, ask):
        job_id = ask()
        run(installation, job_id)
        body = member.get(f"/jobs/{job_id}").get_json()
        for name in SPELLED_TWICE:
            assert body[name] == body[name.replace("_", "-")]

    def test_how_far_it_has_come(self, member, installation, ask):
        job_id = ask()
        assert member.get(f"/jobs/{job_id}").json["progress"] is None
        with installation.database.transaction() as session:
            note_progress(session, job_id, 0.25, "device 1 of 4", now=installation.now())
        told = member.get(f"/jobs/{job_id}").json
        assert (told["progress"], told["progress-note"]) == (0.25, "device 1 of 4")

    def test_a_job_that_failed_says_why(self, member, as_user, tenant, installation, ask):
        job_id = ask(flex_context={"consumption-price": "1 EUR/kWh"})
        run(installation, job_id)
        answer = member.get(f"/jobs/{job_id}")
        assert answer.status_code == 422
        body = answer.get_json()
        why = "UnknownPrices: Prices unknown for planning window."
        assert body["status"] == "FAILED"
        assert body["message"] == f"Scheduling job failed with {why}"
        assert body["exc-info"] == why
        assert body["result"] is None
        # Lines of code name folders of the server.
        seen = as_user(tenant.admin).get(f"/jobs/{job_id}").get_json()["exc-info"]
        assert "Traceback" in seen
        assert why in seen

    @pytest.mark.parametrize(
        ("state", "status"),
        [
            ("queued", 202),
            ("started", 202),
            ("deferred", 202),
            ("scheduled", 202),
            ("finished", 200),
            ("failed", 422),
            ("stopped", 422),
            ("canceled", 422),
        ],
    )
    def test_the_status_of_every_state(self, member, installation, ask, state, status):
        job_id = ask()
        change(installation, job_id, state=state)
        answer = member.get(f"/jobs/{job_id}")
        assert answer.status_code == status
        assert answer.get_json()["status"] == state.upper()

    @pytest.mark.parametrize(
        "job_id", ["5c5f0d0e-9d0f-4f4e-9f0a-0a8f5d1a7c11", "x", "1", "0" * 300, "%27--"]
    )
    def test_a_job_that_does_not_exist(self, member, job_id):
        answer = member.get(f"/jobs/{job_id}")
        assert answer.status_code == 404
        assert answer.get_json()["status"] == "ERROR"
        assert answer.get_json()["message"].endswith(" not found.")

    @pytest.mark.parametrize(
        ("who", "knows"),
        [
            ("admin", True),
            ("admin_reader", True),
            ("account_admin", True),
            ("member", True),
            ("consultant", True),
            ("other_member", False),
            ("clerk", False),
        ],
    )
    def test_who_may_know_of_it(self, as_user, tenant, ask, who, knows):
        job_id, unknown = ask(), str(uuid.uuid4())
        caller = as_user(getattr(tenant, who))
        answer = caller.get(f"/jobs/{job_id}")
        assert answer.status_code == (202 if knows else 404)
        if not knows:
            nothing = caller.get(f"/jobs/{unknown}")
            assert nothing.status_code == answer.status_code
            assert nothing.text.replace(unknown, "") == answer.text.replace(job_id, "")

    def test_a_job_about_an_asset_is_known_to_who_may_read_that(
        self, as_user, tenant, installation, ask
    ):
        job_id = ask()
        change(installation, job_id, sensor_id=None)
        assert as_user(tenant.member).get(f"/jobs/{job_id}").status_code == 202
        assert as_user(tenant.other_member).get(f"/jobs/{job_id}").status_code == 404

    def test_a_job_about_nothing_is_known_to_who_asked_for_it(self, as_user, tenant, installation):
        with installation.database.transaction() as session:
            job_id = request_job(
                session,
                kind="report",
                queue="reporting",
                arguments={},
                requester_user_id=tenant.member.id,
            ).id
        answer = as_user(tenant.member).get(f"/jobs/{job_id}")
        assert answer.status_code == 202
        assert answer.get_json()["message"] == "Reporting job waiting to be processed."
        assert as_user(tenant.account_admin).get(f"/jobs/{job_id}").status_code == 404
        assert as_user(tenant.admin).get(f"/jobs/{job_id}").status_code == 202

    def test_without_a_login(self, nobody, ask):
        assert nobody.get(f"/jobs/{ask()}").status_code == 401


class TestList:
    """The jobs about an asset."""

    def listed(self, caller, asset):
        answer = caller.get(f"/assets/{asset.id}/jobs")
        assert answer.status_code == 200, answer.text
        return answer.get_json()["jobs"]

    def test_what_it_tells(self, member, installation, tenant, ask):
        job_id = ask(flex_model={"soc-at-start": 2})
        run(installation, job_id)
        answer = member.get(f"/assets/{tenant.battery.id}/jobs").get_json()
        assert answer["redis_connection_err"] is None
        (job,) = answer["jobs"]
        metadata = json.loads(job.pop("metadata"))
        assert metadata["asset_or_sensor"] == {"id": tenant.power.id, "class": "Sensor"}
        assert metadata["arguments"]["flex_model"] == {"soc-at-start": 2}
        assert metadata["scheduler_info"]["scheduler"] == "Constant"
        assert "requester" not in metadata["arguments"]
        assert len(job.pop("metadata_hash")) == 64
        assert job == {
            "job_id": job_id,
            "queue": "scheduling",
            "asset_or_sensor_type": "sensor",
            "asset_id": tenant.power.id,
            "entity": f"sensor: power (Id: {tenant.power.id})",
            "status": "finished",
            "err": None,
            "enqueued_at": "2026-03-02T09:00:00+00:00",
        }

    def test_the_newest_come_first_whatever_their_kind(
        self, member, installation, tenant, clock, ask
    ):
        first = ask()
        clock.advance(timedelta(minutes=1))
        with installation.database.transaction() as session:
            sensor = session.get(Sensor, tenant.power.id)
            second = forecasts.trigger(installation, session, sensor=sensor).id
        clock.advance(timedelta(minutes=1))
        third = ask()
        change(installation, third, sensor_id=None)
        found = self.listed(member, tenant.battery)
        assert [job["job_id"] for job in found] == [third, second, first]
        assert [job["queue"] for job in found] == ["scheduling", "forecasting", "scheduling"]
        assert found[0]["entity"] == f"asset: battery (Id: {tenant.battery.id})"

    def test_a_failure_is_told(self, member, installation, tenant, ask):
        run(installation, ask(flex_context={"consumption-price": "1 EUR/kWh"}))
        (job,) = self.listed(member, tenant.battery)
        assert job["status"] == "failed"
        assert job["err"] == "UnknownPrices: Prices unknown for planning window."

    def test_only_jobs_of_one_life_time(self, member, installation, tenant, clock, ask):
        ended, waiting = ask(), ask()
        run(installation, ended)
        clock.advance(timedelta(hours=25))
        assert [job["job_id"] for job in self.listed(member, tenant.battery)] == [ended]
        clock.advance(timedelta(days=6))
        assert self.listed(member, tenant.battery) == []
        assert member.get(f"/jobs/{waiting}").status_code == 202

    def test_jobs_of_other_assets_are_not_listed(self, member, as_user, tenant, ask):
        ask()
        assert self.listed(member, tenant.inverter) == []
        assert self.listed(as_user(tenant.other_member), tenant.other_battery) == []

    def test_the_number_of_statements_is_fixed(self, member, installation, tenant, ask, statements):
        numbers = []
        for more in (1, 5):
            for _ in range(more):
                ask()
            with statements() as counted:
                self.listed(member, tenant.battery)
            numbers.append(counted.number)
        assert numbers[0] == numbers[1]

    def test_who_may(self, as_user, nobody, tenant):
        path = f"/assets/{tenant.battery.id}/jobs"
        assert nobody.get(path).status_code == 401
        assert as_user(tenant.other_member).get(path).status_code == 403
        assert as_user(tenant.consultant).get(path).status_code == 200
        assert as_user(tenant.member).get("/assets/999/jobs").status_code == 404


def test_a_queue_that_cannot_be_reached_is_told(constant, open_installation, tenant):
    installation = open_installation(FLEXMEASURES_REDIS_URL="127.0.0.1", FLEXMEASURES_REDIS_PORT=1)
    client = create(installation=installation).test_client()
    headers = token_headers(client, tenant.member)
    answer = client.get(f"/api/v3_0/assets/{tenant.battery.id}/jobs", headers=headers)
    assert answer.status_code == 200
    told = answer.get_json()["redis_connection_err"]
    assert told == "Job queues are currently unavailable."


class TestInTheServer:
    """Jobs run in the server itself."""

    @pytest.fixture
    def installation(self, constant, open_installation):
        return open_installation(FMHOST_QUEUE="inline")

    def test_a_job_comes_to_its_end(self, member, installation, tenant, ask):
        job_id = ask()
        execute(installation, job_id, "inline")
        assert member.get(f"/jobs/{job_id}").get_json()["status"] == "FINISHED"
        listed = member.get(f"/assets/{tenant.battery.id}/jobs").get_json()
        assert listed["redis_connection_err"] is None
        assert [job["status"] for job in listed["jobs"]] == ["finished"]


def test_a_deleted_asset_takes_its_jobs_along(member, installation, tenant, ask):
    job_id = ask()
    with installation.database.transaction() as session:
        session.delete(session.get(Asset, tenant.battery.id))
    assert member.get(f"/jobs/{job_id}").status_code == 404

"""Schedules as newer clients get them, and those that take the place of schedules that failed."""

from __future__ import annotations

from datetime import timedelta

import pytest

from fmhost.jobs.dispatch import queue_of
from fmhost.jobs.execute import execute
from fmhost.model import Asset, Job

START = "2026-03-02T12:00:00+01:00"
CLIENT = "flexmeasures-client-version"
NEWER = {"FMHOST_LEGACY_JOB_RESPONSES": False}


@pytest.fixture
def settings() -> dict:
    return NEWER


@pytest.fixture
def installation(waiting_installation, settings):
    return waiting_installation(**settings)


@pytest.fixture
def path(constant_power):
    return f"/sensors/{constant_power.id}/schedules"


def change(installation, job_id, **values):
    with installation.database.transaction() as session:
        job = session.get(Job, job_id)
        for name, value in values.items():
            setattr(job, name, value)


@pytest.fixture
def trigger(member, path):
    """Asks for a schedule; the id of the job."""

    def ask(**changes):
        answer = member.post(f"{path}/trigger", {"start": START, **changes})
        assert answer.status_code in (200, 202), answer.text
        return answer.get_json()["schedule"]

    return ask


def test_the_answer_to_a_trigger(member, path):
    answer = member.post(f"{path}/trigger", {"start": START})
    assert answer.status_code == 202
    body = answer.get_json()
    job_id = body["schedule"]
    assert body == {
        "status": "ACCEPTED",
        "message": "Request has been accepted for processing.",
        "job": job_id,
        "job-url": f"/api/v3_0/jobs/{job_id}",
        "results-url": f"/api/v3_0{path}/{job_id}",
        "schedule": job_id,
    }


@pytest.mark.parametrize(
    ("state", "text"),
    [
        ("queued", "Scheduling job waiting to be processed."),
        ("scheduled", "Scheduling job waiting to be processed."),
        ("started", "Scheduling job in progress."),
    ],
)
def test_a_schedule_that_is_not_there_yet(member, installation, path, trigger, state, text):
    job_id = trigger()
    change(installation, job_id, state=state)
    answer = member.get(f"{path}/{job_id}")
    assert answer.status_code == 202
    assert answer.get_json() == {"status": state.upper(), "message": text}


def test_a_job_that_waits_for_another(member, installation, path, trigger):
    first = trigger()
    second = trigger(**{"flex-model": {"soc-at-start": 5}})
    change(installation, second, state="deferred", depends_on_id=first)
    answer = member.get(f"{path}/{second}")
    assert answer.status_code == 202
    assert answer.get_json() == {
        "status": "DEFERRED",
        "message": f'Scheduling job waiting for queued job "{first}" to be processed.',
    }


@pytest.mark.parametrize(
    ("state", "text"),
    [("failed", "failed with UnknownPrices: None."), ("canceled", "has an unknown status.")],
)
def test_a_schedule_that_will_not_come(member, installation, path, trigger, state, text):
    job_id = trigger()
    error = {"type": "UnknownPrices", "message": "None."} if state == "failed" else None
    change(installation, job_id, state=state, error=error)
    answer = member.get(f"{path}/{job_id}")
    assert answer.status_code == 400
    assert answer.get_json()["status"] == "UNKNOWN_SCHEDULE"
    assert answer.get_json()["message"].endswith(f"Scheduling job {text}")


def test_a_schedule_that_workers_computed(member, installation, path, trigger):
    job_id = trigger(duration="PT1H")
    queue_of(installation).work(["scheduling"], "worker-1", burst=True)
    body = member.get(f"{path}/{job_id}").get_json()
    assert body["values"] == [1] * 4
    assert body["message"] == "Request has been processed. Constant was used."
    assert body["scheduler_info"]["scheduler"] == "Constant"


@pytest.mark.parametrize("query", ["sign-convention", "sign_convention"])
def test_queries_are_spelled_in_both_ways(member, installation, path, trigger, query):
    job_id = trigger(duration="PT30M")
    execute(installation, job_id, "worker")
    answer = member.get(f"{path}/{job_id}", **{query: "production-positive", "foo": 1})
    assert answer.get_json()["values"] == [-1, -1]


class TestOlderClients:
    """The host serves newer answers, but an asset's client is too old for them."""

    @pytest.fixture
    def settings(self) -> dict:
        name = "FLEXMEASURES_LEGACY_JOB_RESPONSES_MAX_INCOMPATIBLE_CLIENT_VERSION"
        return {**NEWER, name: {CLIENT: "0.9.0"}}

    def test_they_get_the_older_answers(self, member, installation, tenant, path):
        with installation.database.transaction() as session:
            session.get(Asset, tenant.battery.id).set_attribute(CLIENT, "0.8.2")
        answer = member.post(f"{path}/trigger", {"start": START})
        assert answer.status_code == 200
        body = answer.get_json()
        assert body["status"] == "PROCESSED"
        assert member.get(f"{path}/{body['schedule']}").status_code == 400

    def test_others_get_the_newer_ones(self, member, path):
        assert member.post(f"{path}/trigger", {"start": START}).status_code == 202


class TestFallbacks:
    """A schedule failed, and its job names one that takes its place."""

    @pytest.fixture
    def failed(self, installation, trigger):
        """A job that failed, and the one that takes over."""
        first = trigger()
        second = trigger(**{"flex-model": {"soc-at-start": 5}, "duration": "PT30M"})
        error = {"type": "InfeasibleProblem", "message": "Impossible."}
        meta = {"fallback_job_id": second}
        change(installation, first, state="failed", error=error, meta=meta)
        execute(installation, second, "worker")
        return first, second

    def test_its_values_are_the_answer(self, member, path, failed):
        first, _ = failed
        answer = member.get(f"{path}/{first}")
        assert answer.status_code == 200
        assert answer.get_json()["values"] == [5, 5]

    def test_while_it_waits_so_does_the_client(self, member, installation, path, failed):
        first, second = failed
        change(installation, second, state="queued")
        answer = member.get(f"{path}/{first}")
        assert (answer.status_code, answer.get_json()["status"]) == (202, "QUEUED")

    def test_fallbacks_in_a_circle_come_to_an_end(self, member, installation, path, failed):
        first, second = failed
        error = {"type": "InfeasibleProblem", "message": "Impossible."}
        change(installation, second, state="failed", error=error, meta={"fallback_job_id": first})
        assert member.get(f"{path}/{first}").status_code == 400

    @pytest.mark.parametrize("named", ["5c5f0d0e-9d0f-4f4e-9f0a-0a8f5d1a7c11", "x", 3, None])
    def test_a_fallback_that_is_not_there_changes_nothing(
        self, member, installation, path, failed, named
    ):
        first, _ = failed
        change(installation, first, meta={"fallback_job_id": named})
        answer = member.get(f"{path}/{first}")
        assert answer.status_code == 400
        assert answer.get_json()["message"].endswith("InfeasibleProblem: Impossible.")


class TestRedirects(TestFallbacks):
    """The same on a host that sends clients to the other schedule."""

    @pytest.fixture
    def settings(self) -> dict:
        return {**NEWER, "FLEXMEASURES_FALLBACK_REDIRECT": True}

    def test_its_values_are_the_answer(self, member, path, failed):
        first, second = failed
        answer = member.get(f"{path}/{first}", duration="PT15M")
        assert answer.status_code == 303
        location = answer.headers["Location"]
        assert location == f"http://localhost/api/v3_0{path}/{second}?duration=PT15M"
        assert answer.get_json()["status"] == "UNKNOWN_SCHEDULE"
        followed = member.client.get(location, headers=member.headers)
        assert followed.get_json()["values"] == [5]

    def test_while_it_waits_so_does_the_client(self, member, installation, path, failed):
        first, second = failed
        change(installation, second, state="queued")
        assert member.get(f"{path}/{first}").status_code == 303
        assert member.get(f"{path}/{second}").status_code == 202

    def test_fallbacks_in_a_circle_come_to_an_end(self, member, installation, path, failed):
        first, second = failed
        error = {"type": "InfeasibleProblem", "message": "Impossible."}
        change(installation, second, state="failed", error=error, meta={})
        assert member.get(f"{path}/{first}").status_code == 303
        assert member.get(f"{path}/{second}").status_code == 400


@pytest.mark.parametrize(("days", "found"), [(6.9, True), (7.1, False)])
def test_a_result_expires(member, installation, path, trigger, days, found):
    job_id = trigger()
    execute(installation, job_id, "worker")
    change(installation, job_id, ended_at=installation.now() - timedelta(days=days))
    answer = member.get(f"{path}/{job_id}")
    assert answer.status_code == (200 if found else 400)
    if not found:
        assert answer.get_json()["message"] == "No known schedule for this time period."

"""Posts and uploads that are stored by a job, for clients that can do with it."""

from __future__ import annotations

import logging
from datetime import timedelta
from io import BytesIO

import pytest
from redis import Redis
from rq import Queue, SimpleWorker
from rq.serializers import JSONSerializer

from fmhost.app import create
from fmhost.jobs.dispatch import queue_of
from fmhost.jobs.execute import execute
from fmhost.model import Job, JobState, Sensor, User
from fmhost.services import ingestion, uploads
from fmhost.testing.web import token_headers

START = "2026-03-02T08:00:00+01:00"
MESSAGE = {"values": [1, None, 3, 4], "start": START, "duration": "PT1H", "unit": "kW"}
QUESTION = {"start": START, "duration": "PT1H", "unit": "kW"}
ROWS = "time,power\n2026-03-02T07:00:00+00:00,1\n2026-03-02T07:15:00+00:00,2\n"


@pytest.fixture(params=["inline", "rq"])
def queue(request):
    return request.param


@pytest.fixture
def installation(queue, request, open_installation):
    """An installation with either queue, of which newer clients are assumed."""
    options = {
        "FMHOST_LEGACY_JOB_RESPONSES": False,
        "FMHOST_QUEUE": queue,
        "FLEXMEASURES_LEGACY_JOB_RESPONSES_MAX_INCOMPATIBLE_CLIENT_VERSION": {
            "acme-client-version": "0.9.0"
        },
    }
    if queue == "rq":
        options["FLEXMEASURES_REDIS_URL"] = request.getfixturevalue("redis_url")
    return open_installation(**options)


@pytest.fixture
def worker(installation, queue):
    """A worker that listens to the queue, as far as others can see."""
    if queue == "inline":
        yield None
        return
    with Redis.from_url(installation.settings["FLEXMEASURES_REDIS_URL"]) as connection:
        listened = [Queue("ingestion", connection=connection, serializer=JSONSerializer)]
        listener = SimpleWorker(listened, connection=connection, serializer=JSONSerializer)
        listener.register_birth()
        yield listener
        listener.register_death()


@pytest.fixture
def path(tenant):
    return f"/sensors/{tenant.power.id}/data"


@pytest.fixture
def values(member, path):
    return lambda **query: member.get(path, **{**QUESTION, **query}).get_json()["values"]


@pytest.fixture
def finished(installation, queue):
    """Has the waiting jobs run, and gives the row of the one that an answer names."""

    def finish(answer) -> Job:
        assert answer.status_code == 202, answer.text
        body = answer.get_json()
        assert body["status"] == "ACCEPTED"
        assert body["job-url"] == f"/api/v3_0/jobs/{body['job']}"
        if queue == "rq":
            queue_of(installation).work(["ingestion"], "worker-1", burst=True)
        else:
            queue_of(installation)._executor.submit(int).result()  # it runs one after the other
        with installation.database.reading() as session:
            return session.get(Job, body["job"])

    return finish


def upload(caller, path, rows=ROWS, **fields):
    form = {"uploaded-files": (BytesIO(rows.encode()), "power.csv", "text/csv"), **fields}
    return caller.post(f"{path}/upload", data=form, content_type="multipart/form-data")


def test_a_job_stores_what_is_posted(member, tenant, path, values, worker, finished):
    job = finished(member.post(path, MESSAGE))
    assert values() == [1, None, 3, 4]
    assert job.state == JobState.FINISHED
    assert job.result == {"num-beliefs": 3, "num-unchanged": 0}
    assert (job.kind, job.queue) == ("ingestion", "ingestion")
    assert (job.sensor_id, job.requester_user_id) == (tenant.power.id, tenant.member.id)
    assert set(job.arguments) == {"received"}
    again = finished(member.post(path, MESSAGE))
    assert again.result == {"num-beliefs": 0, "num-unchanged": 3}


def test_beliefs_were_formed_when_they_were_received(member, path, values, worker, finished, clock):
    received = clock.moment
    answer = member.post(path, MESSAGE)
    clock.advance(timedelta(hours=1))
    finished(answer)
    assert values(prior=received.isoformat()) == [1, None, 3, 4]
    assert values(prior=(received - timedelta(seconds=1)).isoformat()) == [None] * 4


def test_all_that_a_message_says_reaches_the_job(member, path, values, worker, finished):
    finished(member.post(path, {**MESSAGE, "horizon": "PT24H", "unit": "MW", "duration": "PT4H"}))
    assert values(duration="PT2H") == [1000] * 4 + [None] * 4
    finished(member.post(path, {**MESSAGE, "prior": "2026-02-01T00:00:00.000001Z"}))
    assert values(prior="2026-02-01T00:00:00.000001Z") == [1, None, 3, 4]


def test_a_job_reads_and_stores_files(member, path, values, worker, finished, installation):
    job = finished(upload(member, path, unit="MW"))
    assert values() == [1000, 2000, None, None]
    assert job.result == {"num-beliefs": 2, "num-unchanged": 0}
    assert "files" not in job.arguments
    instantly = {"belief-time-measured-instantly": "on"}
    assert finished(upload(member, path, **instantly)).result["num-beliefs"] == 2


def test_a_bad_file_fails_the_job_with_row_and_reason(member, path, values, worker, finished):
    job = finished(upload(member, path, ROWS + "2026-03-02T07:30:00+00:00,much\n"))
    assert job.state == JobState.FAILED
    assert job.error["type"] == "UnreadableFile"
    assert "Invalid content in file: power.csv" in job.error["message"]
    assert "row 4, column 2 (power): 'much' is not a number" in job.error["message"]
    assert values() == [None] * 4


def test_a_replacement_fails_the_job(member, path, values, worker, finished):
    finished(member.post(path, {**MESSAGE, "prior": START}))
    job = finished(member.post(path, {**MESSAGE, "prior": START, "values": [9] * 4}))
    assert (job.state, job.error["type"]) == (JobState.FAILED, "ReplacementNotAllowed")
    assert values() == [1, None, 3, 4]


def test_what_is_wrong_with_a_message_is_told_at_once(member, path, worker, installation):
    for change in ({"unit": "EUR"}, {"values": [1, 2, 3]}, {"type": "PostMeterDataRequest"}):
        message = {**MESSAGE, "horizon": "PT1H", **change}
        assert member.post(path, message).status_code == 422
    assert upload(member, path, unit="EUR").status_code == 422
    with installation.database.reading() as session:
        assert session.query(Job).count() == 0


def test_a_job_that_is_run_again_does_nothing_twice(
    member, path, values, worker, finished, installation, clock
):
    job = finished(member.post(path, MESSAGE))
    with installation.database.transaction() as session:
        session.get(Job, job.id).state = JobState.QUEUED  # as if the worker had been killed
    assert execute(installation, job.id, "another")
    with installation.database.reading() as session:
        assert session.get(Job, job.id).result == {"num-beliefs": 3, "num-unchanged": 0}
    assert values() == [1, None, 3, 4]


def test_data_of_somebody_who_is_gone_are_not_stored(member, path, tenant, installation, worker):
    with installation.database.transaction() as session:
        sensor, user = session.get(Sensor, tenant.power.id), session.get(User, tenant.member.id)
        file = uploads.Upload("power.csv", "text/csv", ROWS.encode())
        job = ingestion.request_upload(
            installation, session, sensor, [file], uploads.Meaning(), user
        )
        session.flush()
        session.delete(user)
    assert execute(installation, job.id, "worker")
    with installation.database.reading() as session:
        assert session.get(Job, job.id).error["message"] == (
            "The user who posted the data has been deleted."
        )


@pytest.mark.parametrize("queue", ["rq"], indirect=True)
def test_without_a_worker_data_are_stored_at_once(member, path, values, caplog):
    with caplog.at_level(logging.WARNING, "fmhost.jobs"):
        assert member.post(path, MESSAGE).status_code == 200
    assert values() == [1, None, 3, 4]
    assert "No worker listens to the queue 'ingestion'." in caplog.messages


def test_without_redis_data_are_stored_at_once(open_installation, tenant, as_user, caplog):
    unreachable = open_installation(
        FMHOST_LEGACY_JOB_RESPONSES=False,
        FMHOST_QUEUE="rq",
        FLEXMEASURES_REDIS_URL="redis://127.0.0.1:1/0",
    )
    client = create(installation=unreachable).test_client()
    headers = token_headers(client, tenant.member)
    with caplog.at_level(logging.WARNING, "fmhost.jobs"):
        answer = client.post(
            f"/api/v3_0/sensors/{tenant.power.id}/data", json=MESSAGE, headers=headers
        )
    assert answer.get_json()["status"] == "PROCESSED"
    assert "cannot be reached" in caplog.text


def test_older_clients_wait_for_their_data(member, path, tenant, installation, worker, values):
    with installation.database.transaction() as session:
        asset = session.get(Sensor, tenant.power.id).generic_asset
        asset.set_attribute("acme-client-version", "0.9.0")
    assert member.post(path, MESSAGE).status_code == 200
    assert upload(member, path).status_code == 200
    assert values() == [1, 2, 3, 4]

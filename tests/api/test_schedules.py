"""Asking for schedules and fetching them."""

from __future__ import annotations

import uuid

import pytest

from fmhost.app import create
from fmhost.jobs.execute import execute
from fmhost.model import Job, Sensor
from fmhost.testing.web import token_headers

START = "2026-03-02T12:00:00+01:00"


@pytest.fixture
def installation(waiting_installation):
    """Jobs wait in Redis until a test runs them."""
    return waiting_installation()


@pytest.fixture
def path(constant_power):
    return f"/sensors/{constant_power.id}/schedules"


@pytest.fixture
def trigger(member, path):
    """Asks for a schedule; the id of the job."""

    def ask(**changes):
        answer = member.post(f"{path}/trigger", {"start": START, **changes})
        assert answer.status_code == 200, answer.text
        return answer.get_json()["schedule"]

    return ask


def test_a_schedule_is_asked_for_computed_and_fetched(member, installation, path, trigger):
    job_id = trigger(**{"flex-model": {"soc-at-start": 2.5}, "duration": "PT2H"})
    assert uuid.UUID(job_id)
    execute(installation, job_id, "worker")
    answer = member.get(f"{path}/{job_id}")
    assert answer.status_code == 200
    body = answer.get_json()
    assert body["values"] == [2.5] * 8
    assert body["start"] == START
    assert body["duration"] == "PT2H"
    assert body["unit"] == "kW"
    assert body["scheduler_info"] == {"scheduler": "Constant"}
    assert body["status"] == "PROCESSED"
    assert body["message"] == "Request has been processed. Constant was used."


def test_the_answer_to_a_trigger(member, path):
    body = member.post(f"{path}/trigger", {"start": START}).get_json()
    assert body.pop("schedule")
    assert body == {"status": "PROCESSED", "message": "Request has been processed."}


def test_the_job_is_the_requesters(installation, tenant, trigger):
    with installation.database.reading() as session:
        job = session.get(Job, trigger())
        assert job.requester_user_id == tenant.member.id
        assert job.sensor_id == tenant.power.id
        assert job.state == "queued"


@pytest.mark.parametrize(
    ("query", "values"),
    [
        ({"duration": "PT30M"}, [2, 2]),
        ({"duration": "PT30M", "unit": "W"}, [2000, 2000]),
        ({"duration": "PT30M", "sign-convention": "production-positive"}, [-2, -2]),
        ({"duration": "PT30M", "sign-convention": "wysiwyg"}, [-2, -2]),
    ],
)
def test_how_a_schedule_is_fetched(member, installation, path, trigger, query, values):
    job_id = trigger(**{"flex-model": {"soc-at-start": 2}})
    execute(installation, job_id, "worker")
    assert member.get(f"{path}/{job_id}", **query).get_json()["values"] == values


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ({"duration": "-PT30M"}, "duration"),
        ({"duration": "P9000Y"}, "duration"),
        ({"unit": "V"}, "unit"),
        ({"unit": "nonsense("}, "unit"),
        ({"sign-convention": "up"}, "sign-convention"),
    ],
)
def test_mistakes_in_fetching(member, installation, path, trigger, query, field):
    job_id = trigger()
    execute(installation, job_id, "worker")
    answer = member.get(f"{path}/{job_id}", **query)
    assert answer.status_code == 422
    assert list(answer.get_json()["message"]["query"]) == [field]


def change(installation, job_id, **values):
    with installation.database.transaction() as session:
        job = session.get(Job, job_id)
        for name, value in values.items():
            setattr(job, name, value)


@pytest.mark.parametrize(
    ("values", "text"),
    [
        ({"state": "queued"}, "Scheduling job waiting to be processed."),
        ({"state": "scheduled"}, "Scheduling job waiting to be processed."),
        ({"state": "started"}, "Scheduling job in progress."),
        (
            {"state": "failed", "error": {"type": "UnknownPrices", "message": "None known."}},
            "Scheduling job failed with UnknownPrices: None known.",
        ),
        ({"state": "canceled"}, "Scheduling job has an unknown status."),
        ({"state": "stopped"}, "Scheduling job has an unknown status."),
    ],
)
def test_schedules_that_are_not_there(member, installation, path, trigger, values, text):
    job_id = trigger()
    change(installation, job_id, **values)
    answer = member.get(f"{path}/{job_id}")
    assert answer.status_code == 400
    assert answer.get_json() == {
        "result": "Rejected",
        "status": "UNKNOWN_SCHEDULE",
        "message": f"No known schedule for this time period. {text}",
    }


def test_a_job_that_waits_for_another(member, installation, path, trigger):
    first = trigger()
    second = trigger(**{"flex-model": {"soc-at-start": 5}})
    change(installation, second, state="deferred", depends_on_id=first)
    message = member.get(f"{path}/{second}").get_json()["message"]
    assert message.endswith(f'Scheduling job waiting for queued job "{first}" to be processed.')


def test_a_schedule_that_failed_says_why(member, installation, path, trigger):
    job_id = trigger(**{"flex-context": {"consumption-price": {"sensor": 1}}})
    execute(installation, job_id, "worker")
    answer = member.get(f"{path}/{job_id}")
    assert answer.status_code == 400
    message = answer.get_json()["message"]
    assert "failed with UnknownPrices: Prices unknown for planning window." in message
    assert "Traceback" not in message


@pytest.mark.parametrize(
    "job_id", ["5c5f0d0e-9d0f-4f4e-9f0a-0a8f5d1a7c11", "x", "1", "'--", "0" * 500]
)
def test_jobs_that_nobody_knows(member, path, job_id):
    answer = member.get(f"{path}/{job_id}")
    assert answer.status_code == 400
    assert answer.get_json()["status"] == "UNRECOGNIZED_UDI_EVENT"


def test_a_job_of_another_sensor_is_not_known_here(member, as_user, tenant, trigger):
    job_id = trigger()
    for user, sensor in (
        (tenant.member, tenant.status),
        (tenant.member, tenant.prices),
        (tenant.other_member, tenant.other_power),
    ):
        answer = as_user(user).get(f"/sensors/{sensor.id}/schedules/{job_id}")
        assert answer.status_code == 400
        assert answer.get_json()["status"] == "UNRECOGNIZED_UDI_EVENT"


def test_a_job_of_an_asset_is_known_at_the_sensors_below_it(
    member, installation, tenant, path, trigger
):
    job_id = trigger()
    change(installation, job_id, sensor_id=None)
    for sensor, status in ((tenant.status, "UNKNOWN_SCHEDULE"), (tenant.prices, None)):
        body = member.get(f"/sensors/{sensor.id}/schedules/{job_id}").get_json()
        assert body["status"] == (status or "UNRECOGNIZED_UDI_EVENT")


@pytest.mark.parametrize(
    ("who", "may_trigger", "may_fetch"),
    [
        ("admin", True, True),
        ("admin_reader", False, True),
        ("member", True, True),
        ("consultant", True, True),
        ("other_member", False, False),
        ("clerk", False, False),
    ],
)
def test_who_may(as_user, tenant, path, trigger, who, may_trigger, may_fetch):
    job_id = trigger()
    caller = as_user(getattr(tenant, who))
    posted = caller.post(f"{path}/trigger", {"start": START}).status_code
    assert posted == (200 if may_trigger else 403)
    fetched = caller.get(f"{path}/{job_id}").status_code
    assert fetched == (400 if may_fetch else 403)


def test_without_a_login(nobody, path):
    assert nobody.post(f"{path}/trigger", {"start": START}).status_code == 401
    assert nobody.get(f"{path}/{uuid.uuid4()}").status_code == 401


@pytest.mark.parametrize(
    ("message", "field"),
    [
        ({}, "start"),
        ({"start": "2026-03-02T12:00:00"}, "start"),
        ({"start": START, "duration": "PT0H"}, "duration"),
        ({"start": START, "duration": "-PT1H"}, "duration"),
        ({"start": START, "duration": "P1Y"}, "duration"),
        ({"start": START, "duration": "P9999Y"}, "duration"),
        ({"start": START, "resolution": "PT0M"}, "resolution"),
        ({"start": START, "prior": "yesterday"}, "prior"),
        ({"start": START, "flex-model": {"soc-at-start": "x"}}, "soc-at-start"),
        ({"start": START, "soc-at-start": "x"}, "soc-at-start"),
        ({"start": START, "flex-model": []}, "flex-model"),
        ({"start": START, "foo": 1}, "foo"),
    ],
)
def test_mistakes_in_a_trigger_stand_directly_below_the_body(member, path, message, field):
    answer = member.post(f"{path}/trigger", message)
    assert answer.status_code == 422
    assert list(answer.get_json()["message"]) == ["json"]
    assert list(answer.get_json()["message"]["json"]) == [field]


def test_the_wording_of_a_wrong_quantity(member, path):
    answer = member.post(f"{path}/trigger", {"start": START, "flex-model": {"soc-at-start": "x"}})
    assert answer.get_json()["message"] == {
        "json": {"soc-at-start": ["Cannot convert value 'x' to a valid quantity."]}
    }


def test_a_refused_trigger_leaves_no_job(member, installation, path):
    member.post(f"{path}/trigger", {"start": START, "flex-model": {"soc-at-start": "x"}})
    with installation.database.reading() as session:
        assert session.query(Job).count() == 0


@pytest.mark.parametrize("id", ["999", "x"])
def test_a_sensor_that_does_not_exist(member, id):
    answer = member.post(f"/sensors/{id}/schedules/trigger", {"start": START})
    assert answer.status_code == 422
    assert "id" in answer.get_json()["message"]["path"]


def test_fields_in_their_older_place_are_taken_and_announced_as_deprecated(member, path):
    answer = member.post(f"{path}/trigger", {"start": START, "soc-at-start": 3})
    assert answer.status_code == 200
    assert answer.headers["Deprecation"] == "Tue, 13 Dec 2022 23:59:59 GMT"
    assert answer.headers["Sunset"] == "Tue, 31 Jan 2023 23:59:59 GMT"
    assert "Sunset" not in member.post(f"{path}/trigger", {"start": START}).headers


def test_the_same_request_gets_the_same_job_unless_forced(trigger):
    first = trigger()
    assert trigger() == first
    assert trigger(**{"force-new-job-creation": True}) != first


def test_jobs_run_in_the_server_where_there_is_no_redis(constant, open_installation, tenant):
    installation = open_installation()
    with installation.database.transaction() as session:
        session.get(Sensor, tenant.power.id).set_attribute("custom-scheduler", "Constant")
    client = create(installation=installation).test_client()
    headers = token_headers(client, tenant.member)
    path = f"/api/v3_0/sensors/{tenant.power.id}/schedules"
    request = {"start": START, "duration": "PT2H"}
    job_id = client.post(f"{path}/trigger", json=request, headers=headers).get_json()
    installation.close()  # waits for its jobs
    answer = client.get(f"{path}/{job_id['schedule']}", headers=headers)
    assert answer.get_json()["values"] == [1] * 8


def test_while_the_queue_is_gone_jobs_wait_in_the_database(constant, open_installation, tenant):
    installation = open_installation(FLEXMEASURES_REDIS_URL="127.0.0.1", FLEXMEASURES_REDIS_PORT=1)
    with installation.database.transaction() as session:
        session.get(Sensor, tenant.power.id).set_attribute("custom-scheduler", "Constant")
    client = create(installation=installation).test_client()
    headers = token_headers(client, tenant.member)
    path = f"/api/v3_0/sensors/{tenant.power.id}/schedules/trigger"
    answer = client.post(path, json={"start": START}, headers=headers)
    assert answer.status_code == 200
    with installation.database.reading() as session:
        (job,) = session.query(Job)
        assert (job.id, job.state) == (answer.get_json()["schedule"], "queued")

"""An impossible schedule over HTTP, on hosts with and without fallbacks."""

from __future__ import annotations

import json
from datetime import datetime

import pytest

from fmhost.plugin import Job, Sensor, execute, outlook, overview

START = "2026-03-02T10:00:00+00:00"
MODEL = {
    "soc-at-start": "10 kWh",
    "soc-max": "50 kWh",
    "power-capacity": "8 kW",
    "soc-targets": [{"value": "30 kWh", "datetime": "2026-03-02T11:00:00+00:00"}],
}


@pytest.fixture
def settings():
    return {"FMHOST_FALLBACK_SCHEDULES": True}


@pytest.fixture
def installation(open_installation, redis_url, settings):
    """Jobs wait in Redis until a test runs them."""
    return open_installation(FLEXMEASURES_REDIS_URL=redis_url, **settings)


@pytest.fixture
def get(client, tenant, log_in):
    headers = log_in(tenant.member)
    return lambda path: client.get(f"/api/v3_0{path}", headers=headers)


@pytest.fixture
def failed(client, installation, tenant, log_in):
    """Id of the job that failed."""
    message = {
        "start": START,
        "duration": "PT3H",
        "flex-model": MODEL,
        "flex-context": {"consumption-price": "0.2 EUR/kWh"},
    }
    url = f"/api/v3_0/sensors/{tenant.power.id}/schedules/trigger"
    answer = client.post(url, json=message, headers=log_in(tenant.member))
    assert answer.status_code == 200, answer.text
    job_id = answer.get_json()["schedule"]
    execute(installation, job_id, worker="test")
    return job_id


def fallback_of(installation, job_id):
    with installation.database.reading() as session:
        return session.get(Job, job_id).meta.get("fallback_job_id")


def test_the_fallback_takes_its_place_and_says_so(get, installation, tenant, failed):
    path = f"/sensors/{tenant.power.id}/schedules/{failed}?duration=PT3H"
    assert get(path).status_code == 400  # it waits for a worker
    follower = fallback_of(installation, failed)
    execute(installation, follower, worker="test")
    answer = get(path)
    assert answer.status_code == 200, answer.text
    found = answer.get_json()
    assert found["values"] == [8.0] * 10 + [0.0] * 2
    assert found["message"].endswith("StorageFallbackScheduler was used.")
    assert found["scheduler_info"]["fallback"] is True
    assert "not optimal" in found["scheduler_info"]["warnings"][-1]


def test_the_failed_job_says_why_and_lists_tell_both(get, installation, tenant, failed):
    follower = fallback_of(installation, failed)
    execute(installation, follower, worker="test")
    answer = get(f"/jobs/{failed}")
    assert answer.status_code == 422
    found = answer.get_json()
    assert found["status"] == "FAILED"
    assert "soc-targets (0.03 MWh at 2026-03-02T11:00:00+00:00)" in found["message"]
    assert "soc-targets of 0.018 MWh instead of 0.03 MWh" in found["message"]
    jobs = {each["job_id"]: each for each in get(f"/assets/{tenant.battery.id}/jobs").json["jobs"]}
    assert json.loads(jobs[failed]["metadata"])["fallback_job_id"] == follower
    told = json.loads(jobs[follower]["metadata"])
    assert told["scheduler_info"]["fallback"] is True
    assert told["arguments"]["fallback_for"] == failed


class TestWithout:
    """The default."""

    @pytest.fixture
    def settings(self):
        return {}

    def test_the_job_fails_with_its_reasons(self, get, installation, tenant, failed):
        assert fallback_of(installation, failed) is None
        answer = get(f"/sensors/{tenant.power.id}/schedules/{failed}")
        assert answer.status_code == 400
        assert "cannot hold together" in answer.get_json()["message"]


class TestRedirect:
    """A host that sends clients on."""

    @pytest.fixture
    def settings(self):
        return {"FLEXMEASURES_FALLBACK_REDIRECT": True}

    def test_clients_are_sent_to_the_fallback(self, get, installation, tenant, failed):
        follower = fallback_of(installation, failed)
        execute(installation, follower, worker="test")
        answer = get(f"/sensors/{tenant.power.id}/schedules/{failed}")
        assert answer.status_code == 303
        assert answer.headers["Location"].endswith(f"/schedules/{follower}")


def test_its_source_and_overviews_tell_it_apart(installation, tenant, failed):
    execute(installation, fallback_of(installation, failed), worker="test")
    with installation.database.reading() as session:
        power = session.get(Sensor, tenant.power.id)
        begin = datetime.fromisoformat(START)
        (ahead,) = overview.schedules_ahead(session, [power], begin).values()
        assert ahead.fallback
        shown = outlook.around(session, power, begin)
        (scheduled,) = (each for each in shown.strands if each.kind == "scheduled")
        assert list(scheduled.sources) == ["fallback schedule by Seita"]

"""Why a schedule is as it is, asked over HTTP."""

from __future__ import annotations

import json

import pytest

from fmhost.plugin import Job, execute

START = "2026-03-02T10:00:00+00:00"
MODEL = {
    "soc-at-start": "10 kWh",
    "soc-max": "50 kWh",
    "soc-min": "10 kWh",
    "power-capacity": "8 kW",
}
PRICES = [
    {"start": "2026-03-02T10:00:00+00:00", "duration": "PT2H", "value": "0.1 EUR/kWh"},
    {"start": "2026-03-02T12:00:00+00:00", "duration": "PT2H", "value": "0.3 EUR/kWh"},
]


@pytest.fixture
def installation(open_installation, redis_url):
    """Jobs wait in Redis until a test runs them."""
    return open_installation(FLEXMEASURES_REDIS_URL=redis_url, FMHOST_FALLBACK_SCHEDULES=True)


@pytest.fixture
def get(client, tenant, log_in):
    headers = log_in(tenant.member)
    return lambda path, **query: client.get(f"/api/v3_0{path}", query_string=query, headers=headers)


@pytest.fixture
def ask(client, tenant, log_in):
    """Ask for a schedule; the id of the job."""

    def send(**model):
        message = {
            "start": START,
            "duration": "PT4H",
            "flex-model": {**MODEL, **model},
            "flex-context": {"consumption-price": PRICES},
        }
        url = f"/api/v3_0/sensors/{tenant.power.id}/schedules/trigger"
        answer = client.post(url, json=message, headers=log_in(tenant.member))
        assert answer.status_code == 200, answer.text
        return answer.get_json()["schedule"]

    return send


@pytest.fixture
def done(ask, installation):
    job_id = ask()
    execute(installation, job_id, worker="test")
    return job_id


def test_reasons_costs_and_limits(get, done):
    answer = get(f"/jobs/{done}/explanation")
    assert answer.status_code == 200, answer.text
    body = answer.get_json()
    assert body["status"] == "FINISHED"
    told = body["explanation"]
    assert told["scheduler"] == "StorageScheduler"
    assert told["cost"] == pytest.approx(-3.2)  # 16 kWh bought at 0.1 and sold at 0.3 EUR/kWh
    assert told["commodities"] == {"electricity": told["cost"]}
    (device,) = told["devices"]
    bought, sold = device["reasons"]
    assert (bought["action"], bought["reason"]) == ("charge", "price")
    assert (bought["start"], bought["end"]) == (START, "2026-03-02T12:00:00+00:00")
    assert (bought["price"], bought["later-price"], bought["energy"]) == (100, 300, 16)
    assert bought["text"] == (
        "Charges as energy costs 100.00 EUR/MWh now, and 300.00 EUR/MWh when it is used."
    )
    assert (sold["action"], sold["energy"]) == ("discharge", -16)
    assert "power-capacity" in {each["field"] for each in told["limits"]}


def test_it_is_kept_small_and_out_of_lists(get, done, installation, tenant):
    with installation.database.reading() as session:
        kept = session.get(Job, done).meta["explanations"]
    assert len(json.dumps(kept)) < 1500
    (listed,) = get(f"/assets/{tenant.battery.id}/jobs").get_json()["jobs"]
    assert "explanations" not in json.loads(listed["metadata"])


def test_a_question(get, done):
    query = {"at": "2026-03-02T11:05:00Z", "power": "-4 kW"}
    answer = get(f"/jobs/{done}/explanation", **query)
    assert answer.status_code == 200, answer.text
    found = answer.get_json()["answer"]
    assert found["possible"] is True
    assert found["at"] == "2026-03-02T11:00:00+00:00"
    assert (found["power"], found["scheduled-power"]) == (-0.004, 0.008)
    # 2 kWh less are bought, 1 kWh is sold for less: 3 kWh less are sold in the end
    assert found["cost-difference"] == pytest.approx(3 * 0.2)
    assert found["price-change"] == pytest.approx(200)


@pytest.mark.parametrize("device", ["battery (sensor {})", "battery", "{}"])
def test_devices_go_by_name_or_sensor(get, done, tenant, device):
    named = device.format(tenant.power.id)
    answer = get(f"/jobs/{done}/explanation", device=named, at=START, power="0 kW")
    assert answer.status_code == 200, answer.text


@pytest.mark.parametrize(
    ("query", "field", "text"),
    [
        ({"at": START}, "power", "A question needs at and power."),
        ({"power": 1}, "at", "A question needs at and power."),
        ({"device": "battery"}, "at", "A question needs at and power."),
        ({"at": "noon", "power": 1}, "at", "noon"),
        ({"at": "2027-01-01T00:00:00Z", "power": 0}, "at", "The schedule lasts from"),
        ({"at": START, "power": "1 GW"}, "power", "it can consume at most 0.008 MW"),
        ({"at": START, "power": "1 EUR"}, "power", "MW"),
        ({"at": START, "power": 0, "device": "roof"}, "device", "There is no such device."),
    ],
)
def test_questions_that_make_no_sense(get, done, query, field, text):
    answer = get(f"/jobs/{done}/explanation", **query)
    assert answer.status_code == 422
    messages = answer.get_json()["message"]
    (place,) = messages
    assert text in messages[place][field][0]


def test_what_is_impossible_is_told_with_the_reason_and_the_repair(get, ask, installation):
    job_id = ask(**{"soc-targets": [{"value": "26 kWh", "datetime": "2026-03-02T12:00:00+00:00"}]})
    execute(installation, job_id, worker="test")
    answer = get(f"/jobs/{job_id}/explanation", at=START, power="4 kW")
    found = answer.get_json()["answer"]
    assert found["possible"] is False
    assert found["message"].startswith(f"With battery (sensor 1) at 0.004 MW at {START}: ")
    asked = [each for each in found["conflict"] if each["field"] == "power"]
    assert [each["value"] for each in asked] == [0.004]
    (change,) = found["repair"]
    assert (change["field"], change["from"]) == ("soc-targets", 0.026)
    assert change["to"] == pytest.approx(0.025)


def test_a_schedule_that_failed_has_its_conflict(get, ask, installation):
    job_id = ask(**{"soc-targets": [{"value": "30 kWh", "datetime": "2026-03-02T11:00:00+00:00"}]})
    execute(installation, job_id, worker="test")
    body = get(f"/jobs/{job_id}/explanation").get_json()
    assert body["status"] == "FAILED"
    fields = [each["field"] for each in body["explanation"]["conflict"]]
    assert fields == ["soc-targets", "soc-at-start", "power-capacity"]
    assert body["explanation"]["repair"][0]["to"] == pytest.approx(0.018)
    fallback = body["explanation"]["fallback_job_id"]
    execute(installation, fallback, worker="test")
    told = get(f"/jobs/{fallback}/explanation").get_json()["explanation"]
    assert told["scheduler"] == "StorageFallbackScheduler"
    assert "not optimal" in told["warnings"][-1]
    assert get(f"/jobs/{job_id}/explanation", at=START, power=0).status_code == 404


def test_before_it_is_computed_and_for_others(get, ask, client, tenant, log_in, done):
    waiting = get(f"/jobs/{ask(**{'soc-at-start': '11 kWh'})}/explanation")
    assert (waiting.status_code, waiting.get_json()["status"]) == (202, "QUEUED")
    headers = log_in(tenant.other_member)
    url = f"/api/v3_0/jobs/{done}/explanation"
    assert client.get(url, headers=headers).status_code == 404
    assert get("/jobs/nonsense/explanation").status_code == 404

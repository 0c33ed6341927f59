"""The storage scheduler over HTTP: what a client sends, and what it is told."""

from __future__ import annotations

import pytest

from fmhost.plugin import Job, execute

CONTEXT = {"consumption-price": "0.2 EUR/kWh", "production-price": "0.1 EUR/kWh"}
START = "2026-03-02T10:00:00+00:00"
CAR = {
    "soc-at-start": 12.1,
    "soc-unit": "kWh",
    "soc-max": 25,
    "power-capacity": "10 kW",
    "soc-targets": [{"value": 25, "datetime": "2026-03-02T16:00:00+00:00"}],
}


@pytest.fixture
def installation(open_installation, redis_url):
    """Jobs wait in Redis until a test runs them."""
    return open_installation(FLEXMEASURES_REDIS_URL=redis_url)


@pytest.fixture
def ask(client, tenant, log_in):
    """Ask for a schedule of the battery's power sensor; the answer of the server."""
    headers = log_in(tenant.member)

    def send(**message):
        message = {"start": START, "duration": "PT12H", "flex-context": CONTEXT, **message}
        url = f"/api/v3_0/sensors/{tenant.power.id}/schedules/trigger"
        return client.post(url, json=message, headers=headers)

    return send


@pytest.mark.parametrize(
    ("message", "expected"),
    [
        (
            {"flex-model": {**CAR, "soc-at-start": "x"}},
            {"soc-at-start": ["Cannot convert value 'x' to a valid quantity."]},
        ),
        ({"flex-model": {**CAR, "soc-start": 1}}, {"soc-start": ["Unknown field."]}),
        (
            {"flex-model": {**CAR, "soc-targets": [{"value": 25}]}},
            {"soc-targets": {"0": ["A segment needs either 'datetime' or two of"]}},
        ),
        (
            {"flex-model": CAR, "flex-context": {"consumption-price": {"sensor": 99}}},
            {"consumption-price": ["No sensor found with ID 99."]},
        ),
        (
            {"flex-model": {**CAR, "group": {"asset": 1}}},
            {"group": ["A group limits several devices together, so it needs a request for"]},
        ),
    ],
)
def test_errors_stand_below_the_name_of_their_field(ask, message, expected):
    answer = ask(**message)
    assert answer.status_code == 422
    told, wanted = answer.get_json()["message"]["json"], expected
    while isinstance(wanted, dict):
        ((name, wanted),) = wanted.items()
        assert list(told) == [name]
        told = told[name]
    (text,), (begin,) = told, wanted
    assert text.startswith(begin)


def test_a_car_is_full_in_time(ask, client, installation, tenant, log_in):
    answer = ask(**{"flex-model": CAR})
    assert answer.status_code == 200, answer.text
    job_id = answer.get_json()["schedule"]
    execute(installation, job_id, worker="test")
    url = f"/api/v3_0/sensors/{tenant.power.id}/schedules/{job_id}"
    answer = client.get(f"{url}?duration=PT12H", headers=log_in(tenant.member))
    assert answer.status_code == 200, answer.text
    found = answer.get_json()
    assert found["unit"] == "kW"
    assert len(found["values"]) == 48
    assert sum(found["values"][:24]) / 4 == pytest.approx(25 - 12.1, abs=1e-4)
    info = found["scheduler_info"]
    assert info["scheduler"] == "StorageScheduler"
    # what it holds after the target is worth more on the market than in the car
    assert info["cost"] == pytest.approx(0.2 * (25 - 12.1) - 0.1 * 25)


def test_the_fields_of_old_beside_the_flex_model_are_understood(ask, tenant):
    older = {**CAR, "soc-min": 10, "roundtrip-efficiency": 0.98, "prefer-charging-sooner": False}
    capacity = {"power-capacity": older.pop("power-capacity")}
    answer = ask(**older, **{"flex-model": capacity})
    assert answer.status_code == 200, answer.text


def test_the_result_of_the_job_tells_which_soft_limits_do_not_hold(ask, installation):
    hasty = {**CAR, "soc-targets": [{"value": 25, "datetime": "2026-03-02T11:00:00+00:00"}]}
    context = {**CONTEXT, "relax-constraints": True}
    job_id = ask(**{"flex-model": hasty, "flex-context": context}).get_json()["schedule"]
    execute(installation, job_id, worker="test")
    with installation.database.reading() as session:
        result = session.get(Job, job_id).result
    (entry,) = result["unresolved"]
    assert (entry["constraint"], entry["violation"]) == ("soc-targets", "2.9 kWh")
    assert result["resolved"] == []

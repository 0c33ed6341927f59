"""Asking for forecasts and fetching them."""

from __future__ import annotations

from datetime import timedelta

import numpy as np
import pytest

from fmhost.beliefs.delete import delete
from fmhost.jobs.dispatch import queue_of
from fmhost.jobs.execute import execute
from fmhost.model import Job, Sensor

QUARTER = timedelta(minutes=15)

#: The clock of tests stands at 10:00 in Amsterdam.
NOW = "2026-03-02T10:00:00+01:00"


def change(installation, job_id, **values):
    with installation.database.transaction() as session:
        job = session.get(Job, job_id)
        for name, value in values.items():
            setattr(job, name, value)


class TestBuiltIn:
    """The forecaster that is installed with the kernel."""

    def test_a_forecast_is_asked_for_computed_and_fetched(
        self, member, installation, history, path, trigger
    ):
        job_id = trigger(duration="PT24H")
        queue_of(installation).work(["forecasting"], "worker-1", burst=True)
        answer = member.get(f"{path}/{job_id}")
        assert answer.status_code == 200
        body = answer.get_json()
        assert body.pop("forecaster_info")["model"] == "regression"
        assert np.allclose(body.pop("values"), [(36 + step) % 96 for step in range(96)])
        assert body == {
            "start": NOW,
            "duration": "PT24H",
            "unit": "kW",
            "status": "PROCESSED",
            "message": "Request has been processed.",
        }

    def test_the_default_is_the_planning_horizon_from_now_on(self, forecast, history):
        body = forecast()
        assert (body["start"], body["duration"], len(body["values"])) == (NOW, "PT48H", 192)

    def test_quantiles_regressors_and_a_model_that_it_does_not_know(
        self, forecast, history, tenant
    ):
        config = {"regressors": [tenant.prices.id], "model": "CustomLGBM", "lower": 37}
        info = forecast(duration="PT1H", probabilistic=True, config=config)["forecaster_info"]
        assert info["ignored"] == ["config.model"]
        assert info["regressors"] == [tenant.prices.id]
        assert "no forecast for 100% of the period" in info["assumed"][0]


class TestSeasonalNaive:
    """A sensor that names the simpler forecaster."""

    @pytest.fixture(autouse=True)
    def named(self, installation, tenant):
        with installation.database.transaction() as session:
            sensor = session.get(Sensor, tenant.power.id)
            sensor.set_attribute("custom-forecaster", "SeasonalNaiveForecaster")

    def test_what_it_does_not_take_is_named(self, forecast, history, tenant):
        body = forecast(
            duration="PT1H",
            probabilistic=True,
            config={
                "regressors": [tenant.prices.id],
                "train-period": "P30D",
                "model": "CustomLGBM",
                "lower": 37,
            },
        )
        assert body["values"] == [37, 37, 38, 39]
        assert body["forecaster_info"]["ignored"] == [
            "config.model",
            "config.regressors",
            "config.train-period",
            "probabilistic",
        ]

    def test_too_little_history_fails_the_job(self, member, installation, path, trigger):
        job_id = trigger()
        execute(installation, job_id, "worker")
        answer = member.get(f"{path}/{job_id}")
        assert answer.status_code == 422
        body = answer.get_json()
        assert (body["result"], body["status"]) == ("Rejected", "UNPROCESSABLE_ENTITY")
        assert body["message"]["json"].startswith(
            "Forecasting job failed with ComputationFailed: Sensor"
        )


def test_moments_are_not_forecast(member, tenant):
    answer = member.post(f"/sensors/{tenant.level.id}/forecasts/trigger", {})
    assert answer.status_code == 422
    assert "instantaneous" in answer.text


def test_a_trigger_needs_no_body(member, path):
    assert member.post(f"{path}/trigger").status_code == 200


def test_the_answer_to_a_trigger(member, path):
    body = member.post(f"{path}/trigger", {}).get_json()
    assert body.pop("forecast")
    assert body == {"status": "PROCESSED", "message": "Request has been processed."}


@pytest.mark.parametrize(
    ("state", "text"),
    [
        ("queued", "Forecasting job waiting to be processed."),
        ("started", "Forecasting job in progress."),
    ],
)
def test_a_forecast_that_is_not_there_yet(member, installation, path, trigger, state, text):
    job_id = trigger()
    change(installation, job_id, state=state)
    answer = member.get(f"{path}/{job_id}")
    assert answer.status_code == 202
    assert answer.get_json() == {"status": state.upper(), "message": text}


def test_a_forecast_that_was_taken_back(member, installation, path, trigger):
    job_id = trigger()
    change(installation, job_id, state="canceled")
    answer = member.get(f"{path}/{job_id}")
    assert answer.status_code == 422
    assert answer.get_json()["message"] == {"json": "Forecasting job has an unknown status."}


def test_a_forecast_whose_data_were_deleted(member, installation, tenant, ramp, path, trigger):
    job_id = trigger(duration="PT1H")
    execute(installation, job_id, "worker")
    with installation.database.transaction() as session:
        delete(session, session.get(Sensor, tenant.power.id))
    answer = member.get(f"{path}/{job_id}")
    assert answer.status_code == 400
    assert answer.get_json()["message"] == "No known forecast for this time period."


@pytest.mark.parametrize("job_id", ["5c5f0d0e-9d0f-4f4e-9f0a-0a8f5d1a7c11", "x", "0" * 300])
def test_jobs_that_nobody_knows(member, path, job_id):
    answer = member.get(f"{path}/{job_id}")
    assert answer.status_code == 422
    assert answer.get_json()["message"] == {"json": f"Job {job_id} not found."}


def test_a_job_of_another_sensor_or_kind_is_not_known_here(
    as_user, member, installation, tenant, path, trigger
):
    job_id = trigger()
    for user, sensor in (
        (tenant.member, tenant.status),
        (tenant.member, tenant.prices),
        (tenant.other_member, tenant.other_power),
    ):
        answer = as_user(user).get(f"/sensors/{sensor.id}/forecasts/{job_id}")
        assert answer.get_json()["message"] == {"json": f"Job {job_id} not found."}
    change(installation, job_id, kind="schedule")
    assert member.get(f"{path}/{job_id}").status_code == 422


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
    assert caller.post(f"{path}/trigger", {}).status_code == (200 if may_trigger else 403)
    assert caller.get(f"{path}/{job_id}").status_code == (202 if may_fetch else 403)


def test_without_a_login_or_a_sensor(nobody, member, path):
    assert nobody.post(f"{path}/trigger", {}).status_code == 401
    assert nobody.get(f"{path}/x").status_code == 401
    for number in ("999", "x"):
        answer = member.post(f"/sensors/{number}/forecasts/trigger", {})
        assert answer.status_code == 422
        assert "id" in answer.get_json()["message"]["path"]


class TestNewerClients:
    """The host serves newer answers."""

    @pytest.fixture
    def settings(self) -> dict:
        return {"FMHOST_LEGACY_JOB_RESPONSES": False}

    def test_they_are_told_of_the_job(self, member, path):
        answer = member.post(f"{path}/trigger", {})
        assert answer.status_code == 202
        body = answer.get_json()
        job_id = body["job"]
        assert body == {
            "status": "ACCEPTED",
            "message": "Request has been accepted for processing.",
            "job": job_id,
            "forecast": job_id,
            "job-url": f"/api/v3_0/jobs/{job_id}",
            "results-url": f"/api/v3_0{path}/{job_id}",
        }

    def test_and_that_it_is_pending(self, member, path, trigger):
        answer = member.get(f"{path}/{trigger()}")
        assert answer.status_code == 202
        assert answer.get_json() == {
            "status": "QUEUED",
            "message": "Forecasting job waiting to be processed.",
        }


class TestInTheServer:
    """Jobs run in the server itself."""

    @pytest.fixture
    def installation(self, ramp_plugin, open_installation):
        return open_installation(FMHOST_QUEUE="inline")

    def test_a_forecast_comes_to_its_end(self, installation, ramp, member, path, trigger):
        job_id = trigger(duration="PT15M")
        installation.close()  # waits for the jobs
        with installation.database.reading() as session:
            assert session.get(Job, job_id).result["num-beliefs"] == 1
        assert np.isclose(member.get(f"{path}/{job_id}").get_json()["values"][0], 100)

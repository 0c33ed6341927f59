"""Jobs run to their end on both queues: in the asking process, and in workers behind Redis."""

from __future__ import annotations

import json
import zlib
from datetime import timedelta

import numpy as np
import pytest
import redis

from fmhost.beliefs import Beliefs, Query, read, save
from fmhost.errors import ConfigurationError, InvalidInput, QueueNotReady
from fmhost.jobs.dispatch import dispatch, queue_of
from fmhost.jobs.execute import execute
from fmhost.jobs.steward import Steward
from fmhost.model import Job, JobState, Sensor
from fmhost.model.sources import get_or_create_source
from fmhost.services import forecasts, reports

QUARTER = np.timedelta64(15, "m")


def redis_settings(url):
    return {"FMHOST_QUEUE": "rq", "FLEXMEASURES_REDIS_URL": url}


@pytest.fixture(params=["inline", "rq"])
def installation(request, open_installation):
    """An installation with either queue."""
    if request.param == "inline":
        return open_installation(FMHOST_QUEUE="inline")
    return open_installation(**redis_settings(request.getfixturevalue("redis_url")))


def run_waiting(installation):
    """Have the waiting jobs run, the way the installation runs them."""
    if installation.settings.queue == "rq":
        queue_of(installation).work(
            ["forecasting", "scheduling", "reporting"], "worker-1", burst=True
        )
    else:
        installation.close()


def record(installation, sensor_id, days):
    """Measurements of the `days` before now: the number of the quarter of the day."""
    with installation.database.transaction() as session:
        sensor = session.get(Sensor, sensor_id)
        end = np.datetime64(installation.now().replace(tzinfo=None), "us")
        starts = np.arange(end - np.timedelta64(days, "D"), end, QUARTER)
        quarter = ((starts - starts.astype("datetime64[D]")) // QUARTER).astype(np.float64)
        source = get_or_create_source(session, "meter", source_type="gateway")
        count = len(starts)
        save(
            session,
            sensor,
            Beliefs(
                event_start=starts,
                belief_horizon=np.zeros(count, "timedelta64[us]"),
                source_id=np.full(count, source.id),
                cumulative_probability=np.full(count, 0.5),
                event_value=quarter,
            ),
        )


def request_forecast(installation, sensor_id, **options):
    with installation.database.transaction() as session:
        job = forecasts.trigger(
            installation,
            session,
            sensor=session.get(Sensor, sensor_id),
            duration=timedelta(hours=24),
            **options,
        )
        return job.id


def row(installation, job_id):
    with installation.database.reading() as session:
        job = session.get(Job, job_id)
        session.expunge(job)
        return job


def test_a_job_runs_and_its_result_is_stored(installation, tenant):
    record(installation, tenant.power.id, days=2)
    job_id = request_forecast(installation, tenant.power.id)
    assert row(installation, job_id).state == JobState.QUEUED
    dispatch(installation, job_id)
    run_waiting(installation)

    job = row(installation, job_id)
    assert job.state == JobState.FINISHED
    assert job.result["num-beliefs"] == 96
    assert job.provenance["distribution"] == "fmhost-forecast"
    assert job.attempts == 1
    with installation.database.reading() as session:
        sensor = session.get(Sensor, tenant.power.id)
        now = installation.now()
        known = read(session, Query(sensor=sensor, start=now, end=now + timedelta(days=1)))
    assert known.event_value.tolist() == [(36 + step) % 96 for step in range(96)]
    assert (known.belief_horizon > np.timedelta64(0)).all()


@pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)
def test_a_report_runs_on_a_queue_of_its_own(installation, tenant):
    record(installation, tenant.power.id, days=2)
    with installation.database.transaction() as session:
        power = session.get(Sensor, tenant.power.id)
        result = Sensor(
            name="daily mean",
            unit="kW",
            event_resolution=timedelta(days=1),
            timezone="Europe/Amsterdam",
            generic_asset_id=power.generic_asset_id,
        )
        session.add(result)
        session.flush()
        given = {
            "input": [{"sensor": power.id}],
            "output": [{"sensor": result.id}],
            "resolution": "P1D",
            "start": "2026-03-01T00:00:00+01:00",
        }
        job_id = reports.trigger(
            installation, session, reporter="AggregatorReporter", parameters=given
        ).id
    dispatch(installation, job_id)
    run_waiting(installation)
    job = row(installation, job_id)
    assert (job.state, job.queue, job.result["num-beliefs"]) == (JobState.FINISHED, "reporting", 1)
    with installation.database.reading() as session:
        known = read(session, Query(sensor=session.get(Sensor, job.sensor_id)))
    assert known.event_value.tolist() == [np.arange(96).mean()]


def test_a_failing_job_is_recorded_with_its_reason_and_the_next_one_runs(installation, tenant):
    failing = request_forecast(installation, tenant.power.id)
    dispatch(installation, failing)
    run_waiting(installation)
    job = row(installation, failing)
    assert job.state == JobState.FAILED
    assert job.error["type"] == "ComputationFailed"
    assert "nothing to repeat" in job.error["message"]
    assert "compute" in job.error["traceback"]


def test_a_job_of_a_deleted_sensor_goes_with_it(installation, tenant):
    job_id = request_forecast(installation, tenant.power.id)
    with installation.database.transaction() as session:
        session.delete(session.get(Sensor, tenant.power.id))
    dispatch(installation, job_id)
    run_waiting(installation)
    with installation.database.reading() as session:
        assert session.get(Job, job_id) is None


def test_only_one_worker_gets_a_job(installation, tenant):
    record(installation, tenant.power.id, days=2)
    job_id = request_forecast(installation, tenant.power.id)
    assert execute(installation, job_id, "first") is True
    assert execute(installation, job_id, "second") is False
    assert row(installation, job_id).worker == "first"


def test_an_error_that_nobody_foresaw_is_recorded_too(installation, tenant):
    record(installation, tenant.power.id, days=2)
    job_id = request_forecast(installation, tenant.power.id)
    with installation.database.transaction() as session:
        job = session.get(Job, job_id)
        job.arguments = {**job.arguments, "start": "not a time"}
    assert execute(installation, job_id, "worker") is True
    job = row(installation, job_id)
    assert job.state == JobState.FAILED
    assert job.error["type"] == "ValueError"


def test_only_the_id_of_a_job_travels_through_redis(open_installation, redis_url, tenant):
    installation = open_installation(**redis_settings(redis_url))
    job_id = request_forecast(installation, tenant.power.id)
    assert dispatch(installation, job_id)
    with redis.Redis.from_url(redis_url) as connection:
        payload = connection.hget(f"rq:job:{job_id}", "data")
    assert json.loads(zlib.decompress(payload)) == [
        "fmhost.jobs.rq_queue.run_job",
        None,
        [job_id],
        {},
    ]


def test_a_job_outlives_that_redis_cannot_be_reached(open_installation, tenant, redis_url, caplog):
    installation = open_installation(**redis_settings("redis://127.0.0.1:1/0"))
    record(installation, tenant.power.id, days=2)
    job_id = request_forecast(installation, tenant.power.id)
    assert not dispatch(installation, job_id)
    assert "FLEXMEASURES_REDIS_URL" in caplog.text
    assert row(installation, job_id).state == JobState.QUEUED
    with pytest.raises(QueueNotReady):
        queue_of(installation).work(["forecasting"], "worker")

    repaired = open_installation(**redis_settings(redis_url))
    steward = Steward(repaired)
    assert steward.tick()
    assert steward.tick()
    steward.stop()
    run_waiting(repaired)
    assert row(repaired, job_id).state == JobState.FINISHED


def test_a_worker_has_nothing_to_do_where_jobs_run_inline(open_installation):
    installation = open_installation(FMHOST_QUEUE="inline")
    with pytest.raises(ConfigurationError, match="FLEXMEASURES_REDIS_URL"):
        queue_of(installation).work(["forecasting"], "worker")


def test_an_instantaneous_sensor_is_not_forecast(installation, tenant):
    with pytest.raises(InvalidInput, match="instantaneous"):
        request_forecast(installation, tenant.level.id)

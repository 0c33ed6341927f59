from datetime import timedelta

from fmhost.plugin import Job, Sensor, execute, forecasts, recording, sources
from fmhost.testing import ForecasterConformance

from {{ cookiecutter.module_name }}.forecaster import {{ cookiecutter.__class_prefix }}Forecaster


def forecast(installation, sensor_id):
    with installation.database.transaction() as session:
        job_id = forecasts.trigger(
            installation,
            session,
            sensor=session.get(Sensor, sensor_id),
            duration=timedelta(hours=1),
            forecaster="{{ cookiecutter.__class_prefix }}Forecaster",
        ).id
    execute(installation, job_id, "test")
    return job_id


def test_the_last_value_is_repeated(installation, tenant):
    now = installation.now()
    with installation.database.transaction() as session:
        source = sources.create_source(session, name="meter", source_type="script")
        recording.record(
            installation,
            session,
            session.get(Sensor, tenant.power.id),
            source,
            start=now - timedelta(hours=1),
            values=[1.0, 2.0, 3.0, 5.0],
            belief_time=now,
        )
    job_id = forecast(installation, tenant.power.id)
    with installation.database.reading() as session:
        job = session.get(Job, job_id)
        assert job.state == "finished", job.error


def test_without_any_value_the_job_says_why(installation, tenant):
    job_id = forecast(installation, tenant.power.id)
    with installation.database.reading() as session:
        job = session.get(Job, job_id)
        assert job.state == "failed"
        assert "has no values in the 7 days before" in job.error["message"]


class TestConformance(ForecasterConformance):
    """What every forecaster has to do; see the page "Testing a plugin"."""

    forecaster = {{ cookiecutter.__class_prefix }}Forecaster

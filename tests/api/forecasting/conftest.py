"""Sensors that are forecast: by the built-in forecaster, or by one whose results are known."""

from __future__ import annotations

from datetime import timedelta

import pytest

from fmhost.jobs.execute import execute
from fmhost.model import Sensor
from fmhost.services import recording
from fmhost.services.sources import create_source
from fmhost.testing.distributions import plugin

#: Forecasts the hour of the day on the clock of the request; quantiles where they are asked for.
RAMP = plugin(
    "ramp",
    """
    manifest = Manifest(
        name="ramp", forecasters={"Ramp": Driver("acme_ramp.forecaster:Ramp")}
    )
    """,
    {
        "forecaster.py": """
            import numpy as np
            from marshmallow import Schema, fields
            from fmhost.plugin import Forecaster, ForecastResult

            class Config(Schema):
                slope = fields.Float(load_default=2.0)
                offset = fields.Float()
                lower = fields.Float()

            class Ramp(Forecaster):
                __author__ = "Acme"
                config_schema = Config

                def compute(self):
                    task = self.task
                    self.info["config"] = dict(task.config)
                    steps = (task.end - task.start) // task.resolution
                    hours = np.array([
                        (task.start + task.resolution * step).hour for step in range(steps)
                    ])
                    values = hours * task.config.get("slope", 1.0)
                    if not task.probabilistic:
                        return [ForecastResult(task.sensor, task.start, task.resolution, values)]
                    spread = np.stack([values - 1, values, values + 1], axis=1)
                    return [ForecastResult(
                        task.sensor, task.start, task.resolution, spread, (0.1, 0.5, 0.9)
                    )]
            """
    },
)


@pytest.fixture
def settings() -> dict:
    return {}


@pytest.fixture
def ramp_plugin(site):
    """The forecaster ``Ramp`` is installed."""
    site.install(RAMP)


@pytest.fixture
def installation(ramp_plugin, open_installation, redis_url, settings):
    """Jobs wait in Redis until a test runs them."""
    return open_installation(FLEXMEASURES_REDIS_URL=redis_url, **settings)


@pytest.fixture
def path(tenant):
    return f"/sensors/{tenant.power.id}/forecasts"


@pytest.fixture
def history(installation, tenant):
    """Two days of measurements before now: the number of the quarter of the day, UTC."""
    days = timedelta(days=2)
    with installation.database.transaction() as session:
        sensor = session.get(Sensor, tenant.power.id)
        start = installation.now() - days
        steps = days // timedelta(minutes=15)
        moments = [start + timedelta(minutes=15) * step for step in range(steps)]
        recording.record(
            installation,
            session,
            sensor,
            create_source(session, name="meter", source_type="gateway"),
            start=start,
            values=[float(each.hour * 4 + each.minute // 15) for each in moments],
            belief_time=start,
        )


@pytest.fixture
def ramp(installation, tenant):
    """The sensor is forecast by ``Ramp``, with a slope of its own."""
    custom = {"name": "Ramp", "config": {"slope": 10}}
    with installation.database.transaction() as session:
        session.get(Sensor, tenant.power.id).set_attribute("custom-forecaster", custom)


@pytest.fixture
def trigger(member, path):
    """Asks for a forecast; the id of the job."""

    def ask(**message):
        answer = member.post(f"{path}/trigger", message)
        assert answer.status_code in (200, 202), answer.text
        return answer.get_json()["forecast"]

    return ask


@pytest.fixture
def forecast(member, installation, path, trigger):
    """Asks for a forecast, has it computed and fetches it; the body of the answer."""

    def run(**message):
        job_id = trigger(**message)
        execute(installation, job_id, "worker")
        answer = member.get(f"{path}/{job_id}")
        assert answer.status_code == 200, answer.text
        return answer.get_json()

    return run

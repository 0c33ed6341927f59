"""A sensor with hourly measurements, each recorded when its hour is over."""

from __future__ import annotations

from datetime import timedelta
from types import SimpleNamespace

import numpy as np
import pytest

from fmhost.beliefs import Beliefs, Query, read, save
from fmhost.domain.arrays import duration64, moment64
from fmhost.jobs.execute import execute
from fmhost.model import Job, Sensor
from fmhost.services.sources import create_source

HOUR, DAY = timedelta(hours=1), timedelta(days=1)


@pytest.fixture
def meter(installation, tenant):
    """The sensor ``load``, with so many days before now; and ways to have it forecast."""

    def make(days=12, *, unit="kW", zone="Europe/Amsterdam", **more):
        with installation.database.transaction() as session:
            asset = session.merge(tenant.battery)
            sensor = Sensor(
                name="load",
                unit=unit,
                event_resolution=HOUR,
                timezone=zone,
                generic_asset=asset,
                **more,
            )
            session.add(sensor)
            session.flush()
            number = sensor.id
            if days:
                start = installation.now() - days * DAY
                moments = moment64(start) + np.arange(days * 24) * duration64(HOUR)
                random = np.random.default_rng(1)
                values = 10 + 5 * np.sin(np.arange(days * 24) * np.pi / 12)
                save(
                    session,
                    sensor,
                    Beliefs.of(
                        moments,
                        duration64(timedelta(0)),
                        create_source(session, name="meter", source_type="gateway").id,
                        values + random.normal(0, 0.2, len(values)),
                    ),
                )
        return number

    return make


@pytest.fixture
def work(installation):
    """Runs a job; what became of it."""

    def run(job_id):
        execute(installation, job_id, "worker")
        with installation.database.reading() as session:
            job = session.get_one(Job, job_id)
            return SimpleNamespace(state=job.state, result=job.result, error=job.error)

    return run


@pytest.fixture
def forecasts(installation):
    """All beliefs about a sensor that a job stored."""

    def found(number, result):
        with installation.database.reading() as session:
            every = read(session, Query(sensor=session.get_one(Sensor, number)))
        return every.take(np.isin(every.source_id, result["source_ids"]))

    return found

"""The storage scheduler through the host: trigger, run and fetch, on both databases."""

from __future__ import annotations

from datetime import datetime, timedelta

import numpy as np
import pytest

from fmhost.plugin import Job, execute, recording, schedules, sources, toy

START = datetime.fromisoformat("2026-03-03T07:00:00+01:00")
# 00:00 to 24:00 UTC, EUR/MWh
PRICES = [10, 11, 12, 15, 18, 17, 10.5, 9, 9.5, 9, 8.5, 10, 8, 5, 4, 4, 5.5, 8, 12, 13, 14, 12.5]
PRICES += [10, 7]
ETA = 0.9**0.5
#: The optimum by hand [EUR]: sell what there is at 10.5; fill up at 8.5 and sell at 10 (which just
#: pays for the losses); fill up at 4 and sell at 8.
LEAST_COST = 0.4 / ETA * (8.5 + 4) - ETA * (0.175 * 10.5 + 0.4 * (10 + 8))

BATTERY = {"soc-at-start": "225 kWh", "roundtrip-efficiency": "90%"}


@pytest.fixture
def account(installation):
    with installation.database.transaction() as session:
        made = toy.create_battery_account(installation, session)
        source = sources.create_source(session, name="market", source_type="market")
        recording.record(
            installation,
            session,
            made.prices,
            source,
            start=datetime.fromisoformat("2026-03-03T00:00:00+00:00"),
            values=[float(price) for price in PRICES],
            belief_time=installation.now(),
        )
        session.expunge_all()
    return made


def run(installation, target, **request):
    """Ask for a schedule and have it computed; the job, and how to fetch a sensor's schedule."""
    with installation.database.transaction() as session:
        job = schedules.trigger(
            installation,
            session,
            target=session.merge(target),
            start=START,
            duration=timedelta(hours=12),
            **request,
        )
        job_id = job.id
    execute(installation, job_id, worker="test")
    with installation.database.reading() as session:
        job = session.get(Job, job_id)
        assert job.error is None, job.error
        session.expunge(job)
    return job


def fetched(installation, job, sensor, **options):
    with installation.database.reading() as session:
        return schedules.fetch(installation, session, job, session.merge(sensor), **options)


def test_the_toy_battery_gets_the_optimal_schedule(installation, account):
    context = {"consumption-price-sensor": account.prices.id}
    job = run(installation, account.discharging, flex_model=BATTERY, flex_context=context)
    found = fetched(installation, job, account.discharging)
    prices = np.repeat(PRICES[6:18], 4)
    assert len(found.values) == 48
    assert found.unit == "MW"
    assert float(found.values @ prices) / 4 == pytest.approx(LEAST_COST, abs=1e-5)
    info = found.scheduler_info
    assert info["scheduler"] == "StorageScheduler"
    assert info["commitment_costs"] == {
        "electricity net energy": pytest.approx(LEAST_COST, abs=1e-6)
    }
    assert info["cost_without_devices"] == 0
    assert info["saving"] == pytest.approx(-LEAST_COST, abs=1e-6)
    assert info["solver"]["name"] == "highs"
    assert info["assumed"] == []
    assert info["warnings"] == []

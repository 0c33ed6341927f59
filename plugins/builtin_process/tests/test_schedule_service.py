"""The process scheduler through the host: trigger, run and fetch, on both databases."""

from __future__ import annotations

from datetime import datetime, timedelta

import numpy as np
import pytest

from fmhost.plugin import Asset, AssetType, InvalidInput, Job, Sensor, execute, schedules

START = datetime.fromisoformat("2026-03-03T00:00:00+01:00")
DAY = timedelta(days=1)
#: Cheapest at 13:00, and cheap at 03:00 [EUR/MWh].
PRICES = [40, 35, 30, 20, 25, 45, 60, 80, 90, 70, 50, 30, 15, 10, 18, 40, 70, 95, 99, 90, 80]
PRICES += [70, 60, 50]
DISHES = {"duration": "PT2H", "power": "2 kW", "process-type": "SHIFTABLE"}


@pytest.fixture
def site(installation, post_prices):
    """A household with prices, a washing machine [kW] of type process and a lamp of type load."""
    with installation.database.transaction() as session:
        market = _asset(session, "market", "transmission zone")
        prices = _sensor(market, "prices", "EUR/MWh", timedelta(hours=1))
        session.add(prices)
        session.flush()
        house = _asset(
            session, "house", "building", flex_context={"consumption-price": {"sensor": prices.id}}
        )
        washer = _asset(session, "washer", "process", parent_asset=house, flex_model=DISHES)
        lamp = _asset(session, "lamp", "load", parent_asset=house)
        power = _sensor(washer, "power", "kW", timedelta(minutes=15))
        light = _sensor(lamp, "power", "MW", timedelta(hours=1), consumption_is_positive=True)
        session.add_all([power, light])
        post_prices(session, prices, START, PRICES)
        session.flush()
        session.expunge_all()
    return {"house": house, "washer": power, "lamp": light, "prices": prices}


def _asset(session, name, kind, **more):
    found = session.query(AssetType).filter_by(name=kind).one_or_none() or AssetType(name=kind)
    asset = Asset(name=name, generic_asset_type=found, **more)
    session.add(asset)
    session.flush()
    return asset


def _sensor(asset, name, unit, resolution, **attributes):
    return Sensor(
        name=name,
        unit=unit,
        event_resolution=resolution,
        timezone="Europe/Amsterdam",
        generic_asset=asset,
        attributes=attributes,
    )


@pytest.fixture
def run(installation):
    """Ask for a schedule of a day and have it computed; the finished or failed job."""

    def run_it(target, **request):
        with installation.database.transaction() as session:
            job = schedules.trigger(
                installation,
                session,
                target=session.merge(target),
                **{"start": START, "duration": DAY, **request},
            )
            job_id = job.id
        execute(installation, job_id, "test")
        with installation.database.reading() as session:
            return session.get_one(Job, job_id)

    return run_it


@pytest.fixture
def fetch(installation):
    def fetch_it(job, sensor, **options):
        with installation.database.reading() as session:
            sensor = session.merge(sensor)
            return schedules.fetch(installation, session, job, sensor, duration=DAY, **options)

    return fetch_it


def test_a_process_with_all_it_needs_on_its_asset_is_scheduled(run, fetch, site):
    job = run(site["washer"])
    assert job.error is None
    assert job.provenance["distribution"] == "fmhost-process"
    assert job.result["chosen_by"] == "asset type process"
    found = fetch(job, site["washer"])
    assert found.unit == "kW"
    assert np.flatnonzero(found.values).tolist() == list(range(48, 56))
    assert set(found.values[48:56]) == {2.0}
    assert job.result["num-beliefs"] == 96
    told = found.scheduler_info
    assert told["scheduler"] == "ProcessScheduler"
    prices = np.repeat(PRICES, 4)
    assert told["commitment_costs"] == {
        "electricity net energy": pytest.approx(float(found.values @ prices) / 4 / 1000)
    }
    assert told["why"][0]["runs"] == [
        {"start": "2026-03-03T12:00:00+01:00", "end": "2026-03-03T14:00:00+01:00"}
    ]


def test_power_is_stored_with_the_sign_of_the_sensor(run, fetch, site):
    job = run(site["washer"])
    assert fetch(job, site["washer"], sign_convention="wysiwyg").values.min() == -2.0
    model = {"duration": "PT3H", "power": 0.004}
    lit = run(site["lamp"], flex_model=model)
    assert lit.result["chosen_by"] == "asset type load"
    found = fetch(lit, site["lamp"], sign_convention="wysiwyg")
    assert np.flatnonzero(found.values).tolist() == [0, 1, 2]
    assert found.values.max() == 0.004


def test_the_request_changes_what_is_stored(run, fetch, site):
    job = run(
        site["washer"],
        flex_model={
            "process_type": "BREAKABLE",
            "power": "3 kW",
            "time_restrictions": [{"start": "2026-03-03T12:50:00+01:00", "duration": "PT1H20M"}],
        },
        resolution=timedelta(hours=1),
    )
    found = fetch(job, site["washer"])
    assert np.flatnonzero(found.values.reshape(24, 4).all(axis=1)).tolist() == [3, 4]
    assert found.values.max() == 3.0


def test_a_house_schedules_all_its_processes(run, fetch, site):
    entries = [
        {"sensor": site["washer"].id},
        {"sensor": site["lamp"].id, "duration": "PT1H", "power": "10 W"},
    ]
    job = run(
        site["house"],
        flex_model=entries,
        scheduler="ProcessScheduler",
        resolution=timedelta(hours=1),
    )
    assert job.error is None
    assert fetch(job, site["washer"]).values.sum() == 16.0
    assert fetch(job, site["lamp"]).values[0] == 0.00001


def test_the_same_request_gives_the_same_job(installation, site):
    with installation.database.transaction() as session:
        target = session.merge(site["washer"])
        request = {"target": target, "start": START, "duration": DAY}
        first = schedules.trigger(installation, session, **request)
        assert schedules.trigger(installation, session, **request).id == first.id


def test_a_wrong_field_is_refused_when_the_schedule_is_asked_for(run, site):
    with pytest.raises(InvalidInput, match="Unknown process type 'MOVABLE'") as caught:
        run(site["washer"], flex_model={"process-type": "MOVABLE"})
    assert caught.value.field == "process-type"


def test_no_room_fails_the_job_with_the_reason(run, site):
    restrictions = [{"start": "2026-03-03T00:30+01:00", "end": "2026-03-03T23:30+01:00"}]
    job = run(site["washer"], flex_model={"time-restrictions": restrictions})
    assert job.error["message"].startswith("Cannot allocate a block of time")
    assert job.error["field"] == "time-restrictions"


def test_unknown_prices_fail_the_job_with_the_reason(run, site):
    job = run(site["washer"], start=START + 9 * DAY)
    assert "No consumption-price" in job.error["message"]


def test_prices_that_became_known_later_do_not_count(run, site):
    before = run(site["washer"], prior=START - timedelta(hours=40))
    assert "No consumption-price" in before.error["message"]


def test_a_night_of_daylight_saving_is_scheduled_by_the_clock(
    run, fetch, site, installation, post_prices
):
    """2026-03-29 has 23 hours: what runs from 01:00 for two hours ends at 04:00."""
    midnight = datetime.fromisoformat("2026-03-29T00:00:00+01:00")
    prices = [50.0, 10, 10, *[50.0] * 20]
    with installation.database.transaction() as session:
        post_prices(session, session.merge(site["prices"]), midnight, prices)
    job = run(
        site["washer"],
        start=midnight,
        duration=timedelta(hours=23),
        prior=midnight,
    )
    assert job.error is None
    assert job.result["scheduler_info"]["why"][0]["runs"] == [
        {"start": "2026-03-29T01:00:00+01:00", "end": "2026-03-29T04:00:00+02:00"}
    ]
    assert len(fetch(job, site["washer"]).values) == 92

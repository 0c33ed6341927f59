"""Whatever reads or writes a window of a sensor is a range scan of the key on PostgreSQL."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import numpy as np
import pytest
from sqlalchemy import select, text

from fmhost.beliefs import Beliefs, Doomed, Query, delete, read, read_several, save, series
from fmhost.beliefs.bulk import save_all
from fmhost.beliefs.latest import latest_events
from fmhost.beliefs.summaries import summarise
from fmhost.domain.arrays import duration64, moment64
from fmhost.model import Asset, AssetType, Sensor, Source, beliefs
from fmhost.model.database import Database
from fmhost.services.measurements import sources_of
from fmhost.testing.plans import recorded_plans

START = datetime(2026, 1, 1, tzinfo=UTC)
QUARTER = timedelta(minutes=15)
DAY = timedelta(days=1)


def batch(source: Source, days: int, value: float, horizon: timedelta, step: int = 1) -> Beliefs:
    steps = np.repeat(np.arange(days * 96), step)
    horizons = np.tile(np.arange(step), days * 96) * duration64(QUARTER) + duration64(horizon)
    starts = moment64(START) + steps * duration64(QUARTER)
    return Beliefs.of(starts, horizons, source.id, np.arange(len(steps)) % 7 + value)


@pytest.fixture
def filled(postgres_database: Database) -> tuple[list[Sensor], Source]:
    """Eight sensors with a month each, known to the planner."""
    with postgres_database.transaction() as session:
        asset = Asset(name="asset", generic_asset_type=AssetType(name="type"))
        sensors = [
            Sensor(name=f"{number}", unit="kW", event_resolution=QUARTER, generic_asset=asset)
            for number in range(8)
        ]
        source = Source(name="meter", type="user")
        session.add_all([*sensors, source])
        session.flush()
        for sensor in sensors:
            save(session, sensor, batch(source, 31, 0, timedelta(0)))
        session.execute(text("ANALYZE"))
    return sensors, source


def test_reading(postgres_database: Database, filled: tuple[list[Sensor], Source]) -> None:
    sensors, source = filled
    with recorded_plans(postgres_database) as plans, postgres_database.reading() as session:
        window = {"sensor": sensors[3], "start": START + DAY, "end": START + 3 * DAY}
        read(session, Query(**window))
        read(session, Query(**window, prior=START + 2 * DAY))
        read(session, Query(**window, source_ids=[source.id], source_types=["user"]))
        series(session, sensors[3], START, START + 2 * DAY, resolution=4 * QUARTER)
    assert [plan.others for plan in plans] == [()] * 4
    assert all(plan.scans for plan in plans)


@pytest.mark.parametrize(("days", "step"), [(2, 1), (8, 1), (2, 2)])
def test_writing(
    postgres_database: Database, filled: tuple[list[Sensor], Source], days: int, step: int
) -> None:
    sensors, source = filled
    with recorded_plans(postgres_database) as plans, postgres_database.transaction() as session:
        saved = save(session, sensors[3], batch(source, days, 1, -DAY, step))
    assert saved.stored >= days * 96
    assert plans
    assert all(plan.scans for plan in plans)
    assert [plan.others for plan in plans] == [()] * len(plans)


def test_writing_about_many_sensors(
    postgres_database: Database, filled: tuple[list[Sensor], Source]
) -> None:
    sensors, source = filled
    with recorded_plans(postgres_database) as plans, postgres_database.transaction() as session:
        parts = [(sensor, batch(source, 8, 1, -DAY)) for sensor in sensors]
        assert save_all(session, parts) == 8 * 8 * 96
        again = [(sensor, batch(source, 8, 2, -DAY)) for sensor in sensors]
        assert save_all(session, again, overwrite=True) == 8 * 8 * 96
    assert all(plan.scans for plan in plans)
    assert [plan.others for plan in plans] == [()] * len(plans)


def test_overwriting(postgres_database: Database, filled: tuple[list[Sensor], Source]) -> None:
    sensors, source = filled
    with recorded_plans(postgres_database) as plans, postgres_database.transaction() as session:
        saved = save(session, sensors[3], batch(source, 2, 1, timedelta(0)), overwrite=True)
    assert saved.replaced == 2 * 96
    assert plans
    assert [plan.others for plan in plans] == [()] * len(plans)


def test_deleting_a_window(
    postgres_database: Database, filled: tuple[list[Sensor], Source]
) -> None:
    sensors, source = filled
    with recorded_plans(postgres_database) as plans, postgres_database.transaction() as session:
        window = {"start": START, "end": START + DAY}
        assert delete(session, sensors[3], Doomed(**window, source_ids=[source.id])) == 96
    assert [plan.others for plan in plans] == [()]


def test_reading_several_sensors(
    postgres_database: Database, filled: tuple[list[Sensor], Source]
) -> None:
    sensors, _ = filled
    with recorded_plans(postgres_database) as plans, postgres_database.reading() as session:
        window = {"start": START + DAY, "end": START + 2 * DAY}
        read_several(session, [Query(sensor=sensor, **window) for sensor in sensors[:4]])
    (plan,) = plans
    assert len(plan.scans) == 4
    assert plan.others == ()


def test_statistics_status_and_sources(
    postgres_database: Database, filled: tuple[list[Sensor], Source]
) -> None:
    sensors, source = filled
    with recorded_plans(postgres_database) as plans, postgres_database.reading() as session:
        found = summarise(session, sensors[3], START, START + DAY)
        assert found.by_source[source.id].number == 96
        summarise(session, sensors[3])
        query = Query(sensor=sensors[3], source_ids=[source.id], prior=START + 40 * DAY)
        assert latest_events(session, [query]) == [START + 31 * DAY - QUARTER]
        assert [found.id for found in sources_of(session, sensors[3])] == [source.id]
    assert len(plans) == 6
    assert [plan.others for plan in plans] == [()] * len(plans)


def test_a_scan_of_everything_is_noticed(
    postgres_database: Database, filled: tuple[list[Sensor], Source]
) -> None:
    with recorded_plans(postgres_database) as plans, postgres_database.reading() as session:
        session.execute(select(beliefs.c.event_value).where(beliefs.c.event_value > 5)).all()
    assert plans[0].others == ("Seq Scan on timed_belief (no condition)",)

"""Beliefs are of sensors and sources that exist; on PostgreSQL, triggers see to that."""

from __future__ import annotations

import pytest
from sqlalchemy import Executable, Insert, delete, func, insert, select, text, update
from sqlalchemy.exc import IntegrityError, OperationalError

from fmhost.model import Asset, AssetType, Sensor, Source, beliefs
from fmhost.model.database import Database
from fmhost.testing.clock import Clock


@pytest.fixture
def sensor(postgres_database: Database) -> Sensor:
    """A sensor; the only source has id 1."""
    with postgres_database.transaction() as session:
        asset = Asset(name="battery", generic_asset_type=AssetType(name="battery"))
        sensor = Sensor(name="power", unit="kW", generic_asset=asset)
        session.add_all([sensor, Source(name="meter", type="user")])
    return sensor


def a_belief(sensor_id: int) -> Insert:
    values = {
        "sensor_id": sensor_id,
        "event_start": Clock()(),
        "source_id": 1,
        "belief_horizon": 0,
        "event_value": 1.0,
    }
    return insert(beliefs).values(values)


def impatiently(database: Database, statement: Executable) -> None:
    """Execute in a transaction of its own, which soon gives up waiting for others."""
    with database.transaction() as session:
        session.execute(text("SET LOCAL lock_timeout = '20ms'"))
        session.execute(statement)


def test_who_stores_waits_for_who_deletes(postgres_database: Database, sensor: Sensor) -> None:
    with postgres_database.transaction() as deleting:
        deleting.execute(delete(Sensor).where(Sensor.id == sensor.id))
        with pytest.raises(OperationalError, match="lock timeout"):
            impatiently(postgres_database, a_belief(sensor.id))
    with pytest.raises(IntegrityError, match="of a sensor that is missing"):
        impatiently(postgres_database, a_belief(sensor.id))


def test_who_deletes_waits_for_who_stores(postgres_database: Database, sensor: Sensor) -> None:
    with postgres_database.transaction() as storing:
        storing.execute(a_belief(sensor.id))
        for entity, key in ((Sensor, sensor.id), (Source, 1)):
            with pytest.raises(OperationalError, match="lock timeout"):
                impatiently(postgres_database, delete(entity).where(entity.id == key))
    impatiently(postgres_database, delete(Sensor).where(Sensor.id == sensor.id))
    with postgres_database.reading() as session:
        assert session.scalar(select(func.count()).select_from(beliefs)) == 0


@pytest.mark.parametrize("column", ["sensor_id", "source_id"])
def test_a_belief_does_not_move_to_what_is_missing(
    postgres_database: Database, sensor: Sensor, column: str
) -> None:
    impatiently(postgres_database, a_belief(sensor.id))
    with pytest.raises(IntegrityError, match="that is missing"):
        impatiently(postgres_database, update(beliefs).values({column: 4711}))

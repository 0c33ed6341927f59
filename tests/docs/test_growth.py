"""The SQL of the page on growth works, and beliefs are written and read as before."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
from sqlalchemy import text

from fmhost.beliefs import Beliefs, Query, read, save
from fmhost.domain.arrays import duration64, moment64
from fmhost.model import Asset, AssetType, Sensor, Source
from fmhost.model.database import Database
from fmhost.testing.plans import recorded_plans

PAGE = Path(__file__).parents[2] / "docs" / "operations" / "growth.md"
HOUR = timedelta(hours=1)


def blocks() -> list[str]:
    return re.findall(r"```sql\n(.*?)```", PAGE.read_text(), re.DOTALL)


def execute(database: Database, block: str) -> None:
    engine = database.engine.execution_options(isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        for statement in block.split(";\n"):
            if statement.strip():
                connection.execute(text(statement))


def test_partitioning_and_retention(postgres_database: Database) -> None:
    partitioning, by_key, by_partition, outdate = blocks()
    with postgres_database.transaction() as session:
        asset = Asset(name="asset", generic_asset_type=AssetType(name="type"))
        sensor = Sensor(name="power", unit="kW", event_resolution=HOUR, generic_asset=asset)
        source = Source(name="meter", type="user")
        session.add_all([sensor, source])

    def store(first: datetime, horizon: timedelta) -> int:
        starts = moment64(first) + np.arange(48) * duration64(HOUR)
        values = np.arange(48.0) + horizon / HOUR
        batch = Beliefs.of(starts, duration64(horizon), source.id, values)
        with postgres_database.transaction() as session:
            return save(session, sensor, batch).stored

    def count() -> int:
        with postgres_database.reading() as session:
            return len(read(session, Query(sensor=sensor, most_recent=False)))

    new_year = datetime(2025, 12, 31, tzinfo=UTC)
    assert store(new_year, HOUR) == 48
    execute(postgres_database, partitioning)
    assert count() == 48
    with recorded_plans(postgres_database) as plans:
        assert store(new_year, 2 * HOUR) == 48
        assert store(datetime(2023, 1, 1, tzinfo=UTC), HOUR) == 48
    assert plans
    execute(postgres_database, by_key)
    assert count() == 96
    execute(postgres_database, by_partition)
    assert count() == 48
    execute(postgres_database, outdate)
    with postgres_database.transaction() as session:
        session.delete(session.get_one(Sensor, sensor.id))
    assert count() == 0

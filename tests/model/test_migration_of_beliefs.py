"""Upgrading a database in which there are beliefs already."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import insert, select

from fmhost.beliefs import Query, read
from fmhost.beliefs.summaries import summarise
from fmhost.model import (
    Asset,
    AssetType,
    Sensor,
    Source,
    belief_summaries,
    beliefs,
    migrations,
)
from fmhost.model.database import Database

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
HOUR = timedelta(hours=1)
PERIOD = timedelta(days=30)

#: Around the edges of periods, before and after 1970, and at the ends of the calendar.
STARTS = [
    datetime(1, 1, 1, tzinfo=UTC),
    EPOCH - 2 * PERIOD,
    EPOCH - PERIOD - HOUR,
    EPOCH - timedelta(microseconds=1),
    EPOCH,
    EPOCH + HOUR,
    EPOCH + PERIOD - timedelta(microseconds=1),
    EPOCH + PERIOD,
    datetime(2026, 3, 1, tzinfo=UTC),
    datetime(2026, 3, 1, 1, tzinfo=UTC),
    datetime(9999, 12, 30, tzinfo=UTC),
]


def rows(sensor_id: int, source_id: int, starts: list[datetime]) -> list[dict[str, Any]]:
    return [
        {
            "sensor_id": sensor_id,
            "event_start": start,
            "source_id": source_id,
            "belief_horizon": horizon,
            "cumulative_probability": 0.5,
            "event_value": float(number),
        }
        for number, start in enumerate(starts)
        for horizon in (0, 3_600_000_000)
    ]


@pytest.fixture
def filled(empty_database: Database) -> Database:
    """At the first revision, with two sensors about which two sources said something."""
    migrations.upgrade(empty_database, "0001")
    with empty_database.connection() as connection:
        connection.execute(insert(AssetType.__table__).values(id=1, name="site"))
        connection.execute(
            insert(Asset.__table__).values(id=1, name="site", generic_asset_type_id=1)
        )
        for number in (1, 2, 3):
            sensor = {"id": number, "name": f"{number}", "unit": "kW", "generic_asset_id": 1}
            connection.execute(
                insert(Sensor.__table__).values(event_resolution=HOUR, timezone="UTC", **sensor)
            )
        for number in (1, 2):
            connection.execute(
                insert(Source.__table__).values(id=number, name=f"{number}", type="user")
            )
        connection.execute(insert(beliefs), rows(1, 1, STARTS))
        connection.execute(insert(beliefs), rows(1, 2, STARTS[4:6]))
        connection.execute(insert(beliefs), rows(2, 2, STARTS[2:3]))
    return empty_database


def period_of(start: datetime) -> tuple[datetime, datetime]:
    """The period of thirty days in which an event starts, cut to the calendar."""
    number = (start - EPOCH) // PERIOD
    edges = []
    for edge in (number, number + 1):
        try:
            edges.append(EPOCH + edge * PERIOD)
        except OverflowError:
            calendar = datetime.min if edge < 0 else datetime.max
            edges.append(calendar.replace(tzinfo=UTC))
    return edges[0], edges[1]


def test_beliefs_that_are_there_get_their_periods(filled: Database) -> None:
    assert migrations.upgrade(filled, "0002") == ["0002"]
    columns = belief_summaries.c
    with filled.connection() as connection:
        found = connection.execute(
            select(
                columns.sensor_id,
                columns.source_id,
                columns.period_start,
                columns.period_end,
                columns.version,
                columns.summarised_version,
            )
        ).all()
    told = [(1, 1, STARTS), (1, 2, STARTS[4:6]), (2, 2, STARTS[2:3])]
    expected = {
        (sensor, source, *period_of(start), 1, None)
        for sensor, source, starts in told
        for start in starts
    }
    assert {tuple(row) for row in found} == expected
    assert len(found) == len(expected)


def test_summaries_of_upgraded_beliefs_are_those_of_all(filled: Database) -> None:
    migrations.upgrade(filled)
    with filled.reading() as session:
        for sensor_id, numbers in ((1, {1: 22, 2: 4}), (2, {2: 2}), (3, {})):
            sensor = session.get_one(Sensor, sensor_id)
            found = summarise(session, sensor).by_source
            assert {source: summary.number for source, summary in found.items()} == numbers
            stored = read(session, Query(sensor=sensor, most_recent=False))
            for source, summary in found.items():
                own = stored.take(stored.source_id == source)
                assert summary.total == own.event_value.sum()
                assert summary.first_event.replace(tzinfo=None) == own.event_start[0].item()
                assert summary.last_event.replace(tzinfo=None) == own.event_start[-1].item()

"""Summaries that are kept, compared with reading all beliefs, after random writes and deletions."""

from __future__ import annotations

import math
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import event
from sqlalchemy.orm import Session

from fmhost.beliefs import Beliefs, Doomed, Query, delete, read, save
from fmhost.beliefs.summaries import Summary, remember, summarise
from fmhost.domain.arrays import duration64, moment64, to_datetime, to_timedelta
from fmhost.model import Asset, AssetType, Sensor, Source
from fmhost.model.database import Database

START = datetime(2026, 3, 1, tzinfo=UTC)
DAY = timedelta(days=1)


def scanned(
    session: Session, sensor: Sensor, start: datetime | None, end: datetime | None
) -> dict[int, Summary]:
    """The same from all beliefs, one after the other."""
    beliefs = read(session, Query(sensor=sensor, most_recent=False))
    rows = [
        (to_datetime(begin), to_timedelta(horizon), int(source), float(value))
        for begin, horizon, source, _, value in zip(*beliefs.columns, strict=True)
        if (start is None or to_datetime(begin) >= start)
        and (end is None or to_datetime(begin) < end)
    ]
    found = {}
    for source in {row[2] for row in rows}:
        own = [row for row in rows if row[2] == source]
        values = [row[3] for row in own if not math.isnan(row[3])]
        found[source] = Summary(
            min(row[0] for row in own),
            max(row[0] for row in own),
            max(row[0] + sensor.event_resolution - row[1] for row in own),
            len(values),
            min(values, default=None),
            max(values, default=None),
            sum(values),
        )
    return found


def random_batch(random: Random, sources: list[Source]) -> Beliefs:
    count = random.randint(1, 12)
    days = random.sample(range(-70, 70), count)
    horizon = np.timedelta64(random.choice([-1, 0, 1]), "h").astype("timedelta64[us]")
    return Beliefs.of(
        np.array([moment64(START + n * DAY) for n in days]),
        horizon,
        random.choice(sources).id,
        np.array([random.choice([1.0, 2.0, -3.0, math.nan]) for _ in days]),
    )


@given(seed=st.integers(0, 2**32), steps=st.integers(1, 25))
@settings(
    max_examples=30,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
def test_summaries_are_those_of_all_beliefs(database: Database, seed: int, steps: int) -> None:
    random = Random(seed)
    with database.engine.connect() as connection, Session(connection) as session:
        asset = Asset(name="battery", generic_asset_type=AssetType(name="battery"))
        sensor = Sensor(name="power", event_resolution=timedelta(hours=1), generic_asset=asset)
        sources = [Source(name=name, type="user") for name in ("meter", "other")]
        session.add_all([sensor, *sources])
        session.flush()

        def some_day() -> datetime | None:
            return random.choice([None, START + random.randint(-80, 80) * DAY])

        for _ in range(steps):
            match random.randint(0, 5):
                case 0:
                    chosen = random.choice([None, [sources[0].id]])
                    doomed = Doomed(start=some_day(), end=some_day(), source_ids=chosen)
                    delete(session, sensor, doomed)
                case 1:
                    sensor.event_resolution = timedelta(hours=random.choice([1, 2]))
                case _:
                    save(session, sensor, random_batch(random, sources), overwrite=True)
            start, end = some_day(), some_day()
            found = summarise(session, sensor, start, end)
            assert found.by_source == scanned(session, sensor, start, end)
            if random.random() < 0.7:
                remember(session.connection(), summarise(session, sensor).found)
                assert not summarise(session, sensor).found
        session.rollback()


def batch(source: Source, *values: float) -> Beliefs:
    starts = moment64(START) + np.arange(len(values)) * duration64(timedelta(minutes=15))
    return Beliefs.of(starts, np.timedelta64(0, "us"), source.id, np.array(values))


def test_what_is_remembered_is_not_read_again(place: Any) -> None:
    sensor, source = place.sensor(), place.source()
    save(place.session, sensor, batch(source, 1.0, 2.0))
    connection = place.session.connection()
    remember(connection, summarise(place.session, sensor).found)
    statements: list[str] = []
    event.listen(connection, "before_cursor_execute", lambda *a: statements.append(a[2]))
    summary = summarise(place.session, sensor).by_source[source.id]
    assert (summary.number, summary.total) == (2, 3.0)
    assert not any("timed_belief" in statement for statement in statements)


@pytest.mark.parametrize("database_kind", ["postgresql"])
def test_a_write_while_somebody_summarises_is_not_passed_over(
    database: Database, committed: tuple[Sensor, Source]
) -> None:
    sensor, source = committed
    with database.transaction() as session:
        save(session, sensor, batch(source, 1.0))
    with database.transaction() as writing:
        save(writing, sensor, batch(source, 1.0, 2.0))
        with database.reading() as session:
            seen = summarise(session, sensor)
        assert seen.by_source[source.id].number == 1
    with database.transaction() as session:
        remember(session.connection(), seen.found)
    with database.reading() as session:
        assert summarise(session, sensor).by_source[source.id].number == 2

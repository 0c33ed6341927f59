"""Two writers at once."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from threading import Barrier
from typing import Any

import numpy as np
import pytest
from sqlalchemy import event, text
from sqlalchemy.orm import Session

from fmhost.beliefs import Beliefs, Query, Saved, read, save
from fmhost.domain.arrays import duration64, moment64
from fmhost.errors import ReplacementNotAllowed
from fmhost.model import Sensor, Source
from fmhost.model.database import Database

START = datetime(2026, 3, 1, tzinfo=UTC)
ZERO = np.timedelta64(0, "us")


def batch(source: Source, first: int, values: list[float], horizon: Any = ZERO) -> Beliefs:
    steps = np.arange(first, first + len(values)) * duration64(timedelta(minutes=15))
    return Beliefs.of(moment64(START) + steps, horizon, source.id, np.array(values))


def read_all(database: Database, sensor: Sensor) -> Beliefs:
    with database.reading() as session:
        return read(session, Query(sensor=sensor, most_recent=False))


def test_two_writers_lose_nothing(database: Database, committed: tuple[Sensor, Source]) -> None:
    sensor, source = committed
    together = Barrier(2)

    def write(first: int) -> int:
        stored = 0
        together.wait()
        for number in range(20):
            # Both writers touch the same span of events, in different order, and overlap.
            position = first + (number if first else 19 - number) * 4
            with database.transaction() as session:
                stored += save(session, sensor, batch(source, position, [7.0] * 4)).stored
        return stored

    with ThreadPoolExecutor(2) as pool:
        counts = list(pool.map(write, (0, 2)))
    found = read_all(database, sensor)
    assert len(found) == sum(counts) == 82
    assert set(found.event_value.tolist()) == {7.0}


def test_the_same_belief_from_two_writers_is_stored_once(
    database: Database, committed: tuple[Sensor, Source]
) -> None:
    sensor, source = committed
    together = Barrier(2)

    def write(_: int) -> Saved:
        together.wait()
        with database.transaction() as session:
            return save(session, sensor, batch(source, 0, [1.0, 2.0, 3.0]))

    with ThreadPoolExecutor(2) as pool:
        results = list(pool.map(write, range(2)))
    assert sorted(results, key=lambda saved: saved.stored) == [Saved(0, 3), Saved(3, 0)]
    assert len(read_all(database, sensor)) == 3


def wait_until_blocked(database: Database) -> None:
    """Until a transaction waits for another one to end."""
    waiting = text("SELECT EXISTS (SELECT 1 FROM pg_locks WHERE NOT granted)")
    with database.engine.connect() as connection:
        while not connection.scalar(waiting):
            connection.rollback()


@pytest.mark.parametrize("already", [False, True])
@pytest.mark.parametrize("database_kind", ["postgresql"])
def test_a_writer_that_meets_an_unfinished_one_waits_and_looks_again(
    database: Database, committed: tuple[Sensor, Source], already: bool
) -> None:
    sensor, source = committed
    if already:
        with database.transaction() as session:
            save(session, sensor, batch(source, 1, [0.0]))

    def write(value: float) -> Saved:
        with database.transaction() as session:
            return save(session, sensor, batch(source, 0, [value, 0.0]))

    with ThreadPoolExecutor(2) as pool:
        with database.transaction() as session:
            save(session, sensor, batch(source, 0, [1.0, 0.0]))
            same = pool.submit(write, 1.0)
            other = pool.submit(write, 2.0)
            wait_until_blocked(database)
        assert same.result() == Saved(unchanged=2)
        with pytest.raises(ReplacementNotAllowed):
            other.result()
    assert read_all(database, sensor).event_value.tolist() == [1.0, 0.0]


@pytest.mark.parametrize("overwrite", [False, True])
@pytest.mark.parametrize("database_kind", ["postgresql"])
def test_a_contradiction_that_appears_between_two_statements_is_seen(
    database: Database, committed: tuple[Sensor, Source], overwrite: bool
) -> None:
    sensor, source = committed
    with database.transaction() as session:
        save(session, sensor, batch(source, 1, [0.0]))

    first = Session(database.engine)
    save(first, sensor, batch(source, 0, [1.0, 0.0]))

    def finish_first(*arguments: Any) -> None:
        if "INSERT INTO timed_belief" in arguments[2]:
            first.commit()

    with database.transaction() as session:
        event.listen(session.connection(), "before_cursor_execute", finish_first)
        if overwrite:
            saved = save(session, sensor, batch(source, 0, [2.0, 0.0]), overwrite=True)
            assert saved == Saved(unchanged=1, replaced=1)
        else:
            with pytest.raises(ReplacementNotAllowed):
                save(session, sensor, batch(source, 0, [2.0, 0.0]))
    first.close()
    expected = [2.0, 0.0] if overwrite else [1.0, 0.0]
    assert read_all(database, sensor).event_value.tolist() == expected

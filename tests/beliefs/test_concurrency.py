"""Two writers at once."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from threading import Barrier, Event
from typing import Any

import numpy as np
import pytest
from sqlalchemy import event, text
from sqlalchemy.exc import DatabaseError
from sqlalchemy.orm import Session

from fmhost.beliefs import Beliefs, Query, Saved, read, save
from fmhost.beliefs.summaries import summarise
from fmhost.domain.arrays import duration64, moment64
from fmhost.errors import ReplacementNotAllowed
from fmhost.model import Asset, AssetType, Sensor, Source
from fmhost.model.contention import transact
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


@pytest.fixture
def impatient(postgres_database: Database) -> Iterator[Database]:
    """Another access to the database, that looks for deadlocks soon."""
    uri = postgres_database.url.render_as_string(hide_password=False)
    arguments = {"options": "-c deadlock_timeout=20ms"}
    database = Database(uri, {"connect_args": arguments})
    yield database
    database.dispose()


def two_sensors(database: Database) -> tuple[list[Sensor], Source]:
    with database.transaction() as session:
        asset = Asset(name="site", generic_asset_type=AssetType(name="site"))
        quarter = timedelta(minutes=15)
        sensors = [
            Sensor(name=name, unit="kW", event_resolution=quarter, generic_asset=asset)
            for name in "ab"
        ]
        source = Source(name="meter", type="user")
        session.add_all([*sensors, source])
        return sensors, source


@pytest.mark.parametrize("value", [7.0, None])
def test_of_two_transactions_in_opposite_order_one_is_run_again(
    postgres_database: Database, impatient: Database, value: float | None
) -> None:
    sensors, source = two_sensors(postgres_database)
    together = Barrier(2)
    through = Event()
    runs: list[int] = []

    def write(number: int) -> list[Saved]:
        own = float(number) if value is None else value

        def work(session: Session) -> list[Saved]:
            first, second = sensors if number == 0 else sensors[::-1]
            if number in runs:
                through.wait(30)  # whoever gave way must not meet the other one again
            runs.append(number)
            saved = [save(session, first, batch(source, 0, [own] * 4), overwrite=True)]
            if runs.count(number) == 1:
                together.wait()
            saved.append(save(session, second, batch(source, 0, [own] * 4), overwrite=True))
            return saved

        try:
            return transact(impatient, work)
        finally:
            through.set()

    with ThreadPoolExecutor(2) as pool:
        results = list(pool.map(write, (0, 1)))
    assert len(runs) == 3
    again = Saved(unchanged=4) if value is not None else Saved(replaced=4)
    told = sorted(results, key=lambda saved: saved[0].stored)
    assert told == [[again, again], [Saved(4), Saved(4)]]
    last = float(runs[-1]) if value is None else value
    for sensor in sensors:
        assert read_all(impatient, sensor).event_value.tolist() == [last] * 4


def test_what_is_wrong_is_not_tried_again(
    database: Database, committed: tuple[Sensor, Source]
) -> None:
    sensor, source = committed
    runs: list[float] = []

    def work(session: Session) -> Saved:
        runs.append(len(runs))
        return save(session, sensor, batch(source, 0, [runs[-1]]))

    def stumble(session: Session) -> None:
        runs.append(len(runs))
        session.execute(text("SELECT * FROM nowhere"))

    assert transact(database, work) == Saved(1)
    with pytest.raises(ReplacementNotAllowed):
        transact(database, work)
    with pytest.raises(DatabaseError, match="nowhere"):
        transact(database, stumble)
    assert len(runs) == 3


#: Writes batches that overlap those of the other process, and tells how much it stored.
WRITER = """
import sys
import numpy as np
from fmhost.beliefs import Beliefs, save
from fmhost.model import Sensor
from fmhost.model.contention import transact
from fmhost.model.database import Database

uri, sensor_id, source_id, direction = sys.argv[1], *map(int, sys.argv[2:])
database = Database(uri)
starts = np.datetime64("2026-01-01", "us") + np.arange(2000) * np.timedelta64(900_000_000, "us")
print("ready", flush=True)
sys.stdin.readline()
stored = 0
for position in list(range(0, 1600, 40))[::direction]:
    some = starts[position : position + 400]

    def work(session):
        beliefs = Beliefs.of(some, np.timedelta64(0, "us"), source_id, some.astype(float))
        return save(session, session.get(Sensor, sensor_id), beliefs).stored

    stored += transact(database, work)
print(stored)
"""


def test_two_processes_lose_and_double_nothing(
    database: Database, committed: tuple[Sensor, Source]
) -> None:
    sensor, source = committed
    uri = database.url.render_as_string(hide_password=False)
    writers = [
        subprocess.Popen(
            [sys.executable, "-c", WRITER, uri, str(sensor.id), str(source.id), direction],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        for direction in ("1", "-1")
    ]
    for writer in writers:
        assert writer.stdout is not None
        assert writer.stdout.readline() == "ready\n"
    for writer in writers:
        assert writer.stdin is not None
        writer.stdin.write("go\n")
        writer.stdin.flush()
    told = [int(writer.communicate()[0]) for writer in writers]
    found = read_all(database, sensor)
    assert len(found) == sum(told) == 1960
    assert found.event_value.tolist() == found.event_start.astype(float).tolist()
    with database.reading() as session:
        (summary,) = summarise(session, sensor).by_source.values()
    assert summary.number == 1960

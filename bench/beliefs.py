"""Writing and reading a year of quarter-hourly values, over the limit of each engine, in one run.

Usage: python bench/beliefs.py [REPETITIONS]

The limit of writing is the bare driver with rows that are ready to go, into the same table, with
its key and foreign keys: `COPY` on PostgreSQL, `executemany` on SQLite. The limit of reading is a
bare cursor that fetches the same rows of five numbers as a list. Ours begins and ends with numpy
columns. The two alternate, each on a sensor of its own; figures are medians. Trust the ratios, not
the milliseconds.
"""

from __future__ import annotations

import sys
import time
import warnings
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from functools import partial
from statistics import median
from typing import Any

import numpy as np
from sqlalchemy import text

from fmhost.beliefs import Beliefs, Query, read, save, series
from fmhost.beliefs.batches import prepare
from fmhost.beliefs.engines import PostgreSQL
from fmhost.domain.arrays import duration64, moment64
from fmhost.model import Asset, AssetType, Sensor, Source, beliefs
from fmhost.model.database import Database
from fmhost.testing.databases import KINDS, fresh_database

START = datetime(2026, 1, 1, tzinfo=UTC)
END = datetime(2027, 1, 1, tzinfo=UTC)
QUARTER = timedelta(minutes=15)
ROWS = (END - START) // QUARTER
VALUES = np.random.default_rng(1).normal(50, 20, ROWS)
OTHER_VALUES = np.where(np.arange(ROWS) % 2, VALUES, VALUES + 1)


def main(arguments: Sequence[str]) -> None:
    """Measure and print."""
    repetitions = int(arguments[0]) if arguments else 5
    warnings.simplefilter("ignore")  # of the server that the tests carry
    for kind in KINDS:
        with fresh_database(kind) as database:
            Bench(database).run(repetitions)


class Bench:
    """One engine."""

    def __init__(self, database: Database) -> None:
        self.database = database
        with database.transaction() as session:
            self.asset = Asset(name="asset", generic_asset_type=AssetType(name="type"))
            self.source = Source(name="meter", type="user")
            session.add_all([self.asset, self.source])
        self.count = 0

    def sensor(self) -> Sensor:
        """A new sensor."""
        self.count += 1
        with self.database.transaction() as session:
            sensor = Sensor(
                name=f"sensor {self.count}",
                unit="kW",
                event_resolution=QUARTER,
                generic_asset_id=self.asset.id,
            )
            session.add(sensor)
        return sensor

    def year(self, values: Any = VALUES, horizon: timedelta = timedelta(0)) -> Beliefs:
        """A year of beliefs."""
        starts = moment64(START) + np.arange(ROWS) * duration64(QUARTER)
        return Beliefs.of(starts, duration64(horizon), self.source.id, values)

    def run(self, repetitions: int) -> None:
        """Measure and print."""
        taken: dict[str, list[float]] = {}
        sensor = self.sensor()
        self.write(sensor, self.year())  # statements are built, units loaded
        self.analyze()
        for _ in range(repetitions):
            for name, work in self.round():
                begin = time.perf_counter()
                work()
                taken.setdefault(name, []).append((time.perf_counter() - begin) * 1000)
        medians = {name: median(times) for name, times in taken.items()}
        write_limit, read_limit = medians.pop("bare write"), medians.pop("bare read")
        print(f"{self.database.dialect}: {ROWS} beliefs, bare write {write_limit:.1f} ms, ", end="")
        print(f"bare read {read_limit:.1f} ms")
        for name, milliseconds in medians.items():
            limit = write_limit if name.startswith("write") else read_limit
            print(f"  {name:42}{milliseconds:9.1f} ms{milliseconds / limit:8.2f} x bare")

    def analyze(self) -> None:
        """Let the planner know the table, as a server in use does by itself."""
        engine = self.database.engine.execution_options(isolation_level="AUTOCOMMIT")
        with engine.connect() as connection:
            connection.execute(text("ANALYZE"))

    def round(self) -> list[tuple[str, Callable[[], object]]]:
        """What is measured, in order; each round on new sensors."""
        bare, ours = self.sensor(), self.sensor()
        write, see, numbers = partial(self.write, ours), partial(self.read, ours), self.series
        again, later = self.year(), self.year(OTHER_VALUES, -QUARTER)
        day = {"start": START + timedelta(days=99), "end": START + timedelta(days=100)}
        return [
            ("bare write", self.bare_write(bare)),
            ("write a year", partial(write, again)),
            ("write it again", partial(write, again)),
            ("bare read", partial(self.bare_read, bare)),
            ("read the year", see),
            (
                "read the year as known in July",
                partial(see, prior=datetime(2026, 7, 1, tzinfo=UTC)),
            ),
            ("read a day", partial(see, **day)),
            ("series of quarters", partial(numbers, ours)),
            ("series of hours in MW", partial(numbers, ours, resolution=4 * QUARTER, unit="MW")),
            ("write later beliefs, half of them changed", partial(write, later)),
            ("read the year, two beliefs for half of it", see),
        ]

    def write(self, sensor: Sensor, batch: Beliefs) -> None:
        """Write in a transaction of its own."""
        with self.database.transaction() as session:
            save(session, sensor, batch)

    def read(self, sensor: Sensor, **options: Any) -> Beliefs:
        """Read in a transaction of its own."""
        with self.database.reading() as session:
            return read(session, Query(sensor=sensor, **options))

    def series(self, sensor: Sensor, **options: Any) -> object:
        """The year as one value a step."""
        with self.database.reading() as session:
            return series(session, sensor, START, END, **options).values

    def bare_write(self, sensor: Sensor) -> Callable[[], None]:
        """A write of rows that are ready to go."""
        columns = {"sensor_id": np.full(ROWS, sensor.id), **prepare(self.year()).columns()}
        if self.database.dialect == "postgresql":
            engine = PostgreSQL()
            rows = engine._HEADER + engine._rows(columns) + engine._TRAILER

            def copy() -> None:
                with self.database.connection() as connection:
                    driver: Any = connection.connection.driver_connection
                    names = ", ".join(columns)
                    command = f"COPY {beliefs.name} ({names}) FROM STDIN (FORMAT BINARY)"
                    with driver.cursor() as cursor, cursor.copy(command) as target:
                        target.write(rows)

            return copy
        plain = [
            column.view(np.int64) if column.dtype.kind in "mM" else column
            for column in columns.values()
        ]
        listed = list(zip(*(column.tolist() for column in plain), strict=True))
        command = f"INSERT INTO {beliefs.name} ({', '.join(columns)}) VALUES (?, ?, ?, ?, ?, ?)"

        def execute_many() -> None:
            with self.database.connection() as connection:
                driver: Any = connection.connection.driver_connection
                driver.executemany(command, listed)

        return execute_many

    def bare_read(self, sensor: Sensor) -> None:
        """Fetch rows of the key and value with the driver's own cursor."""
        command = (
            "SELECT event_start, belief_horizon, source_id, cumulative_probability, event_value "
            f"FROM {beliefs.name} WHERE sensor_id = {sensor.id} "
            "ORDER BY event_start, source_id, belief_horizon, cumulative_probability"
        )
        with self.database.reading() as session:
            driver: Any = session.connection().connection.driver_connection
            cursor = driver.cursor()
            cursor.execute(command)
            cursor.fetchall()
            cursor.close()


if __name__ == "__main__":
    main(sys.argv[1:])

"""Writing and reading beliefs over the limit of each engine, in one run.

Usage: python bench/beliefs.py [--rows N] [--engine sqlite|postgresql] [--repetitions N] [--plans]

The limit of writing is the bare driver with the same rows, ready to go, into the same table with
its key and references: `COPY` on PostgreSQL, one `executemany` in one transaction on SQLite. The
limit of reading is a bare cursor that fetches the same rows of five numbers as a list. Ours begins
and ends with numpy columns. The two alternate; figures are medians. Trust the ratios, not the
milliseconds.

`--rows` beliefs are in the table before: sensors with a year each, loaded in bulk. `--plans` prints
how PostgreSQL executes each statement, and fails where that is no range scan of the key.
"""

from __future__ import annotations

import argparse
import itertools
import time
import warnings
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from statistics import median
from typing import Any

import numpy as np
from sqlalchemy import text

from fmhost.beliefs import Beliefs, Query, read, save, series
from fmhost.beliefs.batches import prepare
from fmhost.beliefs.in_postgresql import PostgreSQL
from fmhost.domain.arrays import duration64, moment64
from fmhost.model import Asset, AssetType, Sensor, Source, beliefs
from fmhost.model.database import Database
from fmhost.testing.databases import KINDS, fresh_database
from fmhost.testing.plans import recorded_plans

START = datetime(2026, 1, 1, tzinfo=UTC)
END = datetime(2027, 1, 1, tzinfo=UTC)
QUARTER = timedelta(minutes=15)
HOUR = timedelta(hours=1)
YEAR = (END - START) // QUARTER
MONTH = timedelta(days=31) // QUARTER
VALUES = np.random.default_rng(1).normal(50, 20, YEAR)
HALF_CHANGED = np.where(np.arange(YEAR) % 2, VALUES, VALUES + 1)

Work = Callable[[], object]


@dataclass(frozen=True)
class Case:
    """One kind of work, the bare way and ours, and how many times the bare time ours may take.

    :param target: None where it is only good to know.
    """

    name: str
    bare: Work
    ours: Work
    target: float | None


class Bench:
    """One engine, with a table that is filled."""

    def __init__(self, database: Database, rows: int) -> None:
        self.database = database
        with database.transaction() as session:
            self.asset = Asset(name="asset", generic_asset_type=AssetType(name="type"))
            self.source = Source(name="meter", type="user")
            session.add_all([self.asset, self.source])
        self.count = 0
        self.filled = [self.sensor() for _ in range(max(-(-rows // YEAR), 8))]
        began = time.perf_counter()
        for sensor in self.filled:
            self.bare_write(sensor, self.batch(VALUES))()
        self.analyze()
        print(
            f"{database.dialect}: {len(self.filled) * YEAR:,} beliefs in the table, "
            f"loaded in {time.perf_counter() - began:.0f} s"
        )
        # Those in the middle of the table first; each revision goes to another one.
        self.in_turn = itertools.cycle(self.filled[len(self.filled) // 3 :] + self.filled)

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

    def batch(self, values: Any, horizon: timedelta = timedelta(0)) -> Beliefs:
        """Beliefs about consecutive quarters of the year."""
        starts = moment64(START) + np.arange(len(values)) * duration64(QUARTER)
        return Beliefs.of(starts, duration64(horizon), self.source.id, values)

    def analyze(self) -> None:
        """Let the planner know the table, as a server in use does by itself."""
        engine = self.database.engine.execution_options(isolation_level="AUTOCOMMIT")
        with engine.connect() as connection:
            vacuum = "VACUUM " if self.database.dialect == "postgresql" else ""
            connection.execute(text(f"{vacuum}ANALYZE"))

    def run(self, repetitions: int) -> None:
        """Measure and print."""
        bare: dict[str, list[float]] = {}
        ours: dict[str, list[float]] = {}
        targets: dict[str, float | None] = {}
        for number in range(repetitions + 1):
            for case in self.cases(number):
                targets[case.name] = case.target
                for taken, work in ((bare, case.bare), (ours, case.ours)):
                    began = time.perf_counter()
                    work()
                    taken.setdefault(case.name, []).append((time.perf_counter() - began) * 1000)
        for name, target in targets.items():
            # Without the first round, which builds statements and loads units.
            limit, whole = median(bare[name][1:]), median(ours[name][1:])
            ratio = whole / limit
            verdict = "" if target is None else f" (target <= {target:.0f})"
            verdict += "  missed" if target is not None and ratio > target else ""
            print(f"  {name:38}{limit:9.1f} ms bare{whole:9.1f} ms{ratio:7.2f} x{verdict}")

    def cases(self, number: int) -> Iterator[Case]:
        """What is measured, in order; each round on other sensors.

        :param number: of the round.
        """
        later = -QUARTER * (number + 1)
        yield self.writing("write a year", self.batch(VALUES), self.sensor, 3)
        for name, values in (("all", VALUES + 1 + number), ("half", HALF_CHANGED + 2 * number)):
            revision = self.batch(values[:MONTH], later)
            target = 3 if name == "all" else None
            yield self.writing(
                f"revise a month, {name} changed", revision, self.in_turn.__next__, target
            )
        known = self.batch(VALUES[:MONTH], timedelta(0))
        yield self.writing("write a month again", known, self.in_turn.__next__, None, self.sensor)
        sensor = self.filled[-1 - number % len(self.filled)]
        for name, work, target in (
            ("read a year", lambda: self.read(sensor), 3),
            ("a year by the hour", lambda: self.series(sensor, resolution=HOUR), 4),
            (
                "a year as known in July",
                lambda: self.read(sensor, prior=START + 180 * HOUR * 24),
                3,
            ),
            (
                "a year by the hour in MW",
                lambda: self.series(sensor, resolution=HOUR, unit="MW"),
                4,
            ),
        ):
            yield Case(name, lambda: self.bare_read(sensor), work, target)

    def writing(
        self,
        name: str,
        batch: Beliefs,
        sensor: Callable[[], Sensor],
        target: float | None,
        bare_sensor: Callable[[], Sensor] | None = None,
    ) -> Case:
        """A case that writes the same rows to two sensors."""
        bare = self.bare_write((bare_sensor or sensor)(), batch)
        ours = sensor()
        return Case(name, bare, lambda: self.write(ours, batch), target)

    def write(self, sensor: Sensor, batch: Beliefs) -> None:
        """Write in a transaction of its own."""
        with self.database.transaction() as session:
            save(session, sensor, batch)

    def read(self, sensor: Sensor, **options: Any) -> Beliefs:
        """Read in a transaction of its own."""
        with self.database.reading() as session:
            return read(session, Query(sensor=sensor, start=START, end=END, **options))

    def series(self, sensor: Sensor, **options: Any) -> object:
        """The year as one value a step."""
        with self.database.reading() as session:
            return series(session, sensor, START, END, **options).values

    def bare_write(self, sensor: Sensor, batch: Beliefs) -> Work:
        """A write of rows that are ready to go."""
        prepared = prepare(batch)
        columns = {"sensor_id": np.full(len(prepared), sensor.id), **prepared.columns()}
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

    def print_plans(self) -> None:
        """Print how each statement is executed.

        :raises SystemExit: where one is no range scan of the key.
        """
        self.analyze()
        with recorded_plans(self.database) as plans:
            for case in self.cases(1000):
                case.ours()
            size = self.database.engine.connect().execute(
                text(f"SELECT pg_total_relation_size('{beliefs.name}')")
            )
            print(f"  the table and its key take {size.scalar_one() / 1024**2:,.0f} MB")
        for plan in {plan.statement: plan for plan in plans}.values():
            print(f"  {plan.statement}")
            for scan in plan.scans:
                print(f"    {scan}")
        wrong = [other for plan in plans for other in plan.others]
        if wrong:
            raise SystemExit(f"No range scan of the key: {wrong}")
        print(f"  {len(plans)} statements, each a range scan of the key")


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--rows", type=int, default=350_000, help="beliefs in the table before")
    parser.add_argument("--engine", choices=KINDS, help="default: both")
    parser.add_argument("--repetitions", type=int, default=5)
    parser.add_argument("--plans", action="store_true", help="show plans (PostgreSQL)")
    options = parser.parse_args()
    warnings.simplefilter("ignore")  # of the server that the tests carry
    for kind in [options.engine] if options.engine else KINDS:
        with fresh_database(kind) as database:
            bench = Bench(database, options.rows)
            bench.run(options.repetitions)
            if options.plans and kind == "postgresql":
                bench.print_plans()


if __name__ == "__main__":
    main()

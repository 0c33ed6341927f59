"""Posting and asking for time series over HTTP: N clients, `fmhost run` with two workers.

Usage: python bench/api.py [--engine sqlite|postgresql] [--clients N] [--days N] [--rounds N]

Clients keep their connection. Each posts days of quarter-hourly values to a sensor of its own,
then years in one request, then asks for a year; bodies are made beforehand. Server, database and
clients share the machine, and only the loopback device is used. Limits of the request rate are off.

Where `FMHOST_BENCH_PEER_URL` names a running server with the same API, it gets the same work, and
both are printed side by side. `FMHOST_BENCH_PEER_EMAIL` and `FMHOST_BENCH_PEER_PASSWORD` log in
there, and `FMHOST_BENCH_PEER_SENSORS` lists the ids of sensors [kW, 15 minutes] to post to.
"""

from __future__ import annotations

import argparse
import contextlib
import http.client
import json
import os
import secrets
import subprocess
import sys
import tempfile
import time
import warnings
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from statistics import median
from urllib.parse import urlencode, urlsplit

import numpy as np

from fmhost.model.database import Database
from fmhost.testing.databases import KINDS, fresh_database
from fmhost.testing.tenants import PASSWORD, create_tenant
from fmhost.testing.web import settings_for_tests

QUARTER = timedelta(minutes=15)
DAY = timedelta(days=1)
PER_DAY = DAY // QUARTER
YEAR = timedelta(days=365)
#: The first day that is posted; each client has decades of its own.
START = datetime(2000, 1, 1, tzinfo=UTC)
WORKERS = 2


@dataclass(frozen=True)
class Line:
    """A figure, and what it should be.

    :param target: with `at_least`, the least it should be; else the most.
    """

    name: str
    unit: str
    target: float
    at_least: bool = False

    def missed(self, value: float) -> bool:
        """Whether a value falls short."""
        return value < self.target if self.at_least else value > self.target


POSTS = Line("posts of a day, beliefs in all", "/s", 20_000, at_least=True)
REVISIONS = Line("the same days, other values", "/s", 20_000, at_least=True)
YEAR_POST = Line("a year in one post, median", "ms", 1000)
YEAR_GET = Line("GET of a year, median", "ms", 300)
#: So that the figures mean something on a machine that others use too: what 20,000 beliefs a second
#: may cost where the two workers, the database and the clients have two cores to themselves.
CPU = Line("CPU per belief posted, all processes", "us", 2 / 20_000 * 1e6)
MEMORY = Line("largest server process", "MB", 400)
LINES = (POSTS, CPU, REVISIONS, YEAR_POST, YEAR_GET, MEMORY)


@dataclass(frozen=True)
class Target:
    """A running server.

    :param sensors: ids of sensors that the user may post to.
    :param process: the id of its first process, and `database` the name of its database, where it
        is ours.
    """

    url: str
    email: str
    password: str
    sensors: Sequence[int]
    process: int | None = None
    database: str = ""


class Client:
    """One connection, in the name of the user."""

    def __init__(self, target: Target) -> None:
        self._connection = http.client.HTTPConnection(urlsplit(target.url).netloc, timeout=300)
        self._headers = {"Content-Type": "application/json"}
        login = json.dumps({"email": target.email, "password": target.password}).encode()
        answer = json.loads(self.call("POST", "/api/requestAuthToken", login))
        self._headers["Authorization"] = answer["auth_token"]

    def close(self) -> None:
        """Have the next call open a connection anew."""
        self._connection.close()

    def call(self, method: str, path: str, body: bytes | None = None) -> bytes:
        """The body of a good answer."""
        try:
            self._connection.request(method, path, body, self._headers)
            answer = self._connection.getresponse()
        except ConnectionError:  # the server closes connections that are idle
            self._connection.close()
            self._connection.request(method, path, body, self._headers)
            answer = self._connection.getresponse()
        content = answer.read()
        if answer.status != 200:
            raise SystemExit(f"{method} {path} was answered {answer.status}: {content[:500]!r}")
        return content


class Work:
    """What one client does, with the bodies of its requests made beforehand."""

    def __init__(self, target: Target, number: int, days: int) -> None:
        self.client = Client(target)
        self._path = f"/api/v3_0/sensors/{target.sensors[number % len(target.sensors)]}/data"
        self._start = START + number // len(target.sensors) * 10 * YEAR
        self._days = days
        self._values = np.random.default_rng(number).normal(50, 20, YEAR // QUARTER).round(4)
        self.posts = [self._day(day, self._values) for day in range(days)]
        self.revisions = [self._day(day, self._values + 1) for day in range(days)]

    def post(self, bodies: Sequence[bytes]) -> None:
        """Post them one after the other."""
        for body in bodies:
            self.client.call("POST", self._path, body)

    def post_year(self, number: int) -> None:
        """Post a year where nothing is known yet."""
        self.client.call("POST", self._path, self._body(self._year(number), self._values))

    def get_year(self, number: int) -> None:
        """Ask for a year that was posted."""
        query = {"start": self._year(number).isoformat(), "duration": "P365D", "unit": "kW"}
        answer = json.loads(self.client.call("GET", f"{self._path}?{urlencode(query)}"))
        if answer["values"] != self._values.tolist():
            raise SystemExit("A year came back with other values than it was posted with.")

    def _day(self, day: int, values: np.ndarray) -> bytes:
        first = day * PER_DAY % len(values)
        return self._body(self._start + day * DAY, values[first : first + PER_DAY])

    def _year(self, number: int) -> datetime:
        return self._start + self._days * DAY + number * YEAR

    def _body(self, start: datetime, values: np.ndarray) -> bytes:
        message = {
            "values": values.tolist(),
            "start": start.isoformat(),
            "duration": f"PT{len(values) * 15}M",
            "unit": "kW",
        }
        return json.dumps(message).encode()


def measure(target: Target, clients: int, days: int, rounds: int) -> dict[Line, float]:
    """All figures of a server."""
    beliefs = clients * days * PER_DAY
    figures: dict[Line, float] = {}
    with ThreadPoolExecutor(clients) as pool:
        works = list(pool.map(lambda number: Work(target, number, days), range(clients)))
        wait_until_idle(target)
        for line, bodies in ((POSTS, "posts"), (REVISIONS, "revisions")):
            for work in works:
                work.client.close()
            used = cpu_seconds(target)
            began = time.perf_counter()
            list(pool.map(lambda work, what=bodies: work.post(getattr(work, what)), works))
            figures[line] = beliefs / (time.perf_counter() - began)
            if target.process is not None and line is POSTS:
                figures[CPU] = (cpu_seconds(target) - used) / beliefs * 1e6
    # One at a time, each on another connection.
    figures[YEAR_POST] = _median_ms(lambda n: works[n % clients].post_year(n), rounds)
    figures[YEAR_GET] = _median_ms(lambda n: works[n % clients].get_year(n), rounds)
    if target.process is not None:
        figures[MEMORY] = max(memory(process) for process in family(target.process))
    return figures


def _median_ms(call, rounds: int) -> float:
    taken = []
    for number in range(rounds):
        began = time.perf_counter()
        call(number)
        taken.append((time.perf_counter() - began) * 1000)
    return median(taken)


def family(process: int) -> list[int]:
    """A process and those that it started (Linux)."""
    found = [process]
    for parent in found:
        children = Path(f"/proc/{parent}/task/{parent}/children").read_text()
        found += [int(child) for child in children.split()]
    return found


def wait_until_idle(target: Target) -> None:
    """Wait for the last worker to be there: before, the first one gets all connections (Linux)."""
    before, now = -1.0, cpu_seconds(target)
    while before != now:
        time.sleep(0.5)
        before, now = now, cpu_seconds(target)


def cpu_seconds(target: Target) -> float:
    """What our server, its connections to PostgreSQL and this process have used (Linux)."""
    if target.process is None:
        return 0
    ticks = 0
    for stat in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError):
            title = (stat.parent / "cmdline").read_text()
            ours = int(stat.parent.name) in (*family(target.process), os.getpid())
            if ours or (title.startswith("postgres:") and f" {target.database} " in title):
                ticks += sum(map(int, stat.read_text().rpartition(")")[2].split()[11:13]))
    return ticks / os.sysconf("SC_CLK_TCK")


def memory(process: int) -> float:
    """The resident memory of a process [MB] (Linux)."""
    status = Path(f"/proc/{process}/status").read_text()
    return int(status.partition("VmRSS:")[2].split()[0]) / 1024


@contextmanager
def our_server(database: Database, folder: Path, sensors: int) -> Iterator[Target]:
    """`fmhost run` on a fresh database, with a user and sensors."""
    settings = settings_for_tests(folder)
    with database.transaction() as session:
        tenant = create_tenant(session, settings)
        made = [
            type(tenant.power)(
                name=f"bench {number}",
                unit="kW",
                event_resolution=QUARTER,
                generic_asset_id=tenant.battery.id,
            )
            for number in range(sensors)
        ]
        session.add_all(made)
    environ = {
        "FMHOST_INSTANCE": str(folder),
        "HOME": str(folder),
        "SECRET_KEY": secrets.token_hex(32),
        "SQLALCHEMY_DATABASE_URI": database.url.render_as_string(hide_password=False),
    }
    (folder / "fmhost.cfg").write_text("RATELIMIT_ENABLED = False\n")
    process = subprocess.Popen(
        [
            *(sys.executable, "-c", "from fmhost.cli import main; main()"),
            *("run", "--port", "0", "--workers", str(WORKERS)),
        ],
        env=environ,
        cwd=folder,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    try:
        assert process.stdout is not None
        announced = process.stdout.readline().split()
        if len(announced) < 4:
            raise SystemExit("The server did not start.")
        url = announced[3].removesuffix("/api/")
        ids = [sensor.id for sensor in made]
        yield Target(
            url, tenant.member.email, PASSWORD, ids, process.pid, database.url.database or ""
        )
    finally:
        process.terminate()
        process.communicate()


def peer() -> Target | None:
    """The server that the environment names, if any."""
    url = os.environ.get("FMHOST_BENCH_PEER_URL")
    if not url:
        return None
    names = ("EMAIL", "PASSWORD", "SENSORS")
    email, password, sensors = (os.environ.get(f"FMHOST_BENCH_PEER_{name}", "") for name in names)
    if not (email and password and sensors):
        raise SystemExit("FMHOST_BENCH_PEER_EMAIL, _PASSWORD and _SENSORS go with the URL.")
    return Target(url, email, password, [int(each) for each in sensors.split(",")])


def report(figures: dict[Line, float], others: dict[Line, float]) -> None:
    """Print a line for each figure, next to that of the peer."""
    for line in LINES:
        bound = ">=" if line.at_least else "<="
        if line not in figures:
            continue
        verdict = "  missed" if line.missed(figures[line]) else ""
        other = f"{others[line]:12,.0f} {line.unit:3} at the peer" if line in others else ""
        print(
            f"  {line.name:34}{figures[line]:10,.0f} {line.unit:3} (target {bound} "
            f"{line.target:,.0f}){other}{verdict}"
        )


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--engine", choices=KINDS, default="postgresql")
    parser.add_argument("--clients", type=int, default=8)
    parser.add_argument("--days", type=int, default=50, help="posts of each client")
    parser.add_argument("--rounds", type=int, default=9, help="posts and GETs of a year")
    options = parser.parse_args()
    warnings.simplefilter("ignore")  # of the server that the tests carry
    work = (options.clients, options.days, options.rounds)
    with (
        fresh_database(options.engine) as database,
        tempfile.TemporaryDirectory() as folder,
        our_server(database, Path(folder), options.clients) as target,
    ):
        ours = measure(target, *work)
    other = peer()
    print(f"{options.engine}: {options.clients} clients, {WORKERS} workers, no rate limits")
    report(ours, {} if other is None else measure(other, *work))


if __name__ == "__main__":
    main()

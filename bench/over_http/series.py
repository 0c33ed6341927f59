"""Time series in bulk: days and years are posted and asked for."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from statistics import median
from urllib.parse import urlencode

import numpy as np

from over_http.figures import Line
from over_http.processes import cpu_seconds, family, memory, wait_until_idle
from over_http.targets import Client, Target

QUARTER = timedelta(minutes=15)
DAY = timedelta(days=1)
PER_DAY = DAY // QUARTER
YEAR = timedelta(days=365)
#: The first day that is posted; each client has decades of its own.
START = datetime(2000, 1, 1, tzinfo=UTC)

POSTS = Line("posts of a day, beliefs in all", "/s", 20_000, at_least=True)
REVISIONS = Line("the same days, other values", "/s", 20_000, at_least=True)
YEAR_POST = Line("a year in one post, median", "ms", 1000)
YEAR_GET = Line("GET of a year, median", "ms", 300)
#: So that the figures mean something on a machine that others use too: what 20,000 beliefs a second
#: may cost where the two workers, the database and the clients have two cores to themselves.
CPU = Line("CPU per belief posted, all processes", "us", 2 / 20_000 * 1e6)
MEMORY = Line("largest server process", "MB", 400)
LINES = (POSTS, CPU, REVISIONS, YEAR_POST, YEAR_GET, MEMORY)


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
    """Days by all clients at once, then years one at a time."""
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


def _median_ms(call: Callable[[int], None], rounds: int) -> float:
    taken = []
    for number in range(rounds):
        began = time.perf_counter()
        call(number)
        taken.append((time.perf_counter() - began) * 1000)
    return median(taken)

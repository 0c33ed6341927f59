"""What clients do all at once: post, read, list, and have schedules computed."""

from __future__ import annotations

import collections
import json
import random
import sys
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http.client import HTTPException
from urllib.parse import urlencode

import numpy as np

from over_http.figures import Line
from over_http.targets import Client, Target

POST_QUARTER, POST_DAY, GET_DAY = "POST of a quarter-hour", "POST of a day", "GET of a day"
SENSOR, ASSETS, STATUS = "GET of a sensor", "GET of a page of assets", "GET of a status"
TRIGGER, SCHEDULE = "POST for a schedule", "from there to its result"

#: How often each is done; a schedule is followed by the wait for its result.
MIX = {POST_QUARTER: 45, POST_DAY: 10, GET_DAY: 20, SENSOR: 10, ASSETS: 9, STATUS: 5, TRIGGER: 1}
NAMES = (*MIX, SCHEDULE)
#: p95 of most requests [ms], and of schedules.
_TARGETS = dict.fromkeys(MIX, 250.0) | {SCHEDULE: 10_000.0}
P50 = {name: Line(f"{name}, p50", "ms") for name in NAMES}
P95 = {name: Line(f"{name}, p95", "ms", _TARGETS[name]) for name in NAMES}
RATE = Line("requests answered", "/s")
ERRORS = Line("errors and wrong answers", "", 0)
LINES = (*(lines[name] for name in NAMES for lines in (P50, P95)), RATE, ERRORS)

_QUARTER = timedelta(minutes=15)
_PER_DAY = 96
#: A result is asked for so often [s], and given up after so long [s].
_LOOK, _LONGEST = 0.2, 120.0


@dataclass(frozen=True)
class Load:
    """How much traffic.

    :param pause: that each client makes between two requests, on average [s].
    """

    clients: int
    seconds: float
    pause: float


@dataclass
class Outcome:
    """What came of it.

    :param waits: for each kind of request, how long each answer took [ms].
    """

    seconds: float
    waits: dict[str, list[float]] = field(default_factory=lambda: {name: [] for name in NAMES})
    errors: collections.Counter[str] = field(default_factory=collections.Counter)

    def add(self, other: Outcome) -> None:
        """Add what another client met."""
        for name, waits in other.waits.items():
            self.waits[name] += waits
        self.errors += other.errors

    def figures(self) -> dict[Line, float]:
        """Percentiles, and how many errors there were."""
        found: dict[Line, float] = {ERRORS: float(self.errors.total())}
        for name, waits in self.waits.items():
            if waits:
                found[P50[name]], found[P95[name]] = np.percentile(waits, [50, 95]).tolist()
        found[RATE] = sum(map(len, self.waits.values())) / self.seconds
        return found

    def tell_errors(self) -> None:
        """Say which errors there were."""
        for text, number in self.errors.most_common(10):
            print(f"{number} x {text}", file=sys.stderr)


class Wrong(Exception):
    """An answer that is not what it should be."""


class Visitor:
    """One client: the sensors that are its own, and what it posted to them."""

    def __init__(self, target: Target, number: int, load: Load) -> None:
        self._target = target
        self._load = load
        self._random = random.Random(number)
        self._client = Client(target)
        self._sensors = list(target.sensors)[number :: load.clients] or list(target.sensors)
        self._next = dict.fromkeys(self._sensors, 0)
        self._days: list[tuple[int, datetime, list[float]]] = []
        # Each client has a past of its own, in case there are fewer sensors than clients.
        now = datetime.now(UTC).replace(minute=0, second=0, microsecond=0)
        self._recent = now - timedelta(days=30 + 40 * number)
        self._past = now - timedelta(days=2000 + 700 * number)
        self.outcome = Outcome(load.seconds)
        self._does: dict[str, Callable[[], None]] = {
            POST_QUARTER: self._post_quarter,
            POST_DAY: self._post_day,
            GET_DAY: self._get_day,
            SENSOR: lambda: self._get(SENSOR, f"/api/v3_0/sensors/{self._any()}"),
            ASSETS: lambda: self._get(ASSETS, "/api/v3_0/assets?page=1&per_page=10"),
            STATUS: lambda: self._get(STATUS, f"/api/v3_0/sensors/{self._any()}/status"),
            TRIGGER: self._schedule,
        }

    def visit(self) -> Outcome:
        """Do one thing after the other until the time is over."""
        end = time.monotonic() + self._load.seconds
        mix = {name: share for name, share in MIX.items() if name != TRIGGER or self._target.prices}
        while time.monotonic() < end:
            (name,) = self._random.choices(list(mix), list(mix.values()))
            try:
                self._does[name]()
            except (Wrong, OSError, HTTPException, ValueError, KeyError) as error:
                self.outcome.errors[f"{name}: {type(error).__name__}: {error}"[:300]] += 1
                self._client.close()
            time.sleep(self._random.expovariate(1 / self._load.pause) if self._load.pause else 0)
        return self.outcome

    def _ask(self, name: str, method: str, path: str, body: object = None) -> bytes:
        sent = None if body is None else json.dumps(body).encode()
        began = time.perf_counter()
        status, content = self._client.ask(method, path, sent)
        self.outcome.waits[name].append((time.perf_counter() - began) * 1000)
        if status not in (200, 202):
            raise Wrong(
                f"{method} {path.partition('?')[0]} was answered {status}: {content[:150]!r}"
            )
        return content

    def _get(self, name: str, path: str) -> None:
        json.loads(self._ask(name, "GET", path))

    def _any(self) -> int:
        return self._random.choice(self._sensors)

    def _post_quarter(self) -> None:
        sensor = self._any()
        step, self._next[sensor] = self._next[sensor], self._next[sensor] + 1
        body = _body(self._recent + step * _QUARTER, [round(self._random.uniform(0, 100), 3)])
        self._ask(POST_QUARTER, "POST", f"/api/v3_0/sensors/{sensor}/data", body)

    def _post_day(self) -> None:
        sensor = self._any()
        start = self._past + len(self._days) // len(self._sensors) * _PER_DAY * _QUARTER
        known = {(other, begin) for other, begin, _ in self._days[-3 * len(self._sensors) :]}
        while (sensor, start) in known:
            start += _PER_DAY * _QUARTER
        values = [round(self._random.uniform(0, 100), 3) for _ in range(_PER_DAY)]
        self._ask(POST_DAY, "POST", f"/api/v3_0/sensors/{sensor}/data", _body(start, values))
        self._days.append((sensor, start, values))

    def _get_day(self) -> None:
        if not self._days:
            return
        sensor, start, values = self._random.choice(self._days)
        query = {"start": start.isoformat(), "duration": "PT24H", "unit": "kW"}
        path = f"/api/v3_0/sensors/{sensor}/data?{urlencode(query)}"
        found = json.loads(self._ask(GET_DAY, "GET", path))["values"]
        if found != values:
            raise Wrong("A day came back with other values than it was posted with.")

    def _schedule(self) -> None:
        sensor = self._any()
        price = {"sensor": self._target.prices}
        hour = datetime.now(UTC).replace(minute=0, second=0, microsecond=0)
        body = {
            "start": hour.isoformat(),
            "duration": "PT24H",
            "flex-model": {
                "soc-at-start": f"{self._random.uniform(1, 9):.6f} kWh",
                "soc-min": "0 kWh",
                "soc-max": "10 kWh",
                "power-capacity": "5 kW",
                "roundtrip-efficiency": "90%",
            },
            "flex-context": {"consumption-price": price, "site-power-capacity": "20 kW"},
        }
        base = f"/api/v3_0/sensors/{sensor}/schedules"
        began = time.perf_counter()
        asked = json.loads(self._ask(TRIGGER, "POST", f"{base}/trigger", body))["schedule"]
        while time.perf_counter() - began < _LONGEST:
            status, content = self._client.ask("GET", f"{base}/{asked}?duration=PT24H")
            if status == 200:
                if len(json.loads(content)["values"]) != _PER_DAY:
                    raise Wrong("A schedule has another length than was asked for.")
                self.outcome.waits[SCHEDULE].append((time.perf_counter() - began) * 1000)
                return
            if status not in (202, 303, 400) or b"fail" in content:
                raise Wrong(f"A schedule failed: {status} {content[:150]!r}")
            time.sleep(_LOOK)
        raise Wrong(f"A schedule was not there after {_LONGEST:.0f} s.")


def run(target: Target, load: Load) -> Outcome:
    """Let all clients loose, and gather what they met."""
    with ThreadPoolExecutor(load.clients) as pool:
        visitors = list(pool.map(lambda n: Visitor(target, n, load), range(load.clients)))
        outcomes = list(pool.map(Visitor.visit, visitors))
    together = Outcome(load.seconds)
    for outcome in outcomes:
        together.add(outcome)
    return together


def _body(start: datetime, values: list[float]) -> dict[str, object]:
    length = f"PT{len(values) * 15}M"
    return {"values": values, "start": start.isoformat(), "duration": length, "unit": "kW"}

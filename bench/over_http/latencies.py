"""How long clients wait for answers while all of them ask: lists, one sensor, a day of data."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from urllib.parse import urlencode

import numpy as np

from over_http.figures import Line
from over_http.series import DAY, PER_DAY, START, YEAR
from over_http.targets import Client, Target

#: How many assets the whole list has, and a page of it.
ASSETS, PAGE = 500, 10

LIST, LIST_PAGE = f"GET of {ASSETS} assets", f"GET of a page of {PAGE} assets"
SENSOR, POST_DAY, GET_DAY = "GET of a sensor", "POST of a day", "GET of a day"
NAMES = (LIST, LIST_PAGE, SENSOR, POST_DAY, GET_DAY)
P50, P95 = ({name: Line(f"{name}, p{part}", "ms") for name in NAMES} for part in (50, 95))
LINES = tuple(lines[name] for name in NAMES for lines in (P50, P95))


class Asker:
    """One client, with its questions by name; each takes the number of the round."""

    def __init__(self, target: Target, number: int, rounds: int) -> None:
        self._client = Client(target)
        shift = 1 + number // len(target.sensors)
        self._start = START - shift * 10 * YEAR  # days before those of other measurements
        self._sensor = f"/api/v3_0/sensors/{target.sensors[number % len(target.sensors)]}"
        values = np.random.default_rng(number).normal(50, 20, PER_DAY).round(4)
        self._values: list[float] = values.tolist()
        self._days = [json.dumps(self._day(round_)).encode() for round_ in range(rounds)]
        page = urlencode({"page": 1, "per_page": PAGE})
        self.questions: dict[str, Callable[[int], bytes]] = {
            LIST: lambda _: self._client.call("GET", "/api/v3_0/assets"),
            LIST_PAGE: lambda _: self._client.call("GET", f"/api/v3_0/assets?{page}"),
            SENSOR: lambda _: self._client.call("GET", self._sensor),
            POST_DAY: lambda n: self._client.call("POST", f"{self._sensor}/data", self._days[n]),
            GET_DAY: self._get_day,
        }

    def counts_assets(self) -> int:
        """How many assets the whole list has."""
        return len(json.loads(self.questions[LIST](0)))

    def ask(self, name: str, rounds: int) -> list[float]:
        """How long each answer took [ms]."""
        taken = []
        for number in range(rounds):
            began = time.perf_counter()
            self.questions[name](number)
            taken.append((time.perf_counter() - began) * 1000)
        return taken

    def _get_day(self, number: int) -> bytes:
        day = self._day(number)
        query = {name: day[name] for name in ("start", "duration", "unit")}
        content = self._client.call("GET", f"{self._sensor}/data?{urlencode(query)}")
        if json.loads(content)["values"] != self._values:
            raise SystemExit("A day came back with other values than it was posted with.")
        return content

    def _day(self, number: int) -> dict[str, object]:
        start = self._start + number * DAY
        return {
            "values": self._values,
            "start": start.isoformat(),
            "duration": f"PT{DAY // timedelta(hours=1)}H",
            "unit": "kW",
        }


def measure(target: Target, clients: int, rounds: int) -> dict[Line, float]:
    """Waiting times, question by question; all clients ask the same one at once.

    A list of another length is left out, since it would be compared with ours.
    """
    figures: dict[Line, float] = {}
    with ThreadPoolExecutor(clients) as pool:
        askers = list(pool.map(lambda number: Asker(target, number, rounds), range(clients)))
        found = askers[0].counts_assets()
        names: Sequence[str] = NAMES
        if found != ASSETS:
            print(f"{target.url} lists {found} assets, not {ASSETS}.", file=sys.stderr)
            names = [name for name in NAMES if name not in (LIST, LIST_PAGE)]
        for name in names:
            list(pool.map(lambda asker, what=name: asker.ask(what, 1), askers))  # none is the first
            taken = pool.map(lambda asker, what=name: asker.ask(what, rounds), askers)
            waits = [wait for each in taken for wait in each]
            figures[P50[name]], figures[P95[name]] = np.percentile(waits, [50, 95]).tolist()
    return figures

"""Mixed traffic for minutes: clients that post, read, list and schedule, on 500 assets.

Usage: python bench/load.py [--minutes M] [--clients N] [--assets N] [--sensors N]
                            [--pause SECONDS] [--forecasts]

Runs `fmhost run` with two processes and one `fmhost jobs run-worker`, on PostgreSQL and Redis. Each
client keeps its connection, waits a moment between requests, and draws what it does from the same
mix: quarter-hours and days of measurements, reads of days (which must be what was posted), a
sensor, pages of assets, status, and now and then a schedule, whose result it waits for. Told are
the waiting times of each kind of request at the median and at p95, errors and wrong answers, how
much the memory of server and worker grew after the first fifth of the time, and how long jobs
waited at most. Load, database and clients share the machine. Limits of the request rate are off,
and so are the forecasts that measurements start by themselves, unless `--forecasts` is given.

Where `FMHOST_BENCH_PEER_URL` names a running server with the same API, it gets the same traffic
afterwards, and both are printed side by side; see bench/api.py for the variables that go with it.
With `FMHOST_BENCH_PEER_PRICES`, the id of a sensor with prices [EUR/MWh] of the two days around
now, the sensors there are scheduled, too. What the machine cannot see there (memory, age of the
queue) is left out.
"""

from __future__ import annotations

import argparse
import os
import tempfile
import warnings
from dataclasses import replace
from pathlib import Path

from over_http import traffic
from over_http.figures import Line, report
from over_http.load_site import Site, running_site
from over_http.targets import peer

MEMORY = {
    "server": Line("growth of the server's memory", "%", 5),
    "worker": Line("growth of the worker's memory", "%", 5),
}
QUEUE_AGE = Line("longest wait of a queued job", "s", 60)
LINES = (*traffic.LINES, *MEMORY.values(), QUEUE_AGE)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--minutes", type=float, default=10)
    parser.add_argument("--clients", type=int, default=8)
    parser.add_argument("--assets", type=int, default=500)
    parser.add_argument("--sensors", type=int, default=5000)
    parser.add_argument("--pause", type=float, default=0.05, help="between two requests [s]")
    parser.add_argument("--forecasts", action="store_true", help="let measurements start forecasts")
    options = parser.parse_args()
    warnings.simplefilter("ignore")  # of the servers that the tests carry
    load = traffic.Load(options.clients, options.minutes * 60, options.pause)
    with (
        tempfile.TemporaryDirectory() as folder,
        running_site(
            Path(folder), options.assets, options.sensors, forecasts=options.forecasts
        ) as site,
    ):
        watch = site.watch(load.seconds)
        outcome = traffic.run(site.target, load)
        ours = outcome.figures() | _of_machine(site, watch)
        outcome.tell_errors()
    other = peer()
    theirs: dict[Line, float] = {}
    if other is not None:
        prices = os.environ.get("FMHOST_BENCH_PEER_PRICES")
        there = traffic.run(replace(other, prices=int(prices) if prices else None), load)
        theirs = there.figures()
        there.tell_errors()
    print(
        f"{options.minutes:g} minutes, {options.clients} clients, {options.assets} assets, "
        f"{options.sensors} sensors; {sum(map(len, outcome.waits.values())):,} requests"
    )
    report(LINES, ours, theirs)


def _of_machine(site: Site, watch: object) -> dict[Line, float]:
    seen = site.end(watch)
    growth = {MEMORY[name]: percent for name, percent in seen.growth.items()}
    return {**growth, QUEUE_AGE: seen.queue_age}


if __name__ == "__main__":
    main()

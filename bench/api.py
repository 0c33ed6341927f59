"""The API over HTTP: N clients, `fmhost run` with two workers.

Usage: python bench/api.py [--engine sqlite|postgresql] [--clients N] [--days N] [--rounds N]
                           [--requests N]

Clients keep their connection. Each posts days of quarter-hourly values to a sensor of its own,
then years in one request, then asks for a year; bodies are made beforehand. Then all clients at
once ask for a list of 500 assets, for a page of it, for a sensor, post a day and ask for one: the
figures are percentiles of the waiting times. Server, database and clients share the machine, and
only the loopback device is used. Limits of the request rate are off.

Where `FMHOST_BENCH_PEER_URL` names a running server with the same API, it gets the same work, and
both are printed side by side. `FMHOST_BENCH_PEER_EMAIL` and `FMHOST_BENCH_PEER_PASSWORD` log in
there, `FMHOST_BENCH_PEER_SENSORS` lists the ids of sensors [kW, 15 minutes] to post to, and the
user should have 500 assets to list.
"""

from __future__ import annotations

import argparse
import tempfile
import warnings
from pathlib import Path

from over_http import latencies, series
from over_http.figures import Line, report
from over_http.targets import WORKERS, Target, our_server, peer

from fmhost.testing.databases import KINDS, fresh_database


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--engine", choices=KINDS, default="postgresql")
    parser.add_argument("--clients", type=int, default=8)
    parser.add_argument("--days", type=int, default=150, help="posts of each client")
    parser.add_argument("--rounds", type=int, default=9, help="posts and GETs of a year")
    parser.add_argument("--requests", type=int, default=50, help="of each client, of each kind")
    options = parser.parse_args()
    warnings.simplefilter("ignore")  # of the server that the tests carry

    def figures_of(target: Target) -> dict[Line, float]:
        bulk = series.measure(target, options.clients, options.days, options.rounds)
        return bulk | latencies.measure(target, options.clients, options.requests)

    with (
        fresh_database(options.engine) as database,
        tempfile.TemporaryDirectory() as folder,
        our_server(database, Path(folder), options.clients, latencies.ASSETS) as target,
    ):
        ours = figures_of(target)
    other = peer()
    print(f"{options.engine}: {options.clients} clients, {WORKERS} workers, no rate limits")
    report((*series.LINES, *latencies.LINES), ours, {} if other is None else figures_of(other))


if __name__ == "__main__":
    main()

"""How much time a schedule takes beyond the solver: the whole road over bare HiGHS, in one run.

The whole road is `Scheduler.compute()`: from the JSON of a trigger and stored series to results in
memory, the explanation included. The bare run is HiGHS alone with our settings, on the same
matrix, already loaded, and the targets are about it; the stock one is HiGHS as it comes. All count
seconds of one core, and the best of some runs. Trust the ratios, not the milliseconds.

For the large fleets, the job is run as a worker does, in a process of its own: it reads, computes
and saves. The last line is what a client sees over HTTP.

    python bench/scheduling.py                     all cases
    python bench/scheduling.py --quick             what takes seconds
    python bench/scheduling.py battery site http   those that are named
    python bench/scheduling.py --peer /srv/peer/venv/bin/flexmeasures battery site

With the command of FlexMeasures as `--peer`, or in `FMHOST_BENCH_PEER`, it schedules the same small
sites over its own HTTP, with one worker of its own.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from planning import ours, served
from planning.cases import CASES
from planning.peer import PlanningPeer
from planning.stored import installation, store

QUICK = ("battery", "week", "fine-week", "site", "soft-site", "10-cars")
#: Cases of which the whole job counts: seconds and MB that it may take.
JOBS = {"1000-cars": (10.0, None), "5000-cars": (60.0, 2048.0)}
HTTP = "http"
HTTP_CASE, HTTP_TARGET_MS = "battery", 300.0
#: Sites of more devices take a peer minutes.
PEER = ("battery", "week", "fine-week", "site", "10-cars")


def compare(name: str, repetitions: int) -> bool:
    """Print the line of a case; whether it meets the target."""
    case = CASES[name]()
    with installation() as opened:
        found = ours.times(opened, store(opened, case), repetitions)
    print(
        f"{case.name:26}{found.bare:9.1f}{found.whole:10.1f}{found.whole / found.bare:7.2f}"
        f"{found.whole - found.bare:13.1f}{found.again:10.1f}"
        f"{found.stock:10.1f}{found.whole / found.stock:7.2f}  {found.rung}"
        f"{'  TOO SLOW' if found.is_slow else ''}",
        flush=True,
    )
    return not found.is_slow


def job(name: str) -> bool:
    """Print what the job of a case takes; whether it meets the target."""
    case = CASES[name]()
    seconds, megabytes = JOBS[name]
    with installation() as opened:
        asked, ran, again = ours.job_seconds(opened, store(opened, case))
    memory = ours.peak_memory()
    missed = ran > seconds or (megabytes is not None and memory > megabytes)
    print(
        f"{case.name}: request checked in {asked:.1f} s; job {ran:.1f} s, saving included "
        f"(target {seconds:g} s); once more {again:.1f} s; {memory:,.0f} MB"
        f"{'' if megabytes is None else f' (target {megabytes:,.0f} MB)'}"
        f"{'  MISSED' if missed else ''}",
        flush=True,
    )
    return not missed


def over_http(repetitions: int) -> bool:
    """Print how long a client waits for a schedule; whether it meets the target."""
    case = CASES[HTTP_CASE]()
    took = served.latency(case, repetitions)
    missed = took > HTTP_TARGET_MS
    print(
        f"{case.name}: {took:.0f} ms from trigger to schedule over HTTP, at the median of "
        f"{repetitions} (target {HTTP_TARGET_MS:g} ms){'  MISSED' if missed else ''}",
        flush=True,
    )
    return not missed


def against_peer(program: Path, names: Sequence[str]) -> None:
    """Print how long a client waits for the same schedules at a peer, and here."""
    other = PlanningPeer(program)
    with other.serving():
        for name in names:
            case = CASES[name]()
            site = other.store(case)
            first, again = other.seconds_of(site), other.seconds_of(site)
            ours_ms = served.latency(case, 5)
            print(
                f"{case.name}: over HTTP {ours_ms:.0f} ms; the peer takes {first * 1000:,.0f} ms, "
                f"and {again * 1000:,.0f} ms for the same window again",
                flush=True,
            )


def _apart(name: str) -> bool:
    """Run the job of a case in a process of its own, for its memory."""
    return subprocess.run([sys.executable, __file__, "--job", name], check=False).returncode == 0


def main() -> None:
    """Run the cases that are named, or all."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("cases", nargs="*", help=f"of {[*CASES, HTTP]}")
    parser.add_argument("--quick", action="store_true", help="only what takes seconds")
    parser.add_argument("--repetitions", type=int, default=5)
    parser.add_argument("--job", choices=JOBS, help="only the job of this case")
    parser.add_argument("--peer", type=Path, default=os.environ.get("FMHOST_BENCH_PEER"))
    asked = parser.parse_args()
    if asked.job:
        sys.exit(not job(asked.job))
    chosen = asked.cases or ([*QUICK, HTTP] if asked.quick else [*CASES, HTTP])
    if unknown := set(chosen) - {*CASES, HTTP}:
        parser.error(f"there is no case {sorted(unknown)}")
    print(
        f"{'case':26}{'bare ms':>9}{'whole ms':>10}{'ratio':>7}{'overhead ms':>13}{'again':>10}"
        f"{'stock ms':>10}{'ratio':>7}"
    )
    met = [
        compare(name, 2 if name in JOBS else asked.repetitions) for name in chosen if name != HTTP
    ]
    met += [_apart(name) for name in chosen if name in JOBS]
    if HTTP in chosen:
        met.append(over_http(30))
    print(f"{sum(met)} of {len(met)} targets are met")
    if asked.peer:
        against_peer(asked.peer, [name for name in chosen if name in PEER])


if __name__ == "__main__":
    main()

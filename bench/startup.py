"""How long ``fmhost --help`` takes, as a multiple of what an empty click program would.

Usage: python bench/startup.py [RUNS]

The runs of all programs are interleaved, so that whatever else the machine does falls on all of
them alike; the figures are medians. Bytecode is written by a first run that does not count. Where
``FMHOST_BENCH_PEER`` names the program of another energy server (``/path/to/flexmeasures``), its
``--help`` is measured in the same way.

Prints one line per program and the ratios; exits with 1 where ours is more than 3.
"""

from __future__ import annotations

import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

#: Largest allowed ratio of ``fmhost --help`` to ``python -c "import click"``.
LIMIT = 3.0


def main(arguments: Sequence[str]) -> int:
    """Measure, print, and say with the exit code whether the limit holds."""
    runs = int(arguments[0]) if arguments else 15
    environment = {
        name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"
    }
    with tempfile.TemporaryDirectory() as folder:
        medians = measure(_programs(), runs, environment, Path(folder))
    for name, seconds in medians.items():
        print(f"{name:28} {seconds * 1000:8.1f} ms")
    ours, click, *peer = medians.values()
    print(f"fmhost / click ratio: {ours / click:.2f} (limit {LIMIT:g})")
    if peer:
        print(f"fmhost / peer ratio: {ours / peer[0]:.3f}")
    return 0 if ours / click <= LIMIT else 1


def _programs() -> dict[str, list[str]]:
    ours = Path(sys.executable).with_name("fmhost")
    programs = {
        "fmhost --help": [str(ours), "--help"],
        'python -c "import click"': [sys.executable, "-c", "import click"],
    }
    peer = os.environ.get("FMHOST_BENCH_PEER")
    if peer:
        found = shutil.which(peer)
        if found is None:
            sys.exit(f"FMHOST_BENCH_PEER names {peer}, which is no program that can be run.")
        programs[f"{Path(peer).name} --help"] = [found, "--help"]
    return programs


def measure(
    programs: Mapping[str, Sequence[str]], runs: int, environment: Mapping[str, str], folder: Path
) -> dict[str, float]:
    """The median wall time of each program [s], in the order of `programs`.

    :param folder: working directory of the programs.
    """
    times: dict[str, list[float]] = {name: [] for name in programs}
    for number in range(runs + 1):
        for name, command in programs.items():
            started = time.perf_counter()
            finished = subprocess.run(
                command, cwd=folder, env=environment, capture_output=True, text=True, check=False
            )
            elapsed = time.perf_counter() - started
            if finished.returncode != 0:
                sys.exit(f"{name} failed with {finished.returncode}:\n{finished.stderr}")
            if number:
                times[name].append(elapsed)
    return {name: statistics.median(measured) for name, measured in times.items()}


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

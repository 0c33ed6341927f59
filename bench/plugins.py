"""What plugins cost when nobody uses them: ``fmhost --help``, ``plugins list``, the application.

Usage: python bench/plugins.py [RUNS]

Generates 0, 10 and 50 plugins, each a distribution of its own with a scheduler, a page, a command
and a hook, installed into a folder on the import path, next to those of this environment. For
comparison each folder is listed once more with all that the plugins offer imported first, as a host
without manifests would have to.

The runs of all programs are interleaved, so that whatever else the machine does falls on all of
them alike; the figures are medians. Bytecode is written by a first run that does not count.

Prints one line per program; exits with 1 where listing the most plugins takes more than twice as
long as listing none.
"""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

from fmhost.testing.distributions import Distribution, Site, plugin

COUNTS = (0, 10, 50)

#: Largest allowed ratio of listing the most plugins to listing none.
LIMIT = 2.0

LISTING = "fmhost plugins list"

PROGRAM = "from fmhost.cli import main; main()"

EAGER = """
from importlib import import_module
from fmhost.cli.context import Program

for record in Program().host.active:
    manifest = record.manifest
    drivers = [*manifest.schedulers.values(), *manifest.forecasters.values()]
    targets = [offer.target for offer in (*drivers, *manifest.pages, *manifest.commands)]
    for target in filter(None, [*targets, manifest.hooks, manifest.settings]):
        import_module(target.partition(":")[0])
"""

PROGRAMS = {
    "fmhost --help": (PROGRAM, "--help"),
    LISTING: (PROGRAM, "plugins", "list"),
    f"{LISTING}, eager": (EAGER + PROGRAM, "plugins", "list"),
    "app start": ("from fmhost.app import create; create(env='testing')",),
}

MODULES = {
    "scheduler.py": """
        import numpy as np

        from fmhost.plugin import Scheduler, ScheduleResult


        class Scheduler{number}(Scheduler):
            def compute(self):
                steps = round((self.end - self.start) / self.resolution)
                window = (self.sensor, self.start, self.resolution)
                return [ScheduleResult(*window, np.zeros(steps), "MW")]
        """,
    "pages.py": """
        from flask import Blueprint

        blueprint = Blueprint("bench-{number}", __name__)


        @blueprint.get("/bench/{number}")
        def show():
            return "{number}"
        """,
    "commands.py": """
        import click


        @click.command("{number}")
        def show():
            click.echo("{number}")
        """,
    "hooks.py": """
        from fmhost.plugin import hookimpl


        @hookimpl
        def fmhost_beliefs_saved(count):
            return count
        """,
}


def generated(number: int) -> Distribution:
    """A plugin with one offer of each kind."""
    package = f"acme_bench_{number}"
    manifest = f"""
        manifest = Manifest(
            name="bench-{number}",
            schedulers={{"Scheduler{number}": Driver("{package}.scheduler:Scheduler{number}")}},
            pages=(Pages("{package}.pages:blueprint", ("/bench/{number}",)),),
            commands=(Command("show bench-{number}", "{package}.commands:show", "Show it."),),
            hooks="{package}.hooks",
        )
        """
    files = {path: text.replace("{number}", str(number)) for path, text in MODULES.items()}
    return plugin(f"bench-{number}", manifest, files)


def main(arguments: Sequence[str]) -> int:
    """Measure, print, and say with the exit code whether the limit holds."""
    runs = int(arguments[0]) if arguments else 5
    with tempfile.TemporaryDirectory() as folder:
        environments = {count: _environment(Path(folder), count) for count in COUNTS}
        medians = measure(environments, runs, Path(folder))
    columns = "".join(f"{f'{count} plugins':>14}" for count in COUNTS)
    print(f"{'':28}{columns}{f'{COUNTS[-1]}/{COUNTS[0]}':>10}")
    for name in PROGRAMS:
        row = [medians[name, count] for count in COUNTS]
        cells = "".join(f"{seconds * 1000:11.1f} ms" for seconds in row)
        print(f"{name:28}{cells}{row[-1] / row[0]:10.2f}")
    ratio = medians[LISTING, COUNTS[-1]] / medians[LISTING, COUNTS[0]]
    lazy = medians[f"{LISTING}, eager", COUNTS[-1]] / medians[LISTING, COUNTS[-1]]
    print(f"listing {COUNTS[-1]} plugins / listing none: {ratio:.2f} (limit {LIMIT:g})")
    print(f"importing {COUNTS[-1]} plugins first / listing them: {lazy:.2f}")
    return 0 if ratio <= LIMIT else 1


def _environment(folder: Path, count: int) -> dict[str, str]:
    """The environment of processes that have so many plugins, and an instance with a database."""
    site = Site(folder / f"site-{count}")
    site.install(*(generated(number) for number in range(count)))
    instance = folder / f"instance-{count}"
    environment = {
        "PATH": os.defpath,
        "HOME": str(instance),
        "FMHOST_INSTANCE": str(instance),
        "PYTHONPATH": str(site.folder),
        "SECRET_KEY": "for the benchmark",
    }
    instance.mkdir()
    _run((PROGRAM, "db", "upgrade"), environment, folder)
    return environment


def measure(
    environments: Mapping[int, Mapping[str, str]], runs: int, folder: Path
) -> dict[tuple[str, int], float]:
    """The median wall time of each program with each number of plugins [s].

    :param folder: working directory of the programs.
    """
    times: dict[tuple[str, int], list[float]] = {}
    for number in range(runs + 1):
        for name, command in PROGRAMS.items():
            for count, environment in environments.items():
                started = time.perf_counter()
                said = _run(command, environment, folder)
                elapsed = time.perf_counter() - started
                if number:
                    times.setdefault((name, count), []).append(elapsed)
                elif name == LISTING and said.count("bench-") != count:
                    sys.exit(f"It does not list {count} plugins:\n{said}")
    return {key: statistics.median(measured) for key, measured in times.items()}


def _run(command: Sequence[str], environment: Mapping[str, str], folder: Path) -> str:
    finished = subprocess.run(
        [sys.executable, "-c", *command],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    if finished.returncode != 0:
        sys.exit(f"{command[-1]} failed with {finished.returncode}:\n{finished.stderr}")
    return finished.stdout


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

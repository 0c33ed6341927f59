"""What processes use (Linux)."""

from __future__ import annotations

import contextlib
import os
import time
from pathlib import Path

from over_http.targets import Target


def family(process: int) -> list[int]:
    """A process and those that it started (Linux)."""
    found = [process]
    for parent in found:
        children = Path(f"/proc/{parent}/task/{parent}/children").read_text()
        found += [int(child) for child in children.split()]
    return found


def wait_until_idle(target: Target) -> None:
    """Wait for the last worker to be there: before, the first one gets all connections.

    Idle is what uses less than a twentieth of a core; after 20 s we go on all the same.
    """
    pause = 0.5
    for _ in range(40):
        before = cpu_seconds(target)
        time.sleep(pause)
        if cpu_seconds(target) - before < pause / 20:
            return


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

"""What goes wrong."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from fmhost.testing.chaos.servers import Postgres, Redis


@dataclass
class Workers:
    """Worker processes; those that are gone are started again, as a system's supervisor does.

    :param environ: of the processes.
    :param count: how many there are.
    """

    folder: Path
    environ: Mapping[str, str]
    count: int
    queues: Sequence[str]
    _running: dict[int, subprocess.Popen[bytes]] = field(default_factory=dict)

    def start_missing(self) -> None:
        """Start those that do not run."""
        for number in range(self.count):
            running = self._running.get(number)
            if running is None or running.poll() is not None:
                self._running[number] = self._start(number)

    def some(self) -> int:
        """The process id of one of them."""
        return random.choice(list(self._running.values())).pid

    def jump(self, seconds: float) -> None:
        """Put the clock of one of them forward, or back."""
        clock = self._clock(random.randrange(self.count))
        written = clock.with_suffix(".new")
        written.write_text(str(seconds))
        written.replace(clock)

    def tell_where_they_are(self) -> None:
        """Have each write to its log what its threads do."""
        for running in self._running.values():
            for pid in children(running.pid):
                os.kill(pid, signal.SIGUSR2)

    def stop(self) -> None:
        """End them all."""
        for running in self._running.values():
            for pid in (running.pid, *children(running.pid)):
                kill(pid)
            running.wait()

    def _clock(self, number: int) -> Path:
        return self.folder / f"clock-{number}"

    def _start(self, number: int) -> subprocess.Popen[bytes]:
        clock = self._clock(number)
        if not clock.exists():
            clock.write_text("0")
        command = [sys.executable, "-m", "fmhost.testing.chaos.worker", f"worker-{number}"]
        with (self.folder / f"worker-{number}.log").open("ab") as log:
            return subprocess.Popen(
                [*command, str(clock), *self.queues],
                env=dict(self.environ),
                cwd=self.folder,
                stdout=log,
                stderr=log,
            )


def children(pid: int) -> list[int]:
    """Ids of the processes that a process has started."""
    with suppress(FileNotFoundError, ProcessLookupError):
        return [int(each) for each in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
    return []


def kill(pid: int) -> None:
    """SIGKILL, where there is somebody to get it."""
    with suppress(ProcessLookupError):
        os.kill(pid, signal.SIGKILL)


def faults(workers: Workers, postgres: Postgres, redis: Redis) -> dict[str, Callable[[], None]]:
    """Each fault by its name; when it returns, everything is being started again."""

    def kill_runner() -> None:
        for pid in children(workers.some()):
            kill(pid)

    def kill_keeper() -> None:
        kill(workers.some())

    def kill_both() -> None:
        pid = workers.some()
        for each in (pid, *children(pid)):
            kill(each)

    def restart_redis() -> None:
        redis.crash()
        time.sleep(random.uniform(0.0, 1.0))
        redis.start()

    def restart_postgres() -> None:
        postgres.crash()
        time.sleep(random.uniform(0.0, 1.0))
        postgres.start()

    def jump() -> None:
        workers.jump(random.choice((-86400.0, -3600.0, -30.0, 0.0, 30.0, 3600.0, 86400.0)))

    return {
        "kill the process that runs jobs": kill_runner,
        "kill the process that watches it": kill_keeper,
        "kill a worker as a whole": kill_both,
        "restart Redis, which forgets all": restart_redis,
        "crash PostgreSQL": restart_postgres,
        "have a clock jump": jump,
    }

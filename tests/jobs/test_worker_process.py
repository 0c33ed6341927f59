"""``fmhost jobs run-worker`` as processes: killed ones are replaced, signals end them gently."""

from __future__ import annotations

import os
import signal
import time
from pathlib import Path
from typing import Any

import pytest
import redis

from fmhost.testing.chaos.faults import children
from fmhost.testing.live import Process, Program

LONG = 40.0


@pytest.fixture
def program(postgres_database: Any, redis_url: str, tmp_path: Path) -> Program:
    settings = {"FMHOST_QUEUE": "rq", "FLEXMEASURES_REDIS_URL": redis_url}
    return Program(tmp_path, postgres_database, settings)


def runner_of(process: Process, *, other_than: int = 0) -> int:
    """The process that runs jobs, once there is one."""
    end = time.monotonic() + LONG
    while time.monotonic() < end:
        for pid in children(process.popen.pid):
            if pid != other_than:
                return pid
        time.sleep(0.05)
    raise AssertionError(process.log.read_text())


def test_a_killed_process_is_replaced_and_a_signal_ends_both(program: Program) -> None:
    with program.work("scheduling") as worker:
        first = runner_of(worker)
        os.kill(first, signal.SIGKILL)
        second = runner_of(worker, other_than=first)
        assert second != first
        code, log = worker.stop(signal.SIGTERM)
        assert code == 0
        assert "died of signal 9; another one takes over" in log
        assert not Path(f"/proc/{second}").exists()


def test_who_is_not_watched_any_more_stops(program: Program) -> None:
    with program.work("scheduling") as worker:
        runner = runner_of(worker)
        worker.popen.kill()
        worker.popen.wait()
        end = time.monotonic() + LONG
        while _runs(runner) and time.monotonic() < end:
            time.sleep(0.05)
        assert not _runs(runner)


def test_a_name_is_taken_once(program: Program) -> None:
    arguments = ("jobs", "run-worker", "--queue", "scheduling", "--name", "only")
    with program.running(*arguments) as worker:
        runner_of(worker)
        end = time.monotonic() + LONG
        while "only" not in _listed(program) and time.monotonic() < end:
            time.sleep(0.05)
        with program.running(*arguments) as second:
            assert second.popen.wait(timeout=LONG) == 1
        assert "a worker named 'only' runs already" in second.log.read_text()


def _listed(program: Program) -> set[str]:
    with redis.Redis.from_url(program.settings["FLEXMEASURES_REDIS_URL"]) as connection:
        return {key.decode().rpartition(":")[2] for key in connection.smembers("rq:workers")}


def _runs(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False

"""A worker for `make chaos`: with a clock that jumps, and jobs whose effects can be counted."""

from __future__ import annotations

import faulthandler
import logging
import random
import signal
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, cast

from sqlalchemy import text

from fmhost.jobs.dispatch import queue_of
from fmhost.jobs.tasks import TASKS
from fmhost.model import Job
from fmhost.model.job_runs import complete
from fmhost.services.installation import Installation
from fmhost.settings import load

#: Kind of the jobs that leave one row in the table of effects.
KIND = "chaos"
QUEUE = "scheduling"

#: Each run that counts leaves a row; nothing but the jobs themselves keeps it from leaving two.
TABLE = "CREATE TABLE chaos_effect (job_id VARCHAR(36) NOT NULL, worker VARCHAR(255))"


def leave_effect(installation: Installation, job: Job) -> dict[str, Any]:
    """Take a moment, as computations do, and store one row."""
    time.sleep(random.uniform(0.0, job.arguments["longest_s"]))
    with installation.database.transaction() as session:
        session.execute(
            text("INSERT INTO chaos_effect (job_id, worker) VALUES (:job_id, :worker)"),
            {"job_id": job.id, "worker": job.worker},
        )
        time.sleep(random.uniform(0.0, job.arguments["longest_s"] / 4))  # not committed yet
        complete(session, job, {"effect": 1}, now=installation.now())
    return {}


def jumping_clock(file: Path) -> Callable[[], datetime]:
    """A clock that goes wrong by as many seconds as the file says."""

    def now() -> datetime:
        return datetime.now(UTC) + timedelta(seconds=float(file.read_text() or 0))

    return now


def main(name: str, clock: str, *queues: str) -> None:
    """Work until killed."""
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(process)d %(message)s")
    faulthandler.register(signal.SIGUSR2, all_threads=True)  # tells where it hangs
    cast(dict[str, Any], TASKS)[KIND] = leave_effect
    installation = Installation.open(load(), clock=jumping_clock(Path(clock)))
    queue_of(installation).work(queues, name)


if __name__ == "__main__":
    main(*sys.argv[1:])

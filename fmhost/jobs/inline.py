"""The embedded queue: jobs run in threads of the process that asked for them."""

from __future__ import annotations

import logging
import os
import socket
import threading
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

from sqlalchemy.exc import SQLAlchemyError

from fmhost.errors import ConfigurationError, FmhostError
from fmhost.jobs.execute import execute
from fmhost.jobs.steward import Steward
from fmhost.model import Job
from fmhost.model.job_queue import first_of

if TYPE_CHECKING:
    from fmhost.services.installation import Installation

logger = logging.getLogger("fmhost.jobs")


class InlineQueue:
    """Runs jobs in the server's own executor, one at a time: the most urgent first, then the
    oldest.

    A process that ends waits for its jobs: ``Installation.close`` is not through before they are.
    """

    def __init__(self, installation: Installation) -> None:
        self._installation = installation
        self._name = f"inline@{socket.gethostname()}:{os.getpid()}"
        self._lock = threading.Lock()
        self._waiting: set[str] = set()
        self._executor = _executor()
        self._steward: Steward | None = None
        installation.on_close(self._close)

    def enqueue(self, job_id: str, queue: str) -> None:
        """Run the job when it is its turn."""
        with self._lock:
            self._waiting.add(job_id)
            self._executor.submit(self._run_one)

    def restore(self, queue: str, job_ids: Sequence[str]) -> int:
        """Run those of these jobs that this process does not know of; others may run them, too."""
        with self._lock:
            unknown = [job_id for job_id in job_ids if job_id not in self._waiting]
        for job_id in unknown:
            self.enqueue(job_id, queue)
        return len(unknown)

    def attend(self) -> None:
        """Look after all jobs of the installation from now on, unless another process does."""
        if self._steward is None:
            self._steward = Steward(self._installation)
            self._steward.start()

    def serves(self, queue: str) -> bool:
        """Always; the process itself does."""
        return True

    def check(self) -> None:
        """Always ready."""

    def work(
        self, queues: Sequence[str], name: str, *, burst: bool = False, steward: bool = True
    ) -> None:
        """:raises ConfigurationError: always; jobs run in the server itself."""
        raise ConfigurationError(
            "This installation runs its jobs in the server itself (FMHOST_QUEUE=inline), so there "
            "is nothing for a worker to do.",
            field="FMHOST_QUEUE",
            hint="To run jobs in workers, set FLEXMEASURES_REDIS_URL to the host of a Redis.",
        )

    def _run_one(self) -> None:
        with self._lock:
            waiting = list(self._waiting)
        try:
            with self._installation.database.reading() as session:
                job_id = first_of(session, waiting)
            with self._lock:
                self._waiting -= set(waiting) if job_id is None else {job_id}
            if job_id is not None:
                execute(self._installation, job_id, self._name, on_stuck=self._abandon)
        except (FmhostError, SQLAlchemyError) as error:
            # It is still queued, or known as lost before long; either way it runs later.
            with self._lock:
                self._waiting -= set(waiting)
            logger.error("A job could not be run: %s", error)

    def _abandon(self, job: Job) -> None:
        """Leave the thread to the job that does not end, and go on in another one."""
        logger.error("Job %s does not end; its thread is left to it.", job.id)
        with self._lock:
            stuck, self._executor = self._executor, _executor()
            for _ in self._waiting:
                self._executor.submit(self._run_one)
        stuck.shutdown(wait=False, cancel_futures=True)

    def _close(self) -> None:
        if self._steward is not None:
            self._steward.stop()
        while True:
            # One thread runs all, so that what came before this is through then, and so is the
            # asking for what depends on it.
            self._executor.submit(_nothing).result()
            with self._lock:
                if not self._waiting:
                    break
        self._executor.shutdown()


def _executor() -> ThreadPoolExecutor:
    return ThreadPoolExecutor(max_workers=1, thread_name_prefix="fmhost-job")


def _nothing() -> None:
    """What is through once everything before it is."""

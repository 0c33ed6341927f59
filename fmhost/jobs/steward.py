"""One process looks after the jobs of all: none is lost, none waits for nobody, none is forgotten.

Several times a minute it

- queues the jobs anew whose worker died, or failed to give a sign of life;
- wakes the jobs whose time has come, or whose predecessor is through;
- gives the queue what it should know of: Redis may have lost it, or was not there;
- asks for the jobs of the automations that are due.

Any number of processes can do that at the same time without harm, since each step is one
conditional statement; one is elected so that they do not all do the same work.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Final

from sqlalchemy.exc import SQLAlchemyError

from fmhost.errors import FmhostError, WorkerDied
from fmhost.jobs import dispatch as dispatching
from fmhost.jobs.queues import QUEUES
from fmhost.jobs.retries import is_last, longest_pause
from fmhost.model import Job, JobState
from fmhost.model.job_queue import queued_ids, retries, wake, wake_scheduled
from fmhost.model.job_runs import end_run, fail_run, running
from fmhost.model.leadership import Leadership
from fmhost.services import alerts, automations, job_chains

if TYPE_CHECKING:
    from datetime import datetime

    from fmhost.services.installation import Installation

logger = logging.getLogger("fmhost.jobs")

#: Name of the office, for the election.
OFFICE: Final = "jobs"
#: So many jobs of a queue are compared with what the queue knows.
_COMPARED: Final = 10_000


class Steward:
    """Looks after all jobs of an installation, while it is the elected one.

    Whether a worker lives is seen from its signs of life changing, and by how long they have not
    on this process's own stopwatch: clocks that jump or differ between machines do not matter.
    """

    def __init__(
        self, installation: Installation, stopwatch: Callable[[], float] = time.monotonic
    ) -> None:
        self._installation = installation
        self._stopwatch = stopwatch
        self._office = Leadership(installation.database, OFFICE)
        self._signs: dict[str, tuple[tuple[int, datetime | None], float]] = {}
        self._retries: dict[str, float] = {}
        self._missed: set[str] = set()
        self._stopping = threading.Event()
        self._thread: threading.Thread | None = None
        self._said = ""

    def start(self) -> None:
        """Look after the jobs in a thread of its own, until :meth:`stop`."""
        self._thread = threading.Thread(target=self._serve, name="fmhost-steward", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """End the thread, and let another process be elected."""
        self._stopping.set()
        if self._thread is not None:
            self._thread.join()
        self._office.release()

    def tick(self) -> bool:
        """Do once what is to be done; False where another process is elected.

        What cannot be done now, because the database or the queue cannot be reached, is done when
        it can be.
        """
        try:
            if not self._office.hold():
                self._signs.clear()
                self._retries.clear()
                return False
            self._recover()
            self._wake()
            self._automate()
            self._restore()
            self._said = ""
        except (FmhostError, SQLAlchemyError) as error:
            if str(error) != self._said:  # not every few seconds
                logger.warning("The jobs cannot be looked after: %s", error)
            self._said = str(error)
        return True

    def _serve(self) -> None:
        interval = float(self._installation.settings["FMHOST_JOB_CHECK_INTERVAL"])
        while not self._stopping.wait(interval):
            try:
                self.tick()
            except Exception:
                logger.exception("The jobs cannot be looked after")

    def _recover(self) -> None:
        """Give the jobs of workers that do not live any more to others."""
        patience = float(self._installation.settings["FMHOST_JOB_LOST_AFTER"])
        with self._installation.database.reading() as session:
            jobs = running(session)
        now, signs = self._stopwatch(), self._signs
        self._signs = {}
        for job in jobs:
            sign = (job.attempts, job.heartbeat_at)
            before, since = signs.get(job.id, (None, now))
            self._signs[job.id] = (sign, since if before == sign else now)
            if before == sign and now - since >= patience:
                self._take_away(job)

    def _take_away(self, job: Job) -> None:
        recover(self._installation, job, f"The worker {job.worker} gave no sign of life any more.")

    def _wake(self) -> None:
        installation = self._installation
        with installation.database.transaction() as session:
            woken = [job.id for job in wake_scheduled(session, installation.now())]
            woken += [job.id for job in wake(session, self._overdue(retries(session)))]
            woken += job_chains.settle_all(installation, session)
        for job_id in woken:
            dispatching.dispatch(installation, job_id)

    def _overdue(self, waiting: Sequence[Job]) -> list[str]:
        """Jobs that have waited for their next attempt for long enough, whatever the clock says."""
        now = self._stopwatch()
        self._retries = {job.id: self._retries.get(job.id, now) for job in waiting}
        settings = self._installation.settings
        return [
            job.id
            for job in waiting
            if now - self._retries[job.id] > longest_pause(settings, job.attempts).total_seconds()
        ]

    def _automate(self) -> None:
        for job_id in automations.run_due(self._installation):
            dispatching.dispatch(self._installation, job_id)

    def _restore(self) -> None:
        """Tell the queue of jobs that wait in it, according to the database, and it does not know.

        A job that was committed a moment ago is about to be told of; so it has to be seen twice.
        """
        driver = dispatching.queue_of(self._installation)
        seen: set[str] = set()
        for queue in QUEUES:
            with self._installation.database.reading() as session:
                waiting = queued_ids(session, queue, _COMPARED)
            seen.update(waiting)
            old = [job_id for job_id in waiting if job_id in self._missed]
            if old and (count := driver.restore(queue, old)):
                logger.info("Told the queue %s again of %s jobs", queue, count)
        self._missed = seen


def recover_from(installation: Installation, worker: str, why: str) -> None:
    """Queue the jobs again that a worker was running which is known to be gone."""
    with installation.database.reading() as session:
        jobs = running(session, worker)
    for job in jobs:
        recover(installation, job, why)


def recover(installation: Installation, job: Job, why: str) -> None:
    """Queue a job again whose worker is gone; where it has been started too often, it has failed.

    Nothing happens where the run has ended meanwhile, or another one has begun.
    """
    settings, now = installation.settings, installation.now()
    error = WorkerDied(
        f"{why} The job was started {job.attempts} times.",
        hint="It may need more memory than there is. See the logs of the worker.",
    )
    with installation.database.transaction() as session:
        if is_last(settings, job.attempts):
            moved = fail_run(session, job, error, now=now)
        else:
            moved = end_run(session, job, state=JobState.QUEUED.value, worker=None)
    if moved is None:
        return
    logger.warning("Job %s is taken from its worker. %s", job.id, why)
    if moved.state == JobState.QUEUED:
        dispatching.dispatch(installation, job.id)
    else:
        installation.host.hooks.call("fmhost_job_failed", job=moved, error=error)
        alerts.job_failed(installation, moved, error)

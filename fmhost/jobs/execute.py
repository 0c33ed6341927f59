"""Run one job, whoever asks for it, and write down how it ended."""

from __future__ import annotations

import logging
import os
import time
from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Any, Final, TypeVar

from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from fmhost.errors import DatabaseNotReady, FmhostError, JobLost, JobTimeout
from fmhost.jobs.dispatch import dispatch
from fmhost.jobs.retries import is_last, may_pass, pause
from fmhost.jobs.supervision import Interrupted, Reason, Supervision
from fmhost.jobs.tasks import FOLLOW_UPS, TASKS
from fmhost.model import Job, JobState
from fmhost.model import job as job_rows
from fmhost.model.job_runs import claim_next, end_run, fail_run, give_back, retry_later
from fmhost.services import alerts, job_chains
from fmhost.telemetry.context import working_on
from fmhost.telemetry.figures import JOB_SECONDS, JOBS_ENDED
from fmhost.telemetry.traces import span

if TYPE_CHECKING:
    from fmhost.services.installation import Installation

logger = logging.getLogger("fmhost.jobs")

_Result = TypeVar("_Result")

#: Exit code of a worker that had to leave because its job could not be ended.
STUCK: Final = 70


def leave(_job: Job) -> None:
    """End this process at once: its main thread is stuck in a job."""
    os._exit(STUCK)


def execute(
    installation: Installation,
    job_id: str,
    worker: str,
    *,
    on_stuck: Callable[[Job], None] = leave,
) -> bool:
    """Claim the job and run it to its end.

    Whatever the task raises is written to the job's row and never raised here, so that one job
    cannot take its worker down.

    :param worker: name of the worker, for the job's row.
    :param on_stuck: called, in another thread, where the job does not end although it has to.
    :return: False where the job was not there to be claimed: gone, cancelled, or another
        worker was faster.
    :raises DatabaseNotReady: where the database cannot be reached.
    """
    with installation.database.transaction() as session:
        job = job_rows.claim(session, job_id, worker, now=installation.now())
    return _run_noted(installation, job, on_stuck)


def execute_next(
    installation: Installation,
    queue: str,
    worker: str,
    *,
    on_stuck: Callable[[Job], None] = leave,
) -> bool:
    """Claim the job of a queue that is first in line, and run it: as :func:`execute` does."""
    with installation.database.transaction() as session:
        job = claim_next(session, queue, worker, now=installation.now())
    return _run_noted(installation, job, on_stuck)


def time_limit(installation: Installation, queue: str) -> int:
    """How long a job of the queue may run [s]."""
    settings = installation.settings
    limit: int = settings["FLEXMEASURES_JOB_TIMEOUT"].get(
        queue, settings["FLEXMEASURES_DEFAULT_JOB_TIMEOUT"]
    )
    return limit


def _run_noted(
    installation: Installation, job: Job | None, on_stuck: Callable[[Job], None]
) -> bool:
    """Run the job, and have all that is logged meanwhile say which one it is."""
    if job is None:
        return False
    about = {"job_id": job.id, "kind": job.kind, "queue": job.queue, "attempt": job.attempts}
    with working_on(**about, user_id=job.requester_user_id):
        began = time.perf_counter()
        with span(f"job {job.kind}", job_id=job.id, queue=job.queue, attempt=job.attempts):
            outcome = _run(installation, job, on_stuck)
        elapsed = time.perf_counter() - began
        JOBS_ENDED.add(1, job.kind, outcome)
        JOB_SECONDS.observe(elapsed, job.kind)
        told = {"duration_ms": round(elapsed * 1000, 1), "outcome": outcome}
        logger.info(
            *("%s job %s: %s after %.1f ms", job.kind, job.id, outcome, elapsed * 1000),
            extra={"facts": told},
        )
    return True


def _run(installation: Installation, job: Job, on_stuck: Callable[[Job], None]) -> str:
    """Run the job to its end; what became of it."""
    logger.info("Running %s job %s", job.kind, job.id)
    limit = time_limit(installation, job.queue)

    def give_up(reason: Reason) -> None:
        if reason is Reason.TIMED_OUT:
            _fail(installation, job, _too_long(limit))
        on_stuck(job)

    supervision = Supervision(installation, job, limit=limit, on_stuck=give_up)
    try:
        result = dict(supervision.run(lambda: TASKS[job.kind](installation, job)))
    except Exception as error:
        # Drivers of databases may turn an interruption into an error of their own.
        if supervision.reason is Reason.TIMED_OUT:
            return _fail(installation, job, _too_long(limit))
        if supervision.reason is Reason.TAKEN_AWAY or isinstance(error, JobLost):
            logger.warning("What job %s brought is not taken: %s", job.id, error)
            return "lost"
        return _try_again(installation, job, error)
    except Interrupted:
        if supervision.reason is Reason.TIMED_OUT:
            return _fail(installation, job, _too_long(limit))
        return "lost"
    except BaseException:
        _persist(installation, partial(give_back, job=job))  # the worker has to go at once
        raise
    _finish(installation, job, result)
    return "finished"


def _finish(installation: Installation, job: Job, result: dict[str, Any]) -> None:
    """Note the end of the job, unless its task has done that together with what it stored."""

    def end(session: Session) -> list[str]:
        finished, now = JobState.FINISHED.value, installation.now()
        end_run(session, job, state=finished, result=result, ended_at=now)
        return job_chains.settle(installation, session, job.id)

    woken = _persist(installation, end)
    for job_id in woken:
        dispatch(installation, job_id)


def _try_again(installation: Installation, job: Job, error: Exception) -> str:
    """Have the job run again later, where that may help; else record why it failed."""
    if not may_pass(error) or is_last(installation.settings, job.attempts):
        return _fail(installation, job, error)
    now = installation.now()
    at = now + pause(installation.settings, job.attempts)
    logger.warning("Job %s failed and will be run again: %s", job.id, error)
    _persist(installation, partial(retry_later, job=job, error=error, at=at, now=now))
    return "retried"


def _fail(installation: Installation, job: Job, error: Exception) -> str:
    if isinstance(error, FmhostError):
        logger.warning("Job %s failed: %s", job.id, error)
    else:
        logger.error("Job %s failed", job.id, exc_info=error)
    follower = _follower(installation, job, error)
    _persist(installation, partial(fail_run, job=job, error=error, now=installation.now()))
    installation.host.hooks.call("fmhost_job_failed", job=job, error=error)
    alerts.job_failed(installation, job, error)
    if follower is not None:
        dispatch(installation, follower)
    _tell_dependents(installation, job)
    return "failed"


def _follower(installation: Installation, job: Job, error: Exception) -> str | None:
    """Id of a job that takes over from the one that fails, if any.

    It is asked for first, so that nobody sees the failed job without it.
    """
    if job.kind not in FOLLOW_UPS:
        return None
    try:
        return FOLLOW_UPS[job.kind](installation, job, error)
    except Exception:
        logger.exception("No job can take over from job %s", job.id)
        return None


def _tell_dependents(installation: Installation, job: Job) -> None:
    """Have the jobs run that waited for this one, or fail with it."""
    settle = partial(job_chains.settle, installation, job_id=job.id)
    for woken in _persist(installation, settle):
        dispatch(installation, woken)


def _persist(installation: Installation, write: Callable[[Session], _Result]) -> _Result:
    """What `write` returns, in a transaction; tried again for a while where it cannot be reached.

    :raises DatabaseNotReady: where it stays so; the job is found by those who look for lost ones.
    """
    given_up = time.monotonic() + float(installation.settings["FMHOST_JOB_LOST_AFTER"])
    waiting = 0.1
    while True:
        try:
            with installation.database.transaction() as session:
                return write(session)
        except (DatabaseNotReady, SQLAlchemyError):
            if time.monotonic() >= given_up:
                raise
        time.sleep(waiting)
        waiting = min(2 * waiting, 2.0)


def _too_long(limit: int) -> JobTimeout:
    return JobTimeout(
        f"The job ran longer than the {limit} seconds that it may.",
        hint="Ask for less at a time, or raise FLEXMEASURES_JOB_TIMEOUT for its queue.",
    )

"""Run one job, whoever asks for it, and write down how it ended."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from fmhost.errors import FmhostError, QueueNotReady
from fmhost.jobs.dispatch import dispatch
from fmhost.jobs.tasks import FOLLOW_UPS, TASKS
from fmhost.model import job as job_rows

if TYPE_CHECKING:
    from fmhost.services.installation import Installation

logger = logging.getLogger("fmhost.jobs")


def execute(installation: Installation, job_id: str, worker: str) -> bool:
    """Claim the job and run it to its end.

    Whatever the task raises is written to the job's row and never raised here, so that one job
    cannot take its worker down.

    :param worker: name of the worker, for the job's row.
    :return: False where the job was not there to be claimed: gone, cancelled, or another
        worker was faster.
    """
    with installation.database.transaction() as session:
        job = job_rows.claim(session, job_id, worker, now=installation.now())
        if job is None:
            return False
        session.expunge(job)
    logger.info("Running %s job %s", job.kind, job.id)
    try:
        result = dict(TASKS[job.kind](installation, job))
    except Exception as error:
        follower = _follower(installation, job, error)
        _record_failure(installation, job_id, error)
        installation.host.hooks.call("fmhost_job_failed", job=job, error=error)
        if follower is not None:
            _start(installation, follower)
        return True
    with installation.database.transaction() as session:
        job_rows.finish(session, job_id, result, now=installation.now())
    logger.info("Finished %s job %s", job.kind, job.id)
    return True


def _follower(installation: Installation, job: job_rows.Job, error: Exception) -> str | None:
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


def _start(installation: Installation, job_id: str) -> None:
    try:
        dispatch(installation, job_id)
    except QueueNotReady as error:
        logger.warning("%s", error)


def _record_failure(installation: Installation, job_id: str, error: Exception) -> None:
    if isinstance(error, FmhostError):
        logger.warning("Job %s failed: %s", job_id, error)
    else:
        logger.exception("Job %s failed", job_id)
    with installation.database.transaction() as session:
        job_rows.fail(session, job_id, error, now=installation.now())

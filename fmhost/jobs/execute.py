"""Run one job, whoever asks for it, and write down how it ended."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from fmhost.errors import FmhostError
from fmhost.jobs.tasks import TASKS
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
        _record_failure(installation, job_id, error)
        installation.host.hooks.call("fmhost_job_failed", job=job, error=error)
        return True
    with installation.database.transaction() as session:
        job_rows.finish(session, job_id, result, now=installation.now())
    logger.info("Finished %s job %s", job.kind, job.id)
    return True


def _record_failure(installation: Installation, job_id: str, error: Exception) -> None:
    if isinstance(error, FmhostError):
        logger.warning("Job %s failed: %s", job_id, error)
    else:
        logger.exception("Job %s failed", job_id)
    with installation.database.transaction() as session:
        job_rows.fail(session, job_id, error, now=installation.now())

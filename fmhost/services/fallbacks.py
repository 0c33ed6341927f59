"""Schedules that stand in for those that are impossible."""

from __future__ import annotations

from dataclasses import replace

from sqlalchemy.orm import Session

from fmhost.errors import InfeasibleProblem
from fmhost.model import Asset, Job, Sensor, User
from fmhost.model.job import request_job
from fmhost.services.installation import Installation
from fmhost.services.reading import StoreReader
from fmhost.services.schedule_requests import Request
from fmhost.services.selection import by_name, choose
from fmhost.services.sequences import turns_of

#: Under which key of its `meta` a job has the id of the one that takes over where it failed.
META = "fallback_job_id"


def wanted(installation: Installation) -> bool:
    """Whether the host wants fallbacks: computed for their own sake, or to redirect clients to."""
    settings = installation.settings
    return bool(settings["FMHOST_FALLBACK_SCHEDULES"] or settings["FLEXMEASURES_FALLBACK_REDIRECT"])


def request_fallback(installation: Installation, job: Job, error: Exception) -> str | None:
    """Ask for the schedule that stands in for one that is impossible.

    It is that of the scheduler's ``fallback_scheduler_class``. The failed job remembers the id.

    :param error: why the job failed.
    :return: id of the new job, which the caller dispatches; None where there is none.
    """
    if not isinstance(error, InfeasibleProblem) or not wanted(installation):
        return None
    with installation.database.transaction() as session:
        failed = session.get(Job, job.id)
        target = None if failed is None else failed.sensor or failed.asset
        if failed is None or target is None:
            return None
        if META in failed.meta:  # asked for by an earlier run, which its worker did not survive
            return str(failed.meta[META])
        request = Request.from_arguments(failed.arguments)
        name = _scheduler(installation, session, failed, target, request)
        if name is None:
            return None
        choice = by_name(installation, "scheduler", name)
        made = request_job(
            session,
            kind=failed.kind,
            queue=failed.queue,
            arguments={
                **failed.arguments,
                **replace(request, scheduler=name).as_arguments(),
                "fallback_for": failed.id,
            },
            requester_user_id=failed.requester_user_id,
            sensor_id=failed.sensor_id,
            asset_id=failed.asset_id,
            parent_id=failed.id,
            priority=failed.priority,
            provenance=choice.provenance.as_dict(),
            now=installation.now(),
        )
        failed.meta = {**failed.meta, META: made.id}
        return made.id


def _scheduler(
    installation: Installation,
    session: Session,
    job: Job,
    target: Sensor | Asset,
    request: Request,
) -> str | None:
    """Name of the scheduler that stands in for the one that failed."""
    if request.scheduler is not None:
        choice = by_name(installation, "scheduler", request.scheduler)
    else:
        requester = session.get(User, job.requester_user_id) if job.requester_user_id else None
        reader = StoreReader(session, requester, request.prior or job.created_at)
        choice = choose(installation, "scheduler", turns_of(reader, target, request)[0].target)
    found: type | str | None = getattr(choice.driver, "fallback_scheduler_class", None)
    return found.__name__ if isinstance(found, type) else found

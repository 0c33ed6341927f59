"""Lists of jobs of all queues, for those who look after them."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import String, cast, func, select
from sqlalchemy.orm import Session, joinedload

from fmhost.model import Asset, Job, JobProgress, Sensor
from fmhost.services.listing import Listing, Page, fetch


def list_jobs(
    session: Session,
    listing: Listing,
    *,
    queue: str | None = None,
    states: Sequence[str] = (),
) -> Page[Job]:
    """Jobs with what they are about; search terms occur in kind, worker or the name of that.

    :param queue: only jobs of this queue.
    :param states: only jobs in one of these states; empty for any.
    """
    query = select(Job).outerjoin(Job.sensor).outerjoin(Job.asset)
    if queue is not None:
        query = query.where(Job.queue == queue)
    if states:
        query = query.where(Job.state.in_(states))
    return fetch(
        session,
        query,
        listing,
        id=Job.id,
        searched=(
            Job.kind,
            cast(Job.id, String),
            func.coalesce(Job.worker, ""),
            func.coalesce(Sensor.name, ""),
            func.coalesce(Asset.name, ""),
        ),
        order={
            "created": Job.created_at,
            "kind": Job.kind,
            "queue": Job.queue,
            "state": Job.state,
        },
        options=(joinedload(Job.sensor), joinedload(Job.asset), joinedload(Job.requester)),
        by_id=False,
    )


def progress_of(session: Session, jobs: Sequence[Job]) -> dict[str, JobProgress]:
    """How far each of these jobs has come, by id, where it told that."""
    query = select(JobProgress).where(JobProgress.job_id.in_([job.id for job in jobs]))
    return {each.job_id: each for each in session.scalars(query)}

"""How the jobs of an installation stand, in figures for whoever watches it."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import case, func, select
from sqlalchemy.orm import Session

from fmhost.model import Job, JobState


def oldest_waiting(session: Session, now: datetime) -> dict[str, float]:
    """For how long the job has waited that waits longest, by queue [s].

    A job that was asked for in advance, or runs again, waits from its time on.
    """
    scheduled = Job.scheduled_for > Job.created_at
    since = func.min(case((scheduled, Job.scheduled_for), else_=Job.created_at))
    query = (
        select(Job.queue, since.label("since"))
        .where(Job.state == JobState.QUEUED.value)
        .group_by(Job.queue)
    )
    found = session.execute(query).all()
    return {queue: max(0.0, (now - begin).total_seconds()) for queue, begin in found}

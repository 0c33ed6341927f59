"""What queues and hosts do with job rows besides running them: wake, list, count, take back."""

from __future__ import annotations

from collections.abc import Collection
from datetime import UTC, datetime

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from fmhost.model.job import Job, JobState, move


def waiting(session: Session, queues: Collection[str], limit: int = 100) -> list[Job]:
    """Queued jobs of these queues: highest priority first, then the oldest."""
    query = (
        select(Job)
        .where(Job.state == JobState.QUEUED.value, Job.queue.in_(queues))
        .order_by(Job.priority.desc(), Job.created_at, Job.id)
        .limit(limit)
    )
    return list(session.scalars(query))


def wake_scheduled(session: Session, now: datetime) -> list[Job]:
    """Queue the scheduled jobs whose time has come; returns them."""
    return _queue_where(session, Job.state == JobState.SCHEDULED.value, Job.scheduled_for <= now)


def retries(session: Session) -> list[Job]:
    """Jobs that failed for a reason that may pass, and wait for their next attempt."""
    waiting = select(Job).where(Job.state == JobState.SCHEDULED.value, Job.attempts > 0)
    return list(session.scalars(waiting))


def wake(session: Session, job_ids: Collection[str]) -> list[Job]:
    """Queue these jobs, whatever time they wait for; returns those that were waiting."""
    if not job_ids:
        return []
    return _queue_where(session, Job.state == JobState.SCHEDULED.value, Job.id.in_(job_ids))


def wake_dependents(session: Session, job_id: str) -> list[Job]:
    """Queue the deferred jobs that waited for the job `job_id`, now finished; returns them."""
    return _queue_where(session, Job.state == JobState.DEFERRED.value, Job.depends_on_id == job_id)


def _queue_where(session: Session, *conditions: object) -> list[Job]:
    statement = (
        update(Job)
        .where(*conditions)  # type: ignore[arg-type]
        .values(state=JobState.QUEUED.value)
        .returning(Job)
        .execution_options(synchronize_session=False, populate_existing=True)
    )
    return sorted(session.scalars(statement), key=lambda job: (-job.priority, job.created_at))


def cancel(session: Session, job_id: str, *, now: datetime | None = None) -> Job | None:
    """Take back a job that has not started; None where it has."""
    for state in (JobState.QUEUED, JobState.SCHEDULED, JobState.DEFERRED):
        moved = move(
            session,
            job_id,
            out_of=state,
            state=JobState.CANCELED.value,
            ended_at=now or datetime.now(UTC),
        )
        if moved is not None:
            return moved
    return None


def stop(session: Session, job_id: str, *, now: datetime | None = None) -> Job | None:
    """Mark a running job as interrupted; None where it does not run. Its result is not taken."""
    return move(
        session,
        job_id,
        out_of=JobState.STARTED,
        state=JobState.STOPPED.value,
        ended_at=now or datetime.now(UTC),
    )


def requeue(session: Session, job_id: str) -> Job | None:
    """Queue a job again that failed, was stopped or was taken back; None for any other job."""
    for state in (JobState.FAILED, JobState.STOPPED, JobState.CANCELED):
        moved = move(
            session,
            job_id,
            out_of=state,
            state=JobState.QUEUED.value,
            worker=None,
            started_at=None,
            ended_at=None,
            error=None,
        )
        if moved is not None:
            return moved
    return None


def count_by_state(session: Session) -> dict[tuple[str, str], int]:
    """Number of jobs by queue and state."""
    query = select(Job.queue, Job.state, func.count()).group_by(Job.queue, Job.state)
    return {(queue, state): count for queue, state, count in session.execute(query)}


def first_of(session: Session, job_ids: Collection[str]) -> str | None:
    """The one of these jobs that is first in line; None where none of them is queued."""
    query = (
        select(Job.id)
        .where(Job.id.in_(job_ids), Job.state == JobState.QUEUED.value)
        .order_by(Job.priority.desc(), Job.created_at, Job.id)
        .limit(1)
    )
    return session.scalars(query).one_or_none()


def queued_ids(session: Session, queue: str, limit: int) -> list[str]:
    """Ids of the queued jobs of a queue, in their order."""
    query = (
        select(Job.id)
        .where(Job.queue == queue, Job.state == JobState.QUEUED.value)
        .order_by(Job.priority.desc(), Job.created_at)
        .limit(limit)
    )
    return list(session.scalars(query))

"""One run of a job: it begins with a claim and ends once, whoever else believes to run it too.

The number of the attempt is the fence. A worker that was thought to be dead, and whose job another
one has got meanwhile, changes nothing any more: what a task stores is committed together with the
end of its own attempt, or not at all.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from fmhost.errors import JobLost
from fmhost.model.job import Job, JobState, describe_error


def claim_next(session: Session, queue: str, worker: str, *, now: datetime) -> Job | None:
    """Start the queued job of `queue` that is first in line, for `worker`; None where none waits.

    The highest priority comes first, then the oldest. Workers do not wait for each other.
    """
    waiting = (Job.queue == queue, Job.state == JobState.QUEUED.value)
    # The highest priority is looked up by itself: with it, the index tells who is first.
    highest = select(func.max(Job.priority)).where(*waiting).scalar_subquery()
    first = select(Job.id).where(*waiting).order_by(Job.created_at).limit(1)
    job = _start(session, first.where(Job.priority == highest), worker, now)
    if job is None and session.get_bind().dialect.name == "postgresql":
        # All of the highest priority are being claimed by others, which leaves the lower ones.
        any_other = select(Job.id).where(*waiting).limit(1)
        job = _start(session, any_other.order_by(Job.priority.desc()), worker, now)
    return job


def _start(session: Session, candidate: Any, worker: str, now: datetime) -> Job | None:
    chosen = candidate.with_for_update(skip_locked=True).scalar_subquery()
    statement = (
        update(Job)
        .where(Job.id == chosen, Job.state == JobState.QUEUED.value)
        .values(
            state=JobState.STARTED.value,
            worker=worker,
            attempts=Job.attempts + 1,
            started_at=now,
            heartbeat_at=now,
            ended_at=None,
            error=None,
        )
    )
    return _returned(session, statement)


def complete(session: Session, job: Job, result: Any, *, now: datetime) -> None:
    """End the job well, in the transaction that stores what came of it.

    :param job: as it was claimed; the number of its attempt is that of the run.
    :param result: a JSON value.
    :raises JobLost: where this run does not count any more; the caller's transaction must not.
    """
    values = {"state": JobState.FINISHED.value, "result": result, "ended_at": now}
    if end_run(session, job, **values) is None:
        raise JobLost(f"Job {job.id} was stopped, or given to another worker.")


def hold(session: Session, job: Job) -> None:
    """See that this run of the job still counts, until the end of the caller's transaction.

    To be called last: nobody can tell of a sign of life meanwhile.

    :raises JobLost: where it does not.
    """
    query = select(Job.id).where(*_run_of(job)).with_for_update()
    if session.scalars(query).one_or_none() is None:
        raise JobLost(f"Job {job.id} was stopped, or given to another worker.")


def end_run(session: Session, job: Job, **values: Any) -> Job | None:
    """Set `values`, a new state among them, provided that this run still counts; else None."""
    return _returned(session, update(Job).where(*_run_of(job)).values(**values))


def fail_run(session: Session, job: Job, error: BaseException, *, now: datetime) -> Job | None:
    """Record why this run failed, and with it the job; None where it does not count any more."""
    return end_run(
        session, job, state=JobState.FAILED.value, error=describe_error(error), ended_at=now
    )


def retry_later(
    session: Session, job: Job, error: BaseException, *, at: datetime, now: datetime
) -> Job | None:
    """Have the job run again at `at`; why this run failed stays on record until then."""
    return end_run(
        session,
        job,
        state=JobState.SCHEDULED.value,
        scheduled_for=at,
        error=describe_error(error),
        ended_at=None,
        worker=None,
    )


def give_back(session: Session, job: Job) -> Job | None:
    """Queue the job again at once: its worker has to go."""
    return end_run(
        session,
        job,
        state=JobState.QUEUED.value,
        started_at=None,
        heartbeat_at=None,
        worker=None,
    )


def beat(session: Session, job: Job, *, now: datetime) -> bool:
    """Tell that this run goes on; False where it does not count any more."""
    return end_run(session, job, heartbeat_at=now) is not None


def is_complete(session: Session, job: Job) -> bool:
    """Whether this run has ended the job well."""
    ended = Job.id == job.id, Job.state == JobState.FINISHED.value, Job.attempts == job.attempts
    return session.scalars(select(Job.id).where(*ended)).one_or_none() is not None


def running(session: Session, worker: str | None = None) -> Sequence[Job]:
    """All jobs that were started and have not ended; or those of one worker."""
    query = select(Job).where(Job.state == JobState.STARTED.value)
    if worker is not None:
        query = query.where(Job.worker == worker)
    return session.scalars(query).all()


def _run_of(job: Job) -> tuple[Any, ...]:
    return (
        Job.id == job.id,
        Job.state == JobState.STARTED.value,
        Job.attempts == job.attempts,
    )


def _returned(session: Session, statement: Any) -> Job | None:
    options = {"synchronize_session": False, "populate_existing": True}
    job: Job | None = session.scalars(
        statement.returning(Job).execution_options(**options)
    ).one_or_none()
    return job

"""What people do with jobs: take back, stop, queue again, delete, list, count."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from fmhost.errors import InvalidInput, NotFound
from fmhost.model import Job, JobProgress, JobState
from fmhost.model.job import move
from fmhost.model.job_queue import cancel, requeue, stop, wake
from fmhost.services import job_chains, job_states
from fmhost.services.installation import Installation


def get_job(session: Session, job_id: str) -> Job:
    """The job with that id.

    :raises NotFound: where there is none.
    """
    job = session.get(Job, job_id)
    if job is None:
        raise NotFound(f"There is no job {job_id}.", field="job")
    return job


def take_back(installation: Installation, session: Session, job_id: str) -> Job:
    """Cancel a job that waits, or stop one that runs; those that wait for it fail.

    A running job ends within seconds, and what it brings is not taken. The caller commits.

    :raises InvalidInput: where it has ended.
    """
    now = installation.now()
    taken = cancel(session, job_id, now=now) or stop(session, job_id, now=now)
    if taken is None:
        job = get_job(session, job_id)
        raise InvalidInput(f"Job {job_id} has ended: it is {job.state}.", field="job")
    job_chains.settle(installation, session, job_id)
    return taken


def queue_again(session: Session, job_id: str) -> Job:
    """Queue a job that failed, was stopped or was taken back; or, now, one that waits for its time.

    Those that failed because of it wait for it again. The caller commits, and then dispatches it.

    :raises InvalidInput: where it waits already, runs, or has ended well.
    """
    again = requeue(session, job_id) or next(iter(wake(session, [job_id])), None)
    if again is None:
        job = get_job(session, job_id)
        raise InvalidInput(
            f"Job {job_id} is {job.state}, so that it cannot be queued again.", field="job"
        )
    job_chains.defer_again(session, job_id)
    return again


def failed_jobs(session: Session, queue: str) -> list[str]:
    """Ids of the jobs of a queue that failed, the oldest first."""
    query = select(Job.id).where(Job.queue == queue, Job.state == JobState.FAILED.value)
    return list(session.scalars(query.order_by(Job.created_at)))


def queue_failed_again(session: Session, queue: str, *, at_most: int | None = None) -> list[str]:
    """Queue the jobs of a queue that failed, the oldest first; ids of those that wait there then.

    One that failed because of another one waits for that again, and is not among them. The caller
    commits, and then dispatches them.

    :param at_most: of so many that failed; None for all.
    """
    again = []
    for job_id in failed_jobs(session, queue)[:at_most]:
        queued = requeue(session, job_id)
        if queued is not None:
            job_chains.defer_again(session, job_id)
            again.append(queued.id)
    return again


def delete_jobs(session: Session, queue: str) -> tuple[int, int]:
    """Delete all jobs of a queue, with their results' records, but for those that run.

    :return: how many were deleted, and how many run.
    """
    of_queue = Job.queue == queue
    running = session.scalar(
        select(func.count()).where(of_queue, Job.state == JobState.STARTED.value)
    )
    result: Any = session.execute(
        delete(Job)
        .where(of_queue, Job.state != JobState.STARTED.value)
        .execution_options(synchronize_session=False)
    )
    return int(result.rowcount), int(running or 0)


def last_jobs(
    session: Session,
    *,
    number: int,
    queue: str,
    state: JobState,
    asset_id: int | None = None,
    sensor_id: int | None = None,
) -> Sequence[Job]:
    """The newest jobs of a queue in a state; of an asset or sensor, where one is given."""
    query = select(Job).where(Job.queue == queue, Job.state == state.value)
    if asset_id is not None:
        query = query.where(Job.asset_id == asset_id)
    if sensor_id is not None:
        query = query.where(Job.sensor_id == sensor_id)
    query = query.order_by(func.coalesce(Job.ended_at, Job.created_at).desc(), Job.id)
    return session.scalars(query.limit(number)).all()


def describe(session: Session, job: Job) -> dict[str, Any]:
    """All that is known about a job, as JSON with moments."""
    progress = session.get(JobProgress, job.id)
    columns = {column.key: getattr(job, column.key) for column in Job.__table__.columns}
    return {
        **{name: value for name, value in columns.items() if name != "arguments_hash"},
        "description": job_states.describe(session, job),
        "progress": None if progress is None else progress.fraction,
        "progress_note": None if progress is None else progress.note,
    }


@dataclass(frozen=True, slots=True)
class QueueStatistics:
    """What happened in a queue within a window of time.

    :param requested: jobs that were asked for; `finished` and `failed`, those that ended so.
    :param waited: mean time between request and start of those that ended, `ran` between start and
        end; None where none ended.
    :param longest: the longest run.
    :param oldest: age of the oldest job that is queued now; None where none is.
    """

    queue: str
    requested: int
    finished: int
    failed: int
    waited: timedelta | None
    ran: timedelta | None
    longest: timedelta | None
    oldest: timedelta | None


def statistics(
    installation: Installation, session: Session, queue: str, window: timedelta
) -> QueueStatistics:
    """What happened in a queue in the last while."""
    now = installation.now()
    since = now - window
    of_queue = Job.queue == queue
    requested = session.scalar(select(func.count()).where(of_queue, Job.created_at >= since))
    ended = session.execute(
        select(Job.state, Job.created_at, Job.started_at, Job.ended_at).where(
            of_queue,
            Job.ended_at >= since,
            Job.state.in_((JobState.FINISHED.value, JobState.FAILED.value)),
        )
    ).all()
    ran = [end - start for _, _, start, end in ended if start is not None and end is not None]
    waited = [start - created for _, created, start, _ in ended if start is not None]
    oldest: datetime | None = session.scalar(
        select(func.min(Job.created_at)).where(of_queue, Job.state == JobState.QUEUED.value)
    )
    return QueueStatistics(
        queue=queue,
        requested=requested or 0,
        finished=sum(row[0] == JobState.FINISHED for row in ended),
        failed=sum(row[0] == JobState.FAILED for row in ended),
        waited=_mean(waited),
        ran=_mean(ran),
        longest=max(ran, default=None),
        oldest=None if oldest is None else now - oldest,
    )


def run_here(session: Session, job_id: str) -> None:
    """Have a job wait in its queue, whatever it waited for or how it ended, to be run at once.

    :raises InvalidInput: where it runs, or has ended well.
    """
    job = get_job(session, job_id)
    if job.state == JobState.DEFERRED:
        move(session, job_id, out_of=JobState.DEFERRED, state=JobState.QUEUED.value)
    elif job.state != JobState.QUEUED:
        queue_again(session, job_id)


def _mean(spans: Sequence[timedelta]) -> timedelta | None:
    return sum(spans, timedelta(0)) / len(spans) if spans else None

"""Jobs that wait for other jobs: woken when those are through, failed when those fail."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import or_, select, update
from sqlalchemy.orm import Session, aliased

from fmhost.errors import DependencyFailed
from fmhost.model import Job, JobState
from fmhost.model.job import describe_error
from fmhost.model.job_queue import wake_dependents
from fmhost.services.installation import Installation

_ENDED_BADLY = (JobState.FAILED.value, JobState.STOPPED.value, JobState.CANCELED.value)


def settle(installation: Installation, session: Session, job_id: str) -> list[str]:
    """Tell the jobs that wait for this one how it ended; those of failed ones fail, all the way.

    :return: ids of the jobs that can run now; the caller commits, and then dispatches them.
    """
    state = session.scalar(select(Job.state).where(Job.id == job_id))
    if state == JobState.FINISHED:
        return [job.id for job in wake_dependents(session, job_id)]
    if state in _ENDED_BADLY:
        _fail_dependents(installation, session, [job_id])
    return []


def settle_all(installation: Installation, session: Session) -> list[str]:
    """The same for all jobs whose end nobody has told of: the worker died in between."""
    first = aliased(Job)
    query = (
        select(Job.id, Job.depends_on_id, first.state)
        .join_from(Job, first, Job.depends_on_id == first.id, isouter=True)
        .where(
            Job.state == JobState.DEFERRED.value,
            or_(
                Job.depends_on_id.is_(None),
                first.state.in_((JobState.FINISHED.value, *_ENDED_BADLY)),
            ),
        )
    )
    woken: list[str] = []
    for job_id, before, state in session.execute(query).all():
        if before is None:
            _fail(installation, session, [job_id], "The job that it waited for has been deleted.")
        elif state == JobState.FINISHED:
            woken += [job.id for job in wake_dependents(session, before)]
        else:
            _fail_dependents(installation, session, [before])
    return woken


def defer_again(session: Session, job_id: str) -> None:
    """Have jobs that failed because of this one, which is to run again, wait for it again."""
    pending: Sequence[str] = [job_id]
    while pending:
        failed = select(Job.id, Job.error).where(
            Job.depends_on_id.in_(pending), Job.state == JobState.FAILED.value
        )
        pending = [
            each
            for each, error in session.execute(failed).all()
            if (error or {}).get("type") == DependencyFailed.__name__
        ]
        session.execute(
            update(Job)
            .where(Job.id.in_(pending), Job.state == JobState.FAILED.value)
            .values(state=JobState.DEFERRED.value, error=None, ended_at=None)
            .execution_options(synchronize_session=False)
        )


def _fail_dependents(installation: Installation, session: Session, ended: Sequence[str]) -> None:
    while ended:
        waiting = select(Job.id).where(
            Job.depends_on_id.in_(ended), Job.state == JobState.DEFERRED.value
        )
        found = list(session.scalars(waiting))
        _fail(
            installation,
            session,
            found,
            f"The job that it waited for did not end well: {', '.join(ended)}.",
        )
        ended = found


def _fail(
    installation: Installation, session: Session, job_ids: Sequence[str], message: str
) -> None:
    error = describe_error(
        DependencyFailed(message, hint="Queue that one again: this one then waits for it again.")
    )
    session.execute(
        update(Job)
        .where(Job.id.in_(job_ids), Job.state == JobState.DEFERRED.value)
        .values(state=JobState.FAILED.value, error=error, ended_at=installation.now())
        .execution_options(synchronize_session=False)
    )

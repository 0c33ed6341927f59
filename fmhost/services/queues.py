"""What waits in the job queues, and how to clear it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from fmhost.model import Job, JobState
from fmhost.model.job import move
from fmhost.model.job_queue import count_by_state
from fmhost.services.installation import Installation

#: Jobs in these states still wait to be run.
WAITING = (JobState.QUEUED, JobState.DEFERRED, JobState.SCHEDULED)


@dataclass(frozen=True, slots=True)
class QueueSize:
    """Number of jobs of one queue by state."""

    name: str
    jobs: dict[JobState, int]

    def count(self, *states: JobState) -> int:
        """The number of jobs in any of these states."""
        return sum(self.jobs.get(state, 0) for state in states)


def sizes(session: Session, queues: Sequence[str]) -> list[QueueSize]:
    """How many jobs each of these queues has, by state."""
    counts = count_by_state(session)
    return [
        QueueSize(
            name,
            {JobState(state): count for (queue, state), count in counts.items() if queue == name},
        )
        for name in queues
    ]


def clear(
    installation: Installation, session: Session, queue: str, states: Sequence[JobState]
) -> int:
    """Take the jobs of a queue that are in one of these states out of it.

    Their rows stay, as ``canceled``; a worker that meets one of them leaves it alone.

    :return: the number of jobs taken out.
    """
    values = tuple(state.value for state in states)
    query = select(Job.id, Job.state).where(Job.queue == queue, Job.state.in_(values))
    return sum(
        move(
            session,
            job_id,
            out_of=JobState(state),
            state=JobState.CANCELED.value,
            ended_at=installation.now(),
        )
        is not None
        for job_id, state in session.execute(query).all()
    )

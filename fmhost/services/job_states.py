"""What the state of a job means, in words."""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy.orm import Session

from fmhost.model import Job, JobState

#: States in which a job may still come to its end.
PENDING = frozenset({JobState.QUEUED, JobState.SCHEDULED, JobState.STARTED, JobState.DEFERRED})

#: What kinds of jobs do.
_WORK: Mapping[str, str] = {
    "schedule": "Scheduling",
    "forecast": "Forecasting",
    "rolling-forecast": "Forecasting",
    "forecast-evaluation": "Evaluation",
    "report": "Reporting",
}

_TEXTS: Mapping[str, str] = {
    JobState.QUEUED: "waiting to be processed.",
    JobState.SCHEDULED: "waiting to be processed.",
    JobState.STARTED: "in progress.",
    JobState.FINISHED: "finished.",
}


def is_pending(job: Job) -> bool:
    """Whether the job may still come to its end."""
    return job.state in PENDING


def describe(session: Session, job: Job) -> str:
    """Where the job stands, and why: ``Scheduling job waiting to be processed.``"""
    if job.state == JobState.DEFERRED:
        before = session.get(Job, job.depends_on_id) if job.depends_on_id else None
        state = before.state if before is not None else "unknown"
        rest = f'waiting for {state} job "{job.depends_on_id}" to be processed.'
    elif job.state == JobState.FAILED:
        rest = f"failed with {reason(job)}"
    else:
        rest = _TEXTS.get(job.state, "has an unknown status.")
    return f"{_WORK.get(job.kind, job.kind.capitalize())} job {rest}"


def reason(job: Job) -> str | None:
    """Why the job failed: ``InfeasibleProblem: No schedule ...``; None where it did not."""
    return f"{job.error.get('type')}: {job.error.get('message')}" if job.error else None

"""Jobs as people look at them: one by its id, and those about an asset."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

from sqlalchemy import and_, or_, select
from sqlalchemy.orm import Session, joinedload

from fmhost.auth.policy import Permission, allowed
from fmhost.auth.visibility import reads_everything
from fmhost.model import Asset, Job, JobProgress, Sensor, User
from fmhost.services import explanations, job_states
from fmhost.services.installation import Installation

#: A list has the newest of so many jobs.
MOST_JOBS = 1000

#: What of a job's result is told to clients.
_TOLD = ("num-beliefs", "resolved", "unresolved")


def find_job(session: Session, user: User, job_id: str) -> Job | None:
    """The job with that id, where `user` may know of it.

    That is who may read the sensor or asset that the job is about; where it is about neither, who
    asked for it. Others are told that there is no such job.
    """
    query = select(Job).where(Job.id == job_id).options(*_with_owners())
    job = session.scalars(query).one_or_none()
    if job is None or reads_everything(user):
        return job
    about: Sensor | Asset | None = job.sensor or job.asset
    if about is None:
        return job if job.requester_user_id == user.id else None
    return job if allowed(user, about, Permission.READ) else None


def jobs_about(installation: Installation, session: Session, asset: Asset) -> Sequence[Job]:
    """The jobs about an asset and its sensors, the newest first; of one life time.

    Jobs that have ended are listed for ``FLEXMEASURES_PLANNING_TTL``, others for
    ``FLEXMEASURES_JOB_TTL``; never more than :data:`MOST_JOBS`.
    """
    now = installation.now()
    waiting: timedelta = installation.settings["FLEXMEASURES_JOB_TTL"]
    kept: timedelta = installation.settings["FLEXMEASURES_PLANNING_TTL"]
    ended = Job.ended_at.is_not(None) if kept < timedelta(0) else Job.ended_at >= now - kept
    pending = and_(Job.ended_at.is_(None), Job.created_at >= now - waiting)
    query = (
        select(Job)
        .where(Job.asset_id == asset.id, or_(ended, pending))
        .options(joinedload(Job.sensor), joinedload(Job.asset))
        .order_by(Job.created_at.desc(), Job.id)
        .limit(MOST_JOBS)
    )
    return session.scalars(query).all()


def result_of(job: Job) -> dict[str, Any] | None:
    """What came of the job, as far as clients are told: numbers of beliefs, and soft limits."""
    if not isinstance(job.result, dict):
        return None
    return {name: job.result[name] for name in _TOLD if name in job.result}


def progress_of(session: Session, job: Job) -> JobProgress | None:
    """How far the job has come in its last run, where it told that."""
    return session.get(JobProgress, job.id)


def progress_of_all(session: Session, jobs: Sequence[Job]) -> Mapping[str, JobProgress]:
    """The same of several jobs, by their ids, in one statement."""
    query = select(JobProgress).where(JobProgress.job_id.in_([job.id for job in jobs]))
    return {each.job_id: each for each in session.scalars(query)} if jobs else {}


def entity_of(job: Job) -> Sensor | Asset | None:
    """What the job is about: a sensor, else an asset."""
    return job.sensor or job.asset


def metadata_of(job: Job) -> str:
    """What else is known about the job, as a JSON object: arguments, source, what drivers say."""
    about = entity_of(job)
    result = job.result if isinstance(job.result, dict) else {}
    known = {
        "asset_or_sensor": None if about is None else {"id": about.id, "class": _kind(about)},
        "arguments": {name: each for name, each in job.arguments.items() if name != "requester"},
        "data_source_info": {"id": result["source_id"]} if "source_id" in result else None,
        "scheduler_info": result.get("scheduler_info"),
        "forecaster_info": result.get("forecaster_info"),
        "exception": job_states.reason(job),
        **{name: each for name, each in job.meta.items() if name != explanations.META},
    }
    return json.dumps({name: each for name, each in known.items() if each is not None})


def hash_of(metadata: str) -> str:
    """SHA-256, in hexadecimal, by which a client sees whether metadata have changed."""
    return hashlib.sha256(metadata.encode()).hexdigest()


def label_of(job: Job) -> str:
    """What the job is about, in words: ``sensor: power (Id: 3)``."""
    about = entity_of(job)
    return "" if about is None else f"{_kind(about).lower()}: {about.name} (Id: {about.id})"


def _kind(entity: Sensor | Asset) -> str:
    return "Sensor" if isinstance(entity, Sensor) else "Asset"


def _with_owners() -> tuple[Any, ...]:
    sensor = joinedload(Job.sensor).joinedload(Sensor.generic_asset).joinedload(Asset.account)
    return (sensor, joinedload(Job.asset).joinedload(Asset.account))

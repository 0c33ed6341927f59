"""Jobs: one by its id, and those about an asset."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from fmhost.api.loaders import load_asset
from fmhost.api.operations import Answer, Resource
from fmhost.api.unit_of_work import current_installation, current_session
from fmhost.auth.login import requesting_user
from fmhost.auth.policy import Permission
from fmhost.auth.visibility import reads_everything
from fmhost.domain.flexibility import Alternative
from fmhost.errors import NotFound, QueueNotReady
from fmhost.jobs.dispatch import queue_of
from fmhost.jobs.tasks import TASKS
from fmhost.model import Job, JobState, Sensor
from fmhost.schemas.answers import PendingSchema
from fmhost.schemas.explanations import ExplanationQuery, ExplanationSchema
from fmhost.schemas.jobs import AssetJobsSchema, JobSchema, UnknownJobSchema
from fmhost.services import explanations, job_records, job_states

jobs = Resource("jobs", __name__, url_prefix="/api/v3_0")

_UNAVAILABLE = "Job queues are currently unavailable."


@jobs.operation(
    "GET",
    "/jobs/<uuid>",
    answers={200: JobSchema, 202: JobSchema, 404: UnknownJobSchema, 422: JobSchema},
)
def fetch_job(uuid: str) -> Answer:
    """Tell where a job stands and what came of it.

    200 where it is finished, 202 while it is pending, 422 where it failed or was taken back. A job
    about something that the user may not read is answered like one that does not exist: 404.
    """
    job = _find(uuid)
    if job is None:
        return {"status": "ERROR", "message": f"Job {uuid} not found."}, 404
    status = 200 if job.state == JobState.FINISHED else 202 if job_states.is_pending(job) else 422
    return JobSchema().dump(_told(job)), status


@jobs.operation(
    "GET",
    "/jobs/<uuid>/explanation",
    schema=ExplanationQuery(),
    answers={200: ExplanationSchema, 202: PendingSchema, 404: UnknownJobSchema},
)
def explain_job(uuid: str, given: dict[str, Any]) -> Answer:
    """Tell why a schedule is as it is, or what another choice would cost.

    Without arguments: costs, the reasons of each device, limits, breaches and assumed inputs; of a
    schedule that is impossible, what contradicts each other and the smallest change that helps.

    With `at` and `power` (and `device`, where there are several): what it would cost to have the
    device run so in that step, found by computing the schedule once more. 202 while the job is
    pending; 404 where there is no such job, or it has no explanation.
    """
    job = _find(uuid)
    if job is None:
        return {"status": "ERROR", "message": f"Job {uuid} not found."}, 404
    told = {"status": job.state.upper(), "message": job_states.describe(current_session(), job)}
    if job_states.is_pending(job):
        return told, 202
    try:
        return {**told, **_explained(job, given)}
    except NotFound as error:
        return {"status": "ERROR", "message": str(error)}, 404


def _explained(job: Job, given: dict[str, Any]) -> dict[str, Any]:
    installation = current_installation()
    if given["at"] is None:
        return {"explanation": explanations.explanation_of(installation, job)}
    alternative = Alternative(given["device"], given["at"], given["power"])
    return {"answer": explanations.why_not(installation, current_session(), job, alternative)}


def _find(text: str) -> Job | None:
    try:
        job_id = str(UUID(text))
    except ValueError:
        return None
    return job_records.find_job(current_session(), requesting_user(), job_id)


def _told(job: Job) -> dict[str, Any]:
    task = TASKS.get(job.kind)
    progress = job_records.progress_of(current_session(), job)
    return {
        "status": job.state.upper(),
        "message": job_states.describe(current_session(), job),
        "result": job_records.result_of(job),
        "origin": job.queue,
        "func_name": job.kind if task is None else f"{task.__module__}.{task.__name__}",
        "enqueued_at": job.created_at,
        "started_at": job.started_at,
        "ended_at": job.ended_at,
        "exc_info": _why_failed(job),
        "progress": None if progress is None else progress.fraction,
        "progress_note": None if progress is None else progress.note,
    }


def _why_failed(job: Job) -> str | None:
    """The reason; to those who may read everything with the lines of code, which name folders."""
    if job.error and reads_everything(requesting_user()):
        return str(job.error.get("traceback") or job_states.reason(job))
    return job_states.reason(job)


@jobs.operation("GET", "/assets/<id>/jobs", answer=AssetJobsSchema)
def list_jobs_of_asset(id: str) -> Any:
    """List the jobs about an asset and its sensors, the newest first.

    Jobs are listed until their result expires; never more than a thousand.
    """
    asset = load_asset(id, Permission.READ)
    installation = current_installation()
    found = job_records.jobs_about(installation, current_session(), asset)
    return AssetJobsSchema().dump(
        {"jobs": [_listed(job) for job in found], "redis_connection_err": _queue_error()}
    )


def _listed(job: Job) -> dict[str, Any]:
    about = job_records.entity_of(job)
    metadata = job_records.metadata_of(job)
    return {
        "id": job.id,
        "queue": job.queue,
        "asset_or_sensor_type": "sensor" if isinstance(about, Sensor) else "asset",
        "asset_id": None if about is None else about.id,
        "entity": job_records.label_of(job),
        "status": job.state,
        "err": job_states.reason(job),
        "enqueued_at": job.created_at,
        "metadata": metadata,
        "metadata_hash": job_records.hash_of(metadata),
    }


def _queue_error() -> str | None:
    try:
        queue_of(current_installation()).check()
    except QueueNotReady:
        return _UNAVAILABLE
    return None

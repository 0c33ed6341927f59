"""How good forecasts of a sensor were: have it found out, and look it up."""

from __future__ import annotations

from typing import Any

from flask import url_for

from fmhost.api.errors import Rejected
from fmhost.api.loaders import load_job, load_sensor
from fmhost.api.messages import ACCEPTED, PROCESSED
from fmhost.api.operations import Answer, Resource
from fmhost.api.unit_of_work import current_installation, current_session, unit_of_work
from fmhost.auth.login import requesting_user
from fmhost.auth.policy import Permission
from fmhost.jobs.dispatch import dispatch
from fmhost.model import Job, JobState
from fmhost.schemas.answers import PendingSchema
from fmhost.schemas.evaluations import (
    EvaluationSchema,
    EvaluationsSchema,
    EvaluationTriggerSchema,
    FetchedEvaluationSchema,
    TriggeredEvaluationSchema,
)
from fmhost.schemas.forecasts import FetchForecastQuery, NoForecastSchema
from fmhost.services import evaluations as evaluating
from fmhost.services import job_states

evaluations = Resource("evaluations", __name__, url_prefix="/api/v3_0/sensors")


@evaluations.operation(
    "POST",
    "/<id>/forecasts/evaluations",
    schema=EvaluationTriggerSchema(),
    answers={202: TriggeredEvaluationSchema},
    scope="trigger",
)
def trigger_evaluation(id: str, given: dict[str, Any]) -> Answer:
    """Find out how good forecasts of a sensor would have been.

    Between `start` and `end`, every `frequency`, the sensor is forecast with what was known then,
    and compared with what was measured, `horizons` later. Nothing of it is stored as a forecast.
    """
    sensor = load_sensor(id, Permission.CREATE_CHILDREN)
    installation = current_installation()
    job = evaluating.request_evaluation(
        installation, current_session(), sensor=sensor, requester=requesting_user(), **given
    )
    job_id = job.id
    unit_of_work().after_commit(lambda: dispatch(installation, job_id))
    addresses = {
        "job-url": url_for("jobs.fetch_job", uuid=job_id),
        "results-url": url_for("evaluations.fetch_evaluation", id=sensor.id, uuid=job_id),
    }
    return {**ACCEPTED, "job": job_id, **addresses}, 202


@evaluations.operation("GET", "/<id>/forecasts/evaluations", answer=EvaluationsSchema)
def list_evaluations(id: str) -> Answer:
    """List the last evaluations of a sensor's forecasts, newest first."""
    sensor = load_sensor(id, Permission.READ)
    found = evaluating.finished(current_session(), sensor)
    return {"evaluations": [_told(job) for job in found], **PROCESSED}


@evaluations.operation(
    "GET",
    "/<id>/forecasts/evaluations/<uuid>",
    schema=FetchForecastQuery(),
    answers={200: FetchedEvaluationSchema, 202: PendingSchema, 422: NoForecastSchema},
)
def fetch_evaluation(id: str, uuid: str, given: dict[str, Any]) -> Answer:
    """Fetch an evaluation of a sensor's forecasts; 202 while it is not there yet."""
    sensor = load_sensor(id, Permission.READ)
    job = load_job(uuid, evaluating.KIND, sensor)
    state = job_states.describe(current_session(), job)
    if job_states.is_pending(job):
        return {"status": job.state.upper(), "message": state}, 202
    if job.state != JobState.FINISHED:
        raise Rejected({"json": state})
    return {**_told(job), **PROCESSED}


def _told(job: Job) -> dict[str, Any]:
    told = {**(job.result or {}), "job": job.id, "evaluated_at": job.ended_at}
    dumped: dict[str, Any] = EvaluationSchema().dump(told)
    return dumped

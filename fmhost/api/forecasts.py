"""Forecasts of a sensor: have them computed, and fetch them."""

from __future__ import annotations

from typing import Any
from zoneinfo import ZoneInfo

from flask import url_for

from fmhost.api.errors import DomainRejection, Rejected
from fmhost.api.loaders import load_job, load_sensor
from fmhost.api.messages import ACCEPTED, PROCESSED, json_numbers
from fmhost.api.operations import Answer, Resource
from fmhost.api.unit_of_work import current_installation, current_session, unit_of_work
from fmhost.auth.login import requesting_user
from fmhost.auth.policy import Permission, allowed
from fmhost.domain.durations import format_duration
from fmhost.domain.moments import format_moment
from fmhost.errors import NotFound
from fmhost.jobs.dispatch import dispatch
from fmhost.model import Job, JobState, Sensor
from fmhost.schemas.answers import PendingSchema
from fmhost.schemas.forecasts import (
    AcceptedForecastSchema,
    FetchForecastQuery,
    ForecastSchema,
    ForecastTriggerSchema,
    NoForecastSchema,
    TriggeredForecastSchema,
)
from fmhost.services import forecasts as forecasting
from fmhost.services import job_states
from fmhost.services.client_versions import legacy_responses
from fmhost.services.forecast_requests import Request

forecasts = Resource("forecasts", __name__, url_prefix="/api/v3_0/sensors")

_UNKNOWN = "No known forecast for this time period."


@forecasts.operation(
    "POST",
    "/<id>/forecasts/trigger",
    schema=ForecastTriggerSchema(),
    answers={200: TriggeredForecastSchema, 202: AcceptedForecastSchema},
    scope="trigger",
    names={"forecasts": "/forecast", "jobs": "/forecast"},
)
def trigger_forecast(id: str, given: dict[str, Any]) -> Answer:
    """Ask for a forecast of a sensor.

    Without `start`, it begins now. Of `start`, `end` and `duration` two at most are given. Clients
    that can do with it get 202 and the address of the job.
    """
    sensor = load_sensor(id, Permission.CREATE_CHILDREN)
    installation = current_installation()
    job = forecasting.trigger(
        installation, current_session(), sensor=sensor, requester=requesting_user(), **given
    )
    job_id = job.id
    unit_of_work().after_commit(lambda: dispatch(installation, job_id))
    if legacy_responses(installation.settings, sensor.generic_asset):
        return {**PROCESSED, "forecast": job_id}
    addresses = {
        "job-url": url_for("jobs.fetch_job", uuid=job_id),
        "results-url": url_for("forecasts.fetch_forecast", id=sensor.id, uuid=job_id),
    }
    return {**ACCEPTED, "job": job_id, "forecast": job_id, **addresses}, 202


@forecasts.operation(
    "GET",
    "/<id>/forecasts/<uuid>",
    schema=FetchForecastQuery(),
    answers={200: ForecastSchema, 202: PendingSchema, 422: NoForecastSchema},
    errors={400: ("UNKNOWN_FORECAST",)},
)
def fetch_forecast(id: str, uuid: str, given: dict[str, Any]) -> Answer:
    """Fetch a forecast of a sensor.

    While it is not there yet, the answer is 202. Of several viewpoints, there is a list of values
    for each.
    """
    sensor = load_sensor(id, Permission.READ)
    job = load_job(uuid, forecasting.KIND, sensor)
    saved = _saved_on(job, sensor)
    if saved is None:
        raise Rejected({"json": f"Job {uuid} not found."})
    state = job_states.describe(current_session(), job)
    if job_states.is_pending(job):
        # 202 for older clients too: none of those that ask for forecasts waits when it gets 400.
        return {"status": job.state.upper(), "message": state}, 202
    if job.state != JobState.FINISHED:
        raise Rejected({"json": state})
    try:
        found = forecasting.fetch(current_session(), job, saved)
    except NotFound as error:
        raise DomainRejection("UNKNOWN_FORECAST", _UNKNOWN) from error
    columns = [json_numbers(values) for values in found.values]
    return {
        "values": columns[0] if len(columns) == 1 else columns,
        "start": format_moment(found.start, ZoneInfo(sensor.timezone)),
        "duration": format_duration(found.duration),
        "unit": found.unit,
        "forecaster_info": dict(found.forecaster_info),
        **PROCESSED,
    }


def _saved_on(job: Job, sensor: Sensor) -> Sensor | None:
    """The sensor that has the results; None where it is gone, or the user may not read it."""
    other = Request.from_arguments(job.arguments).sensor_to_save
    if other is None:
        return sensor
    saved = current_session().get(Sensor, other)
    return saved if allowed(requesting_user(), saved, Permission.READ) else None

"""``/api/v3_0/sensors/<id>/schedules``: ask for a schedule, and fetch it."""

from __future__ import annotations

import logging
from datetime import date
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from flask import request

from fmhost.api.errors import DomainRejection
from fmhost.api.headers import deprecation
from fmhost.api.loaders import load_sensor
from fmhost.api.messages import PROCESSED, json_numbers
from fmhost.api.operations import Answer, Resource
from fmhost.api.unit_of_work import current_installation, current_session, unit_of_work
from fmhost.auth.login import requesting_user
from fmhost.auth.policy import Permission
from fmhost.domain.durations import format_duration
from fmhost.domain.moments import format_moment
from fmhost.errors import NotFound, UnitMismatch
from fmhost.jobs.dispatch import dispatch
from fmhost.model import Job, JobState, Sensor
from fmhost.schemas.answers import ScheduleSchema, TriggeredSchema
from fmhost.schemas.schedules import FetchScheduleQuery, SensorTriggerSchema, older_fields
from fmhost.services import schedules as scheduling
from fmhost.services.windows import length_of

logger = logging.getLogger("fmhost.requests")

schedules = Resource("schedules", __name__, url_prefix="/api/v3_0/sensors")

_UNKNOWN = "No known schedule for this time period."

#: When flex-model and flex-context took over the fields that stood beside them.
_OLDER_FIELDS_DEPRECATED = date(2022, 12, 14)
_OLDER_FIELDS_SUNSET = date(2023, 2, 1)


@schedules.operation(
    "POST",
    "/<id>/schedules/trigger",
    schema=SensorTriggerSchema(),
    answer=TriggeredSchema,
    errors={400: ("UNKNOWN_PRICES",)},
)
def trigger_schedule(id: str, given: dict[str, Any]) -> Answer:
    """Ask for a schedule of one device."""
    sensor = load_sensor(id, Permission.CREATE_CHILDREN)
    installation = current_installation()
    duration = given.get("duration")
    job = scheduling.trigger(
        installation,
        current_session(),
        target=sensor,
        start=given["start"],
        duration=duration and length_of(duration, given["start"], sensor),
        prior=given.get("prior"),
        resolution=given.get("resolution"),
        flex_model=given["flex_model"],
        flex_context=given["flex_context"],
        requester=requesting_user(),
        force_new=given["force_new_job_creation"],
    )
    job_id = job.id
    unit_of_work().after_commit(lambda: dispatch(installation, job_id))
    return {**PROCESSED, "schedule": job_id}, 200, _headers()


def _headers() -> dict[str, str]:
    """Those of deprecation, where the request has fields in their older place."""
    older = older_fields(request.get_json(silent=True))
    if not older:
        return {}
    logger.warning(
        "Endpoint %s called by user %d with deprecated fields: %s",
        request.path,
        requesting_user().id,
        ", ".join(older),
    )
    return deprecation(_OLDER_FIELDS_DEPRECATED, _OLDER_FIELDS_SUNSET)


@schedules.operation(
    "GET",
    "/<id>/schedules/<uuid>",
    schema=FetchScheduleQuery(),
    answer=ScheduleSchema,
    errors={400: ("UNKNOWN_SCHEDULE", "UNRECOGNIZED_UDI_EVENT")},
)
def fetch_schedule(id: str, uuid: str, given: dict[str, Any]) -> Answer:
    """Fetch a schedule of one device."""
    sensor = load_sensor(id, Permission.READ)
    job = _find_job(uuid, sensor)
    if job.state != JobState.FINISHED:
        raise DomainRejection("UNKNOWN_SCHEDULE", f"{_UNKNOWN} {_what_happened(job)}")
    zone = ZoneInfo(sensor.timezone)
    start = scheduling.Request.from_arguments(job.arguments).start
    try:
        found = scheduling.fetch(
            current_installation(),
            current_session(),
            job,
            sensor,
            duration=length_of(given["duration"], start, sensor),
            unit=given.get("unit"),
            sign_convention=given["sign_convention"],
        )
    except NotFound as error:
        raise DomainRejection("UNKNOWN_SCHEDULE", _UNKNOWN) from error
    except UnitMismatch as error:
        error.field = "unit"
        raise
    return {
        "values": json_numbers(found.values),
        "start": format_moment(found.start, zone),
        "duration": format_duration(found.duration),
        "unit": found.unit,
        "scheduler_info": dict(found.scheduler_info),
        **PROCESSED,
    }


def _find_job(text: str, sensor: Sensor) -> Job:
    """The scheduling job of that id, where it is about the sensor or about an asset above it.

    :raises DomainRejection: where there is none; jobs of others do not exist here.
    """
    try:
        job = current_session().get(Job, str(UUID(text)))
    except ValueError:
        job = None
    if job is not None and job.kind == scheduling.KIND:
        if job.sensor_id == sensor.id:
            return job
        asset = sensor.generic_asset
        if job.sensor_id is None and job.asset_id in (
            asset.id,
            *(above.id for above in asset.ancestors),
        ):
            return job
    raise DomainRejection(
        "UNRECOGNIZED_UDI_EVENT",
        f"The requested UDI event (id = {text}, type = schedule) is not known.",
    )


def _what_happened(job: Job) -> str:
    """Why there is no schedule (yet)."""
    if job.state in (JobState.QUEUED, JobState.SCHEDULED):
        return "Scheduling job waiting to be processed."
    if job.state == JobState.STARTED:
        return "Scheduling job in progress."
    if job.state == JobState.DEFERRED:
        before = current_session().get(Job, job.depends_on_id) if job.depends_on_id else None
        state = before.state if before is not None else "unknown"
        return f'Scheduling job waiting for {state} job "{job.depends_on_id}" to be processed.'
    if job.state == JobState.FAILED:
        error = job.error or {}
        return f"Scheduling job failed with {error.get('type')}: {error.get('message')}"
    return "Scheduling job has an unknown status."

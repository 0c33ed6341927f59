"""Schedules of sensors and assets: have them computed, and fetch them."""

from __future__ import annotations

from datetime import date
from typing import Any
from urllib.parse import urlencode
from uuid import UUID
from zoneinfo import ZoneInfo

from flask import Response, request, url_for

from fmhost.api.deprecation import note_deprecated_fields
from fmhost.api.errors import DomainRejection, Rejected, rejection
from fmhost.api.loaders import load_asset, load_sensor
from fmhost.api.messages import ACCEPTED, PROCESSED, json_numbers
from fmhost.api.operations import Answer, Resource
from fmhost.api.unit_of_work import current_installation, current_session, unit_of_work
from fmhost.auth.login import requesting_user
from fmhost.auth.policy import Permission
from fmhost.domain.durations import format_duration
from fmhost.domain.moments import format_moment
from fmhost.errors import InvalidInput, NotFound, UnitMismatch
from fmhost.jobs.dispatch import dispatch
from fmhost.model import Asset, Job, JobState, Sensor
from fmhost.schemas.answers import (
    AcceptedScheduleSchema,
    PendingSchema,
    ScheduleSchema,
    TriggeredSchema,
)
from fmhost.schemas.schedules import (
    AssetTriggerSchema,
    FetchScheduleQuery,
    SensorTriggerSchema,
    older_fields,
)
from fmhost.services import fallbacks, job_states
from fmhost.services import schedules as scheduling
from fmhost.services.client_versions import legacy_responses
from fmhost.services.schedule_requests import Request
from fmhost.services.windows import length_of

schedules = Resource("schedules", __name__, url_prefix="/api/v3_0")

_UNKNOWN = "No known schedule for this time period."

#: When flex-model and flex-context took over the fields that stood beside them.
_OLDER_FIELDS_DEPRECATED = date(2022, 12, 14)
_OLDER_FIELDS_SUNSET = date(2023, 2, 1)

#: Fallbacks of fallbacks are followed so far.
_MOST_FALLBACKS = 10


@schedules.operation(
    "POST",
    "/sensors/<id>/schedules/trigger",
    schema=SensorTriggerSchema(),
    answers={200: TriggeredSchema, 202: AcceptedScheduleSchema},
    errors={400: ("UNKNOWN_PRICES",)},
    scope="trigger",
    names={"schedules": "/schedule", "jobs": "/schedule"},
)
def trigger_schedule(id: str, given: dict[str, Any]) -> Answer:
    """Ask for a schedule of one device.

    Clients that can do with it get 202 and the address of the job.
    """
    sensor = load_sensor(id, Permission.CREATE_CHILDREN)
    note_deprecated_fields(
        older_fields(request.get_json(silent=True)),
        date=_OLDER_FIELDS_DEPRECATED,
        sunset_date=_OLDER_FIELDS_SUNSET,
    )
    job_id = _trigger(sensor, given)
    if legacy_responses(current_installation().settings, sensor.generic_asset):
        return {**PROCESSED, "schedule": job_id}
    results_url = url_for("schedules.fetch_schedule", id=sensor.id, uuid=job_id)
    return {**_accepted(job_id), "results-url": results_url}, 202


@schedules.operation(
    "POST",
    "/assets/<id>/schedules/trigger",
    schema=AssetTriggerSchema(),
    answers={200: TriggeredSchema, 202: AcceptedScheduleSchema},
    errors={400: ("UNKNOWN_PRICES",)},
    scope="trigger",
    names={"schedules": "/schedule", "jobs": "/schedule"},
)
def trigger_asset_schedule(id: str, given: dict[str, Any]) -> Answer:
    """Ask for schedules of any number of devices behind one connection.

    Each entry of the flex-model names the power sensor of a device, which belongs to the asset or
    to one below it. The schedule of each device is fetched at its sensor, by the same id.
    """
    asset = load_asset(id, Permission.CREATE_CHILDREN)
    try:
        job_id = _trigger(asset, given, sequential=given["sequential"])
    except InvalidInput as error:
        if (error.field or "").startswith("flex-model."):
            raise Rejected(_at_device(error)) from error
        raise
    if legacy_responses(current_installation().settings, asset):
        return {**PROCESSED, "schedule": job_id}
    return _accepted(job_id), 202


def _trigger(target: Sensor | Asset, given: dict[str, Any], **options: Any) -> str:
    """The id of the job, which runs once it is committed."""
    installation = current_installation()
    duration = given.get("duration")
    job = scheduling.trigger(
        installation,
        current_session(),
        target=target,
        start=given["start"],
        duration=duration and length_of(duration, given["start"], target),
        prior=given.get("prior"),
        resolution=given.get("resolution"),
        flex_model=given["flex_model"],
        flex_context=given["flex_context"],
        requester=requesting_user(),
        force_new=given["force_new_job_creation"],
        **options,
    )
    job_id = job.id
    unit_of_work().after_commit(lambda: dispatch(installation, job_id))
    return job_id


def _accepted(job_id: str) -> dict[str, Any]:
    job_url = url_for("jobs.fetch_job", uuid=job_id)
    return {**ACCEPTED, "job": job_id, "job-url": job_url, "schedule": job_id}


def _at_device(error: InvalidInput) -> dict[str, Any]:
    """The text by the place of the device; no other place is above it."""
    nested: Any = [str(error)]
    for part in reversed((error.field or "").split(".")):
        nested = {part: nested}
    return dict(nested)


@schedules.operation(
    "GET",
    "/sensors/<id>/schedules/<uuid>",
    schema=FetchScheduleQuery(),
    answers={200: ScheduleSchema, 202: PendingSchema},
    errors={303: ("UNKNOWN_SCHEDULE",), 400: ("UNKNOWN_SCHEDULE", "UNRECOGNIZED_UDI_EVENT")},
)
def fetch_schedule(id: str, uuid: str, given: dict[str, Any]) -> Answer:
    """Fetch a schedule of one device.

    While it is not there yet, the answer is 400, or 202 to clients that can do with it. Where it
    failed and another one takes its place, that is the answer, or 303 with its address.
    """
    sensor = load_sensor(id, Permission.READ)
    job = _find_job(uuid, sensor)
    for _ in range(_MOST_FALLBACKS):
        instead = _fallback_of(job, sensor)
        if instead is None:
            break
        if current_installation().settings["FLEXMEASURES_FALLBACK_REDIRECT"]:
            return _redirect(job, instead, sensor)
        job = instead
    if job.state != JobState.FINISHED:
        return _not_there(job, sensor)
    start = Request.from_arguments(job.arguments).start
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
    scheduler = found.scheduler_info.get("scheduler")
    used = f" {scheduler} was used." if scheduler else ""
    return {
        "values": json_numbers(found.values),
        "start": format_moment(found.start, ZoneInfo(sensor.timezone)),
        "duration": format_duration(found.duration),
        "unit": found.unit,
        "scheduler_info": dict(found.scheduler_info),
        "status": PROCESSED["status"],
        "message": PROCESSED["message"] + used,
    }


def _find_job(text: str, sensor: Sensor) -> Job:
    """The scheduling job of that id, where it is about the sensor or about an asset above it.

    :raises DomainRejection: where there is none; jobs of others do not exist here.
    """
    try:
        job = _job_about(str(UUID(text)), sensor)
    except ValueError:
        job = None
    if job is None:
        raise DomainRejection(
            "UNRECOGNIZED_UDI_EVENT",
            f"The requested UDI event (id = {text}, type = schedule) is not known.",
        )
    return job


def _job_about(job_id: str, sensor: Sensor) -> Job | None:
    job = current_session().get(Job, job_id)
    if job is None or job.kind != scheduling.KIND:
        return None
    asset = sensor.generic_asset
    above = (asset.id, *(each.id for each in asset.ancestors))
    of_asset = job.sensor_id is None and job.asset_id in above
    return job if of_asset or job.sensor_id == sensor.id else None


def _fallback_of(job: Job, sensor: Sensor) -> Job | None:
    """The job that takes over from one that failed."""
    instead = job.meta.get(fallbacks.META) if job.state == JobState.FAILED else None
    return _job_about(instead, sensor) if isinstance(instead, str) else None


def _redirect(job: Job, instead: Job, sensor: Sensor) -> Response:
    """Where the schedule is that takes the place of the one that failed."""
    response = rejection(303, "UNKNOWN_SCHEDULE", f"{_UNKNOWN} {_state(job)}")
    address = url_for("schedules.fetch_schedule", id=sensor.id, uuid=instead.id, _external=True)
    query = f"?{urlencode(list(request.args.items(multi=True)))}" if request.args else ""
    response.headers["Location"] = f"{address}{query}"
    return response


def _not_there(job: Job, sensor: Sensor) -> Answer:
    """The answer while there is no schedule.

    :raises DomainRejection: where there will be none, or the client takes no other answer.
    """
    legacy = legacy_responses(current_installation().settings, sensor.generic_asset)
    if legacy or not job_states.is_pending(job):
        raise DomainRejection("UNKNOWN_SCHEDULE", f"{_UNKNOWN} {_state(job)}")
    return {"status": job.state.upper(), "message": _state(job)}, 202


def _state(job: Job) -> str:
    return job_states.describe(current_session(), job)

"""``/api/v3_0/sensors/<id>``: upload and delete data, what there is, how old it is."""

from __future__ import annotations

from typing import Any
from zoneinfo import ZoneInfo

from flask import jsonify, request
from werkzeug.datastructures import FileStorage

from fmhost.api.errors import Rejected
from fmhost.api.ingestion import AFTERWARDS, accepted, is_queued
from fmhost.api.loaders import load_sensor, load_sensor_of_data
from fmhost.api.messages import ALREADY_RECEIVED, PROCESSED
from fmhost.api.operations import Answer, Resource
from fmhost.api.parsing import COMBINED
from fmhost.api.unit_of_work import current_installation, current_session, unit_of_work
from fmhost.auth.login import requesting_user
from fmhost.auth.policy import Permission
from fmhost.domain.durations import format_duration
from fmhost.domain.moments import format_moment
from fmhost.schemas.answers import AcceptedSchema, PostedSchema
from fmhost.schemas.sensor_records import (
    DeleteDataSchema,
    StatisticsQuery,
    StatisticsSchema,
    StatusesSchema,
    UploadForm,
)
from fmhost.services import ingestion
from fmhost.services.asset_status import SensorStatus, sensor_status
from fmhost.services.ingest import announce
from fmhost.services.staleness import Status
from fmhost.services.statistics import Statistics, keep, statistics
from fmhost.services.uploads import Meaning, Upload, check_uploads, delete_data, take_in

sensor_records = Resource("sensor_records", __name__, url_prefix="/api/v3_0/sensors")


@sensor_records.operation(
    "POST",
    "/<id>/data/upload",
    schema=UploadForm(),
    parse=False,
    media="multipart/form-data",
    limit="FLEXMEASURES_MAX_SENSOR_DATA_INGESTION_BYTES",
    answers={200: PostedSchema, 202: AcceptedSchema},
    errors={403: ("INVALID_REPLACEMENT",)},
    scope="write-data",
    repeat=True,
    leads_to=AFTERWARDS,
)
def upload_data(id: str) -> Answer:
    """Upload data of a sensor in CSV or Excel files.

    The body is a form (multipart/form-data) with one or more files `uploaded-files`, and
    optionally `unit` and `belief-time-measured-instantly`. As for posts, the answer may be 202 and
    the address of a job, which reads and stores the files.
    """
    sensor = load_sensor_of_data(id, Permission.CREATE_CHILDREN)
    given = UploadForm().load_form(request.form)
    uploads = [_upload(each) for each in request.files.getlist("uploaded-files")]
    wrong = check_uploads(uploads) if uploads else ["Missing data for required field."]
    if wrong:
        raise Rejected({"combined_sensor_data_upload": {"uploaded-files": wrong}})
    installation = current_installation()
    meaning = Meaning(given.get("unit"), given["measured_instantly"])
    posted = installation, current_session(), sensor, uploads, meaning, requesting_user()
    if is_queued(sensor):
        return accepted(ingestion.request_upload(*posted))
    ingested = take_in(*posted)
    unit_of_work().after_commit(lambda: announce(installation, ingested))
    return PROCESSED if ingested.complete else ALREADY_RECEIVED


def _upload(file: FileStorage) -> Upload:
    file.stream.seek(0)  # it was read before where this is not the first try
    kind = file.mimetype or "text/plain"  # what a part is that does not say (RFC 7578, 4.4)
    return Upload(file.filename or "", kind, file.stream.read())


@sensor_records.operation(
    "DELETE",
    "/<id>/data",
    schema=DeleteDataSchema(),
    place=COMBINED,
    answers={204: None},
    writes=True,
    scope="write-data",
    repeat=True,
)
def delete_sensor_data(id: str, given: dict[str, Any]) -> Answer:
    """Delete data of a sensor: all, or those of a source or of events within a window."""
    sensor = load_sensor_of_data(id, Permission.DELETE)
    delete_data(current_installation(), current_session(), sensor, requesting_user(), **given)
    return None, 204


@sensor_records.operation(
    "GET",
    "/<id>/stats",
    schema=StatisticsQuery(),
    answer={"type": "object", "additionalProperties": StatisticsSchema},
)
def fetch_statistics(id: str, given: dict[str, Any]) -> Answer:
    """Fetch how much each source recorded on a sensor."""
    sensor = load_sensor(id, Permission.READ)
    installation = current_installation()
    found, summaries = statistics(
        current_session(), sensor, given.get("event_start_time"), given.get("event_end_time")
    )
    unit_of_work().after_commit(lambda: keep(installation, summaries))
    body = {f"{each.source.description} (ID: {each.source.id})": _listed(each) for each in found}
    if given["sort"]:
        body = {name: dict(sorted(values.items())) for name, values in sorted(body.items())}
    return jsonify(body)


@sensor_records.operation("GET", "/<id>/status", answer=StatusesSchema)
def fetch_status(id: str) -> Answer:
    """Fetch whether the data of a sensor are up to date, per type of source."""
    sensor = load_sensor(id, Permission.READ)
    found = sensor_status(current_session(), sensor, current_installation().now())
    return {"sensors_data": [_record(found, status) for status in found.statuses]}


def _listed(found: Statistics) -> dict[str, Any]:
    return {
        "First event start": found.first_event_start.isoformat(),
        "Last event end": found.last_event_end.isoformat(),
        "Last recorded": found.last_recorded.isoformat(),
        "Min value": found.lowest,
        "Max value": found.highest,
        "Mean value": found.mean,
        "Sum over values": found.total,
        "Number of values": found.number,
    }


def _record(found: SensorStatus, status: Status) -> dict[str, Any]:
    sensor, zone = found.sensor, ZoneInfo(found.sensor.timezone)
    return {
        "id": sensor.id,
        "name": sensor.name,
        "asset_name": sensor.generic_asset.name,
        "relation": found.relation,
        "resolution": format_duration(sensor.event_resolution),
        "source_type": status.source_type,
        "staleness": None if status.staleness is None else format_duration(status.staleness),
        "staleness_since": None if status.since is None else format_moment(status.since, zone),
        "stale": status.stale,
        "reason": status.reason,
    }

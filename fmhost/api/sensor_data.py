"""``/api/v3_0/sensors/<id>/data``, and the older ``/api/v3_0/sensors/data`` with an address."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from fmhost.api.deprecation import deprecated
from fmhost.api.ingestion import AFTERWARDS, accepted, is_queued
from fmhost.api.loaders import (
    load_referenced_sensor,
    load_sensor_of_data,
    load_sensor_to_fill,
)
from fmhost.api.messages import ALREADY_RECEIVED, PROCESSED, json_numbers
from fmhost.api.operations import Answer, Resource
from fmhost.api.parsing import COMBINED
from fmhost.api.unit_of_work import current_installation, current_session, unit_of_work
from fmhost.auth.login import requesting_user
from fmhost.auth.policy import Permission
from fmhost.domain.durations import format_duration, format_span
from fmhost.domain.moments import format_moment
from fmhost.model import Sensor, Source
from fmhost.schemas.answers import AcceptedSchema, PostedSchema, SensorDataSchema
from fmhost.schemas.sensor_data import (
    AddressedGetSchema,
    AddressedPostSchema,
    GetSchema,
    PostSchema,
)
from fmhost.services import ingestion
from fmhost.services.ingest import Posting, announce, ingest
from fmhost.services.measurements import Question, answer_question

sensor_data = Resource("sensor_data", __name__, url_prefix="/api/v3_0/sensors")

#: What the two forms of each operation have in common.
_POSTING: dict[str, Any] = {
    "place": COMBINED,
    "limit": "FLEXMEASURES_MAX_SENSOR_DATA_INGESTION_BYTES",
    "answers": {200: PostedSchema, 202: AcceptedSchema},
    "errors": {403: ("INVALID_REPLACEMENT",)},
    "scope": "write-data",
    "repeat": True,
    "leads_to": AFTERWARDS,
}
_GETTING: dict[str, Any] = {"place": COMBINED, "answer": SensorDataSchema}

#: The path with an address works as ever; new programs had better name the sensor in the path.
_by_address = deprecated(date=date(2025, 9, 10), link="/api/v3_0/docs/")


@sensor_data.operation("POST", "/<id>/data", schema=PostSchema(), **_POSTING)
def post_data(id: str, given: dict[str, Any]) -> Answer:
    """Post data of a sensor.

    They are stored when the answer leaves. Clients that can do with it get 202 instead, and the
    address of the job that stores them, where jobs of that kind are run.
    """
    return _post(*load_sensor_to_fill(id), given)


@sensor_data.operation("POST", "/data", schema=AddressedPostSchema(), **_POSTING)
@_by_address
def post_data_by_address(given: dict[str, Any]) -> Answer:
    """Post data of the sensor with an entity address."""
    sensor = load_referenced_sensor(given.pop("sensor"), Permission.CREATE_CHILDREN)
    return _post(sensor, None, given)


@sensor_data.operation("GET", "/<id>/data", schema=GetSchema(), **_GETTING)
def get_data(id: str, given: dict[str, Any]) -> Answer:
    """Get data of a sensor."""
    return _get(load_sensor_of_data(id, Permission.READ), given)


@sensor_data.operation("GET", "/data", schema=AddressedGetSchema(), **_GETTING)
@_by_address
def get_data_by_address(given: dict[str, Any]) -> Answer:
    """Get data of the sensor with an entity address."""
    return _get(load_referenced_sensor(given.pop("sensor"), Permission.READ), given)


def _post(sensor: Sensor, source: Source | None, given: dict[str, Any]) -> Answer:
    installation, session, user = current_installation(), current_session(), requesting_user()
    posting = Posting(**given)
    if is_queued(sensor):
        return accepted(ingestion.request_posting(installation, session, sensor, posting, user))
    ingested = ingest(installation, session, sensor, posting, user, source=source)
    unit_of_work().after_commit(lambda: announce(installation, ingested))
    return PROCESSED if ingested.complete else ALREADY_RECEIVED


def _get(sensor: Sensor, given: dict[str, Any]) -> Answer:
    found = answer_question(current_session(), sensor, Question(**given), requesting_user())
    # Moments stay moments, however far apart they are asked for.
    step = timedelta(0) if sensor.is_instantaneous else found.resolution
    return {
        "values": json_numbers(found.values),
        "start": format_moment(found.start, ZoneInfo(sensor.timezone)),
        "duration": format_duration(found.end - found.start),
        "unit": found.unit,
        "resolution": format_duration(step) if isinstance(step, timedelta) else format_span(step),
        **PROCESSED,
    }

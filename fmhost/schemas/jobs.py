"""What clients see of jobs."""

from __future__ import annotations

from marshmallow import Schema, fields, validate

from fmhost.model import JobState
from fmhost.schemas.fields import AwareDateTime

_STATES = [state.value.upper() for state in JobState]


def _moment(name: str) -> AwareDateTime:
    return AwareDateTime(data_key=name, attribute=name, dump_only=True, allow_none=True)


class JobResultSchema(Schema):
    """What came of a job."""

    num_beliefs = fields.Integer(
        data_key="num-beliefs", attribute="num-beliefs", metadata={"optional": True}
    )
    resolved = fields.List(fields.Dict(), metadata={"optional": True})
    unresolved = fields.List(fields.Dict(), metadata={"optional": True})


class JobSchema(Schema):
    """A job: where it stands and what came of it. Names are spelled in both ways."""

    status = fields.String(validate=validate.OneOf(_STATES))
    message = fields.String()
    result = fields.Nested(JobResultSchema, allow_none=True)
    origin = fields.String(metadata={"description": "The queue."})
    func_name = fields.String(data_key="func-name")
    enqueued_at = AwareDateTime(data_key="enqueued-at", allow_none=True)
    started_at = AwareDateTime(data_key="started-at", allow_none=True)
    ended_at = AwareDateTime(data_key="ended-at", allow_none=True)
    exc_info = fields.String(data_key="exc-info", allow_none=True)
    progress = fields.Float(
        allow_none=True,
        metadata={"description": "The part that is done, from 0 to 1, where the job tells that."},
    )
    progress_note = fields.String(
        data_key="progress-note",
        allow_none=True,
        metadata={"description": "What it is at, in a few words."},
    )
    # Names of their own, so that a dump has both spellings.
    func_name_ = fields.String(data_key="func_name", attribute="func_name", dump_only=True)
    enqueued_at_ = _moment("enqueued_at")
    started_at_ = _moment("started_at")
    ended_at_ = _moment("ended_at")
    exc_info_ = fields.String(
        data_key="exc_info", attribute="exc_info", dump_only=True, allow_none=True
    )
    progress_note_ = fields.String(
        data_key="progress_note", attribute="progress_note", dump_only=True, allow_none=True
    )


class UnknownJobSchema(Schema):
    """There is no such job, for the one who asks."""

    status = fields.String(validate=validate.Equal("ERROR"))
    message = fields.String()


class AssetJobSchema(Schema):
    """A job in the list of an asset's jobs."""

    job_id = fields.UUID(attribute="id")
    queue = fields.String()
    asset_or_sensor_type = fields.String(validate=validate.OneOf(["asset", "sensor"]))
    asset_id = fields.Integer(metadata={"description": "The id of the asset or sensor."})
    entity = fields.String()
    status = fields.String(validate=validate.OneOf([state.value for state in JobState]))
    err = fields.String(allow_none=True)
    enqueued_at = AwareDateTime()
    metadata = fields.String()
    metadata_hash = fields.String()


class AssetJobsSchema(Schema):
    """The jobs of an asset, and whether the queue can be reached."""

    jobs = fields.List(fields.Nested(AssetJobSchema))
    redis_connection_err = fields.String(allow_none=True)

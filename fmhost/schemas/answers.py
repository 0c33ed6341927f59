"""What the API answers: the shapes that many operations share, and those of errors."""

from __future__ import annotations

from typing import Any, ClassVar

from marshmallow import INCLUDE, Schema, fields, validate

from fmhost.schemas.fields import AwareDateTime, Duration, JsonSchema


def _always(text: str) -> fields.String:
    """A text that is always the same."""
    return fields.String(validate=validate.Equal(text))


class ProcessedSchema(Schema):
    """A request that was met."""

    status = _always("PROCESSED")
    message = fields.String()


class PostedSchema(Schema):
    """Data that were taken in, or had been before."""

    status = fields.String(
        validate=validate.OneOf(["PROCESSED", "ALREADY_RECEIVED_AND_SUCCESSFULLY_PROCESSED"])
    )
    message = fields.String()
    results = fields.String(validate=validate.Equal("PROCESSED"), metadata={"optional": True})


class SeriesSchema(ProcessedSchema):
    """Values of consecutive events; null where none is known."""

    values = fields.List(fields.Float(allow_none=True))
    start = AwareDateTime()
    duration = Duration()
    unit = fields.String()


class SensorDataSchema(SeriesSchema):
    """The data of a sensor."""

    resolution = Duration()


class TriggeredSchema(ProcessedSchema):
    """A schedule that was asked for."""

    schedule = fields.UUID()


class AcceptedSchema(Schema):
    """A computation that will be made; the answer with which newer clients can do."""

    status = _always("ACCEPTED")
    message = fields.String()
    job = fields.UUID()
    job_url = fields.String(data_key="job-url")
    results_url = fields.String(data_key="results-url", metadata={"optional": True})


class AcceptedScheduleSchema(AcceptedSchema):
    """A schedule that will be computed."""

    schedule = fields.UUID()


class PendingSchema(Schema):
    """A result that is not there yet; the status is the state of the job."""

    status = fields.String(validate=validate.OneOf(["QUEUED", "STARTED", "DEFERRED", "SCHEDULED"]))
    message = fields.String()


class ScheduleSchema(SeriesSchema):
    """A schedule: power over time."""

    scheduler_info = fields.Dict(metadata={"description": "What the scheduler says about it."})


class VersionsSchema(Schema):
    """The versions of the API."""

    message = fields.String()
    versions = fields.List(fields.String())
    flexmeasures_version = fields.String()


class ServiceSchema(Schema):
    """One operation."""

    url = fields.String()
    name = fields.String(metadata={"description": "Method and path below the version."})
    description = fields.String()


class ServicesSchema(ProcessedSchema):
    """The operations of this version."""

    version = fields.String()
    services = fields.List(fields.Nested(ServiceSchema))


class HealthSchema(Schema):
    """Whether each part can do its work; plugins add their own parts."""

    class Meta:
        """Plugins name their parts themselves."""

        unknown = INCLUDE

    database_sql = fields.Boolean()
    database_redis = fields.Boolean(metadata={"optional": True})
    causes = fields.Dict(keys=fields.String(), values=fields.String(), metadata={"optional": True})
    warnings = fields.Dict(
        keys=fields.String(),
        values=fields.String(),
        metadata={
            "optional": True,
            "description": "What somebody should see to, although the server can do its work: "
            "queues without workers, plugins that are not in service.",
        },
    )


class TokenSchema(Schema):
    """An access token, for the header Authorization."""

    auth_token = fields.String()
    user_id = fields.Integer()


class TokenErrorsSchema(Schema):
    """Why there is no token."""

    errors = fields.List(fields.String())


class ProblemSchema(Schema):
    """A part of a plugin that does not work."""

    claim = fields.String()
    cause = fields.String()
    fix = fields.String()


class PluginSchema(Schema):
    """A plugin: where it comes from, what it offers, and why it is not active."""

    name = fields.String()
    status = fields.String()
    stage = fields.String()
    healthy = fields.Boolean()
    version = fields.String()
    distribution = fields.String()
    from_ = fields.String(data_key="from")
    listed = fields.Boolean()
    summary = fields.String()
    licence = fields.String()
    author = fields.String()
    homepage = fields.String()
    plugin_api = fields.String(allow_none=True)
    requires = fields.List(fields.String())
    after = fields.List(fields.String())
    offers = fields.Dict(keys=fields.String(), values=fields.List(fields.String()))
    cause = fields.String(allow_none=True)
    fix = fields.String(allow_none=True)
    contested = fields.List(fields.Nested(ProblemSchema))
    withheld = fields.List(fields.Nested(ProblemSchema))
    broken = fields.List(fields.Nested(ProblemSchema))
    failures = fields.Dict(keys=fields.String(), values=fields.Integer())
    manifest_ms = fields.Float()
    import_ms = fields.Float()


class UnauthorizedSchema(Schema):
    """Nobody knows who asks."""

    status = _always("UNAUTHORIZED")
    message = fields.String()


class RejectionSchema(Schema):
    """A request that is understood and cannot be met; the status is its key."""

    result = _always("Rejected")
    status = fields.String()
    message = fields.String()
    results = fields.String(validate=validate.Equal("Rejected"), metadata={"optional": True})


class Messages(fields.Field[Any]):
    """Texts by place and field: ``{"json": {"name": ["Missing data for required field."]}}``."""

    json_schema: ClassVar[JsonSchema] = {"$ref": "#/components/schemas/Messages"}


#: The component to which that field refers.
MESSAGES: JsonSchema = {
    "description": "Texts by place (json, query, path) and field; nested as the fields are.",
    "anyOf": [
        {"type": "array", "items": {"type": "string"}},
        {
            "type": "object",
            "additionalProperties": {"$ref": "#/components/schemas/Messages"},
        },
    ],
    "examples": [{"json": {"name": ["Missing data for required field."]}}],
}


class InvalidSchema(Schema):
    """A request that does not validate."""

    result = _always("Rejected")
    status = _always("UNPROCESSABLE_ENTITY")
    message = Messages()


class HttpErrorSchema(Schema):
    """Any other error."""

    message = fields.String()
    status = fields.Integer(metadata={"description": "The HTTP status."})

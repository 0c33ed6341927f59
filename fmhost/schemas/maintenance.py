"""Messages between the server and those who watch over it."""

from __future__ import annotations

from marshmallow import EXCLUDE, Schema, fields, validate

from fmhost.schemas.fields import AwareDateTime


class PingSchema(Schema):
    """The server is there."""

    message = fields.String(validate=validate.Equal("ok"))


class LatestTaskRunQuery(Schema):
    """Which task."""

    name = fields.String(load_default="", metadata={"description": "The name of the task."})


class TaskRunForm(Schema):
    """A run of a task."""

    class Meta:
        """Reporters may send more."""

        unknown = EXCLUDE

    name = fields.String(required=True, validate=validate.Length(1, 80))
    status = fields.Boolean(load_default=True, metadata={"description": "Whether it succeeded."})
    datetime = AwareDateTime(metadata={"description": "When it ended; now if left out."})


class TaskRunSchema(Schema):
    """When a task last ran, or why that cannot be told."""

    status = fields.String(validate=validate.OneOf(["OK", "ERROR"]))
    reason = fields.String(metadata={"description": "What is wrong; empty where all is well."})
    lastrun = fields.String(metadata={"description": "The moment in ISO 8601, in UTC."})
    frequency = fields.Integer(metadata={"description": "How often to ask [minutes]."})
    process = fields.String()
    server = fields.String(metadata={"description": "The mode of the server."})


class RestoreSchema(Schema):
    """Which backup."""

    backup = fields.String(metadata={"description": "The name of a backup on the server."})

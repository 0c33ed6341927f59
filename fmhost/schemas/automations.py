"""Automations, as clients ask for them and see them."""

from __future__ import annotations

from marshmallow import Schema, fields, validate

from fmhost.schemas.fields import AwareDateTime, EntityId, TimeZone

_KINDS = ("schedule", "forecast", "report")
_NAME = validate.Length(min=1, max=80)
_PARAMETERS = {
    "description": "Of the request, without its start: `duration`, `flex-model`, `config` ...; "
    "`lead` is how long after the due time what is computed begins. Of a report: `reporter`, "
    "`config`, `parameters` with `input` and `output`, `start-offset` and `end-offset` from the "
    "due time (`-1D,DB` and `DB`: the day before)."
}
_CRON = {"description": "Minute, hour, day of month, month, day of week.", "example": "0 6 * * *"}
_INTERVAL = {"description": "Instead of a cron expression: every so often.", "example": "PT6H"}


class AutomationSchema(Schema):
    """Something that recurs, and how its last run went."""

    id = fields.Integer()
    name = fields.String()
    kind = fields.String(validate=validate.OneOf(_KINDS))
    asset = fields.Integer(attribute="asset_id")
    sensor = fields.Integer(attribute="sensor_id", allow_none=True)
    parameters = fields.Dict()
    cron = fields.String(allow_none=True)
    interval = fields.String(allow_none=True)
    timezone = fields.String()
    starts_at = AwareDateTime(data_key="starts-at")
    priority = fields.Integer()
    active = fields.Boolean()
    user = fields.Integer(attribute="user_id", allow_none=True)
    next_at = AwareDateTime(data_key="next-at")
    last_due_at = AwareDateTime(data_key="last-due-at", allow_none=True)
    last_job = fields.UUID(data_key="last-job", attribute="last_job_id", allow_none=True)
    error = fields.Function(
        lambda automation: (automation.error or {}).get("message"),
        metadata={
            "type": ["string", "null"],
            "description": "Why the last run could not be asked for.",
        },
    )


class _ChangingSchema(Schema):
    """What of an automation can be changed."""

    name = fields.String(validate=_NAME)
    parameters = fields.Dict(metadata=_PARAMETERS)
    cron = fields.String(validate=validate.Length(max=200), metadata=_CRON)
    interval = fields.String(validate=validate.Length(max=80), metadata=_INTERVAL)
    timezone = TimeZone()
    priority = fields.Integer(validate=validate.Range(-100, 100))


class AutomationChangeSchema(_ChangingSchema):
    """A change of an automation; the fields left out stay. It runs with one's own rights then."""

    active = fields.Boolean(metadata={"description": "Switches it on or off."})


class AutomationCreationSchema(_ChangingSchema):
    """A new automation, which runs with one's own rights: by cron expression or by interval."""

    name = fields.String(required=True, validate=_NAME)
    kind = fields.String(required=True, validate=validate.OneOf(_KINDS))
    sensor = EntityId("sensor", metadata={"description": "Of the asset; else the asset itself."})
    starts_at = AwareDateTime(data_key="starts-at")

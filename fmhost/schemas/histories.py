"""Audit logs as clients ask for them and get them."""

from __future__ import annotations

from datetime import UTC, datetime
from email.utils import format_datetime
from typing import Any, ClassVar

from marshmallow import Schema, fields, validate

from fmhost.schemas.fields import LARGEST_ID, AwareDateTime, JsonSchema
from fmhost.schemas.queries import PagedQuery


class HttpDate(fields.Field[datetime]):
    """A moment as HTTP headers have it: ``Mon, 02 Mar 2026 09:00:00 GMT``."""

    json_schema: ClassVar[JsonSchema] = {
        "type": "string",
        "examples": ["Mon, 02 Mar 2026 09:00:00 GMT"],
    }

    def _serialize(self, value: datetime | None, attr: Any, obj: Any, **kwargs: Any) -> Any:
        return None if value is None else format_datetime(value.astimezone(UTC), usegmt=True)


class AccountHistoryQuery(PagedQuery):
    """Which events of an audit log to list; the latest come first unless an order is given."""

    sort_by = fields.String(
        load_default="event_datetime",
        validate=validate.OneOf(["event_datetime", "event", "active_user_name"]),
    )
    sort_dir = fields.String(validate=validate.OneOf(["asc", "desc"]))


class HistoryQuery(AccountHistoryQuery):
    """The same, where there is always a page."""

    page = fields.Integer(load_default=1, validate=validate.Range(min=1, max=LARGEST_ID))


class EventSchema(Schema):
    """Something that somebody did."""

    event = fields.String()
    event_datetime = AwareDateTime()
    active_user_name = fields.String(allow_none=True)
    active_user_id = fields.Integer(allow_none=True)


class AccountEventSchema(Schema):
    """Something that somebody did, that concerns an account or its users."""

    event = fields.String()
    event_datetime = HttpDate()
    active_user_name = fields.String(allow_none=True)
    active_user_id = fields.Integer(allow_none=True)


class EventPageSchema(Schema):
    """A page of an audit log."""

    data = fields.List(fields.Nested(EventSchema))
    num_records = fields.Integer(data_key="num-records")
    filtered_records = fields.Integer(data_key="filtered-records")


class AccountEventPageSchema(EventPageSchema):
    """A page of the audit log of an account."""

    data = fields.List(fields.Nested(AccountEventSchema))

"""Annotations, as clients send and get them."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from marshmallow import Schema, ValidationError, fields, validate, validates_schema

from fmhost.model.annotations import ANNOTATION_TYPES
from fmhost.schemas.fields import AwareDateTime


class UtcDateTime(AwareDateTime):
    """A moment in ISO 8601, on the clock of UTC."""

    def _serialize(self, value: datetime | None, attr: Any, obj: Any, **kwargs: Any) -> Any:
        return None if value is None else value.astimezone(UTC).isoformat()


class AnnotationCreationSchema(Schema):
    """A new annotation."""

    content = fields.String(required=True, validate=validate.Length(min=1, max=1024))
    start = AwareDateTime(required=True)
    end = AwareDateTime(required=True)
    type = fields.String(load_default="label", validate=validate.OneOf(ANNOTATION_TYPES))
    prior = AwareDateTime(allow_none=True, load_default=None)

    @validates_schema(skip_on_field_errors=True)
    def _check_order(self, given: dict[str, Any], **_options: Any) -> None:
        if given["end"] <= given["start"]:
            raise ValidationError("end must be after start")


class AnnotationSchema(Schema):
    """An annotation."""

    id = fields.Integer()
    content = fields.String()
    start = UtcDateTime()
    end = UtcDateTime()
    type = fields.String(validate=validate.OneOf(ANNOTATION_TYPES))
    prior = UtcDateTime(attribute="belief_time", allow_none=True)
    source = fields.Integer(attribute="source_id")

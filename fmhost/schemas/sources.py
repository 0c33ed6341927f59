"""Data sources, as clients see them."""

from __future__ import annotations

from marshmallow import Schema, fields

from fmhost.schemas.queries import ListSchema


class SourcesQuery(ListSchema):
    """Which data sources to list."""

    only_latest = fields.Boolean(load_default=False)


class SourceSchema(Schema):
    """Who or what formed beliefs."""

    id = fields.Integer(attribute="source.id")
    name = fields.String(attribute="source.name")
    type = fields.String(attribute="source.kind")
    description = fields.String(attribute="source.description")
    model = fields.String(attribute="source.model", allow_none=True)
    version = fields.String(attribute="source.version", allow_none=True)
    account_id = fields.Integer(allow_none=True)
    user_id = fields.Integer(allow_none=True)


class SourcesSchema(Schema):
    """Data sources, and the types that they have."""

    types = fields.List(fields.String())
    sources = fields.List(fields.Nested(SourceSchema))

"""What clients say and see about copies of assets."""

from __future__ import annotations

from marshmallow import Schema, fields

from fmhost.schemas.fields import EntityId
from fmhost.schemas.queries import ListSchema


class CopyQuery(ListSchema):
    """Where a copy is put."""

    account = EntityId("account", metadata={"description": "Its owner; default as the parent's."})
    parent = EntityId("asset", metadata={"description": "The asset of which it is a part."})


class CopiedSchema(Schema):
    """A copy that was made."""

    message = fields.String()
    asset = fields.Integer(metadata={"description": "The id of the copy."})

"""API keys as clients ask for them and see them."""

from __future__ import annotations

from marshmallow import Schema, fields, validate

from fmhost.auth.api_keys import LONGEST_NAME, Scope
from fmhost.schemas.fields import AwareDateTime, EntityId
from fmhost.schemas.queries import ListSchema

_SCOPE = validate.OneOf([str(scope) for scope in Scope])


class ApiKeySchema(Schema):
    """A key, without what makes it one."""

    id = fields.Integer()
    user_id = fields.Integer()
    name = fields.String()
    prefix = fields.String()
    scopes = fields.List(fields.String(validate=_SCOPE))
    created_at = AwareDateTime()
    expires_at = AwareDateTime(allow_none=True)
    last_used_at = AwareDateTime(allow_none=True)


class NewApiKeySchema(ApiKeySchema):
    """A key that was just made, with the key itself."""

    key = fields.String()


class ApiKeyCreationSchema(Schema):
    """What a new key is to be good for, and until when."""

    name = fields.String(required=True, validate=validate.Length(min=1, max=LONGEST_NAME))
    scopes = fields.List(
        fields.String(validate=_SCOPE),
        required=True,
        validate=validate.Length(min=1, max=len(Scope)),
    )
    expires_at = AwareDateTime(load_default=None, allow_none=True)


class ApiKeysQuery(ListSchema):
    """Whose keys to list."""

    account = EntityId("account")

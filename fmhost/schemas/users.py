"""Messages about users: which are wanted, what is to change, what clients see of them."""

from __future__ import annotations

from typing import Any, ClassVar

from marshmallow import Schema, ValidationError, fields, validate

from fmhost.domain.zones import time_zone
from fmhost.errors import InvalidInput
from fmhost.schemas.entities import AccountSchema
from fmhost.schemas.fields import AwareDateTime, EntityId, JsonSchema
from fmhost.schemas.queries import PagedQuery


class UserSchema(Schema):
    """A user."""

    id = fields.Integer()
    username = fields.String()
    email = fields.String()
    account_id = fields.Integer()
    active = fields.Boolean(attribute="is_active")
    timezone = fields.String(allow_none=True)
    flexmeasures_roles = fields.Function(
        lambda user: sorted(role.id for role in user.roles),
        metadata={"type": "array", "items": {"type": "integer"}},
    )
    last_login_at = AwareDateTime(allow_none=True)
    last_seen_at = AwareDateTime(allow_none=True)


class ListedUserSchema(UserSchema):
    """A user as in lists: with the account, and with roles by their names."""

    account = fields.Nested(AccountSchema)
    flexmeasures_roles = fields.Function(
        lambda user: sorted(role.name for role in user.roles),
        metadata={"type": "array", "items": {"type": "string"}},
    )


class UserPageSchema(Schema):
    """A page of a list of users."""

    data = fields.List(fields.Nested(ListedUserSchema))
    num_records = fields.Integer(data_key="num-records")
    filtered_records = fields.Integer(data_key="filtered-records")


class UsersQuery(PagedQuery):
    """Which users to list."""

    account = EntityId("account")
    include_inactive = fields.Boolean(load_default=False)
    sort_by = fields.String(validate=validate.OneOf(["username", "email", "lastLogin", "lastSeen"]))


class HomeZone(fields.Field[str]):
    """The IANA name of the time zone in which a user lives."""

    json_schema: ClassVar[JsonSchema] = {"type": "string", "examples": ["Europe/Amsterdam"]}

    def _deserialize(self, value: Any, attr: Any, data: Any, **kwargs: Any) -> str:
        if not isinstance(value, str):
            raise ValidationError("Not a valid string.")
        try:
            return time_zone(value).key
        except InvalidInput as error:
            raise ValidationError(f"Timezone {value} doesn't exist.") from error


class UserCreationSchema(Schema):
    """A new user."""

    email = fields.String(required=True, validate=validate.Length(max=255))
    username = fields.String(required=True, validate=validate.Length(max=255))
    account_id = EntityId("account", required=True)


class UserUpdateSchema(Schema):
    """Fields of a user that are to change."""

    email = fields.String(validate=validate.Length(max=255))
    username = fields.String(validate=validate.Length(max=255))
    active = fields.Boolean()
    timezone = HomeZone()
    flexmeasures_roles = fields.List(EntityId("role"))


class DuplicateUserSchema(Schema):
    """Another user has the name or the e-mail address."""

    message = fields.String(validate=validate.Equal("Duplicate user already exists"))
    detail = fields.String()


class PasswordResetSchema(Schema):
    """A password was reset; there is nothing more to say."""

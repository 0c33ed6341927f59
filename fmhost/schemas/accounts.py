"""Messages about accounts: which are wanted, what is to change."""

from __future__ import annotations

from marshmallow import Schema, fields, validate

from fmhost.schemas.entities import AccountSchema
from fmhost.schemas.entity_changes import JsonObjectContent
from fmhost.schemas.fields import EntityId
from fmhost.schemas.queries import Names, PagedQuery


class AccountsQuery(PagedQuery):
    """Which accounts to list."""

    role = Names(load_default=())
    sort_by = fields.String(validate=validate.OneOf(["id", "name", "assets", "users"]))


class CountedAccountSchema(AccountSchema):
    """An account with the number of its assets and of its users."""

    asset_count = fields.Integer()
    user_count = fields.Integer()


class AccountPageSchema(Schema):
    """A page of a list of accounts."""

    data = fields.List(fields.Nested(CountedAccountSchema))
    num_records = fields.Integer(data_key="num-records")
    filtered_records = fields.Integer(data_key="filtered-records")


class AccountCreationSchema(Schema):
    """A new account."""

    name = fields.String(required=True, validate=validate.Length(max=100))
    consultancy_account_id = EntityId("account", allow_none=True)


class AccountUpdateSchema(Schema):
    """Fields of an account that are to change."""

    name = fields.String(validate=validate.Length(max=100))
    primary_color = fields.String(allow_none=True)
    secondary_color = fields.String(allow_none=True)
    logo_url = fields.String(allow_none=True)
    consultancy_account_id = EntityId("account", allow_none=True)
    plan_id = EntityId("plan", allow_none=True)
    attributes = JsonObjectContent()
    account_roles = fields.List(EntityId("account role"))

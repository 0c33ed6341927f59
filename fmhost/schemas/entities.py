"""What clients see of accounts, asset types, assets and sensors."""

from __future__ import annotations

import json
from typing import Any, ClassVar

from marshmallow import Schema, fields

from fmhost.model import Account, Asset, Sensor
from fmhost.schemas.entity_addresses import NamingAuthority
from fmhost.schemas.fields import FixedDuration, JsonSchema


class JsonText(fields.Field[str]):
    """A JSON value that clients get as text."""

    json_schema: ClassVar[JsonSchema] = {
        "type": "string",
        "contentMediaType": "application/json",
        "examples": ["{}"],
    }

    def _serialize(self, value: Any, attr: Any, obj: Any, **kwargs: Any) -> str:
        return json.dumps(value)


class AccountSchema(Schema):
    """An account."""

    id = fields.Integer()
    name = fields.String()
    account_roles = fields.Function(
        lambda account: role_ids(account),
        metadata={"type": "array", "items": {"type": "integer"}},
    )
    consultancy_account_id = fields.Integer(allow_none=True)
    primary_color = fields.String(allow_none=True)
    secondary_color = fields.String(allow_none=True)
    logo_url = fields.String(allow_none=True)
    attributes = fields.Dict(keys=fields.String())
    plan_id = fields.Integer(allow_none=True)


def role_ids(account: Account) -> list[int]:
    """The ids of the account's roles, sorted."""
    return sorted(role.id for role in account.account_roles)


class AssetTypeSchema(Schema):
    """An asset type."""

    id = fields.Integer()
    name = fields.String()
    description = fields.String(allow_none=True)


class AssetSchema(Schema):
    """An asset by itself, as in lists."""

    id = fields.Integer()
    name = fields.String()
    account_id = fields.Integer(allow_none=True)
    generic_asset_type_id = fields.Integer()
    generic_asset_type = fields.Nested(AssetTypeSchema)
    parent_asset_id = fields.Integer(allow_none=True)
    external_id = fields.String(allow_none=True)
    description = fields.String(allow_none=True)
    latitude = fields.Float(allow_none=True)
    longitude = fields.Float(allow_none=True)
    attributes = JsonText()
    flex_context = JsonText()
    flex_model = JsonText()
    sensors_to_show = JsonText()
    sensors_to_show_as_kpis = JsonText()


class SensorSchema(Schema):
    """A sensor.

    :param authority: who gives out the entity addresses; None where nothing is dumped.
    """

    id = fields.Integer()
    name = fields.String()
    unit = fields.String()
    timezone = fields.String()
    event_resolution = FixedDuration()
    entity_address = fields.Method("_entity_address", metadata={"type": "string"})
    generic_asset_id = fields.Integer()
    attributes = JsonText()

    def __init__(self, authority: NamingAuthority | None = None, **options: Any) -> None:
        super().__init__(**options)
        self.authority = authority

    def _entity_address(self, sensor: Sensor) -> str:
        assert self.authority is not None
        return self.authority.address_of(sensor.id)


class AssetPageSchema(Schema):
    """A page of a list of assets."""

    data = fields.List(fields.Nested(AssetSchema(partial=True)))
    num_records = fields.Integer(data_key="num-records")
    filtered_records = fields.Integer(data_key="filtered-records")


class SensorPageSchema(Schema):
    """A page of a list of sensors."""

    data = fields.List(fields.Nested(SensorSchema))
    num_records = fields.Integer(data_key="num-records")
    filtered_records = fields.Integer(data_key="filtered-records")


class AssetBranchSchema(AssetSchema):
    """An asset with its sensors and the assets below it."""

    sensors = fields.List(fields.Nested(SensorSchema))
    child_assets = fields.List(fields.Nested(lambda: AssetBranchSchema()))


class AssetTreeSchema(AssetBranchSchema):
    """An asset with its owner, its sensors and the assets below it."""

    owner = fields.Nested(AccountSchema, allow_none=True)


def dump_asset_tree(
    asset: Asset, family: list[Asset], authority: NamingAuthority
) -> dict[str, Any]:
    """An asset with its owner, its sensors, and its descendants in `family`, each with theirs.

    :param family: every asset that may appear below, in the order of their ids.
    """
    children: dict[int | None, list[Asset]] = {}
    for member in family:
        children.setdefault(member.parent_asset_id, []).append(member)
    alone = AssetSchema()
    sensors = SensorSchema(authority, many=True)

    def dump(member: Asset, ancestors: frozenset[int]) -> dict[str, Any]:
        below = [child for child in children.get(member.id, ()) if child.id not in ancestors]
        return {
            **alone.dump(member),
            "sensors": sensors.dump(member.sensors),
            "child_assets": [dump(child, ancestors | {child.id}) for child in below],
        }

    owner = AccountSchema().dump(asset.account) if asset.account is not None else None
    return {**dump(asset, frozenset((asset.id,))), "owner": owner}

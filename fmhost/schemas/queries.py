"""Parameters of lists. Names are spelled with hyphens or underscores, and some with ``_id``."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from marshmallow import EXCLUDE, Schema, fields, pre_load

from fmhost.schemas.fields import EntityId

_ALIASES = {"account_id": "account", "asset_id": "asset"}


class ListSchema(Schema):
    """What the queries for lists have in common: other parameters are ignored."""

    class Meta:
        """Queries ignore what they do not know."""

        unknown = EXCLUDE

    @pre_load
    def _spell(self, given: Mapping[str, Any], **_options: Any) -> dict[str, Any]:
        spelled: dict[str, Any] = {}
        for name, value in given.items():
            name = name.replace("-", "_")
            spelled[_ALIASES.get(name, name)] = value
        return spelled


class AssetsQuery(ListSchema):
    """Which assets to list."""

    account = EntityId("account")
    all_accessible = fields.Boolean(load_default=False)
    include_public = fields.Boolean(load_default=False)


class SensorsQuery(ListSchema):
    """Which sensors to list."""

    account = EntityId("account")
    asset = EntityId("asset")
    include_consultancy_clients = fields.Boolean(load_default=False)
    include_public_assets = fields.Boolean(load_default=False)
    unit = fields.String()

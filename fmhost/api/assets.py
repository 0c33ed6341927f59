"""``/api/v3_0/assets``."""

from __future__ import annotations

from typing import Any

from fmhost.api.loaders import load_account, load_asset, naming_authority
from fmhost.api.operations import Resource
from fmhost.api.unit_of_work import current_session
from fmhost.auth.login import requesting_user
from fmhost.auth.policy import Permission
from fmhost.schemas.entities import AssetSchema, dump_asset_tree
from fmhost.schemas.queries import AssetsQuery
from fmhost.services import lookup

assets = Resource("assets", __name__, url_prefix="/api/v3_0/assets")


@assets.operation("GET", "", schema=AssetsQuery())
def list_assets(given: dict[str, Any]) -> Any:
    """List the assets of the own account, of another one, or all that are accessible."""
    account_id = given.get("account")
    if account_id is not None:
        load_account(account_id, Permission.READ)
    found = lookup.list_assets(
        current_session(),
        requesting_user(),
        account_id=account_id,
        all_accessible=given["all_accessible"],
        include_public=given["include_public"],
    )
    return AssetSchema(many=True).dump(found)


@assets.operation("GET", "/<id>")
def fetch_asset(id: str) -> dict[str, Any]:
    """Fetch an asset with its sensors and its child assets."""
    asset = load_asset(id, Permission.READ)
    family = lookup.family_of(current_session(), requesting_user(), asset)
    return dump_asset_tree(asset, family, naming_authority())

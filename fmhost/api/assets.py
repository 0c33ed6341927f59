"""``/api/v3_0/assets``."""

from __future__ import annotations

from typing import Any

from fmhost.api.loaders import (
    check_may_own,
    load_account,
    load_asset,
    load_parent,
    naming_authority,
)
from fmhost.api.operations import Resource
from fmhost.api.pages import listing_of, page_or_list
from fmhost.api.unit_of_work import current_installation, current_session
from fmhost.auth.login import requesting_user
from fmhost.auth.policy import Permission
from fmhost.model import Asset
from fmhost.model.assets import MOVED_TO_FLEX_MODEL
from fmhost.schemas.entities import (
    AssetPageSchema,
    AssetSchema,
    AssetTreeSchema,
    AssetTypeSchema,
    SensorPageSchema,
    SensorSchema,
    dump_asset_tree,
)
from fmhost.schemas.entity_changes import AssetCreationSchema, AssetUpdateSchema
from fmhost.schemas.queries import AssetsQuery, SensorsOfAssetQuery
from fmhost.services import assets as asset_service
from fmhost.services import checks, entity_lists, lookup, moved_attributes
from fmhost.services.entity_lists import AssetScope, SensorScope

assets = Resource("assets", __name__, url_prefix="/api/v3_0/assets")


@assets.operation(
    "GET", "", schema=AssetsQuery(), answer=(AssetSchema(many=True, partial=True), AssetPageSchema)
)
def list_assets(given: dict[str, Any]) -> Any:
    """List the assets of the own account, of another one, or all that are accessible.

    With `page` it is a page of the list, with the numbers of all assets and of those that have the
    search terms of `filter` in their own name or that of their account. With `root`, the list is
    about that asset and those below it.
    """
    account_id = given.get("account")
    if account_id is not None:
        load_account(account_id, Permission.READ)
    root = load_asset(str(given["root"]), Permission.READ) if "root" in given else None
    scope = AssetScope(
        account_id=account_id,
        all_accessible=given["all_accessible"],
        include_public=given["include_public"],
        root=root,
        depth=given.get("depth"),
        asset_types=given["asset_type"],
    )
    page = entity_lists.list_assets(current_session(), requesting_user(), scope, listing_of(given))
    return page_or_list(page, AssetSchema(many=True, only=given["fields_"] or None))


@assets.operation("GET", "/public", answer=AssetSchema(many=True))
def list_public_assets() -> Any:
    """List the public assets."""
    page = entity_lists.list_assets(
        current_session(), requesting_user(), AssetScope(public_only=True)
    )
    return AssetSchema(many=True).dump(page.entries)


@assets.operation("GET", "/types", answer=AssetTypeSchema(many=True))
def list_asset_types() -> Any:
    """List the types that assets can have."""
    return AssetTypeSchema(many=True).dump(asset_service.list_asset_types(current_session()))


@assets.operation(
    "POST",
    "",
    schema=AssetCreationSchema(),
    answers={201: AssetTreeSchema},
    names={"assets": "/id"},
)
def create_asset(given: dict[str, Any]) -> Any:
    """Create an asset, by itself or as a part of another one.

    Parts belong to the account of the whole, and every member of that account may create them.
    """
    parent_id = given.pop("parent_asset_id", None)
    account_id = given.pop("account_id", None)
    if parent_id is not None:
        parent = load_parent(parent_id)
        account_id = parent.account_id if account_id is None else account_id
    else:
        check_may_own(account_id)
    attributes, flex_model = moved_attributes.move(
        _object(given, "attributes"), _object(given, "flex_model")
    )
    created = asset_service.create_asset(
        current_installation(),
        current_session(),
        asset_type_id=given.pop("generic_asset_type_id"),
        account_id=account_id,
        parent_id=parent_id,
        actor=requesting_user(),
        **{**given, "attributes": attributes, "flex_model": flex_model},
    )
    return _tree_of(created), 201


@assets.operation("GET", "/<id>", answer=AssetTreeSchema)
def fetch_asset(id: str) -> dict[str, Any]:
    """Fetch an asset with its sensors and its child assets."""
    asset = load_asset(id, Permission.READ)
    return _tree_of(asset)


@assets.operation("PATCH", "/<id>", schema=AssetUpdateSchema(), answer=AssetTreeSchema)
def update_asset(id: str, given: dict[str, Any]) -> Any:
    """Change fields of an asset; what is not named stays.

    JSON fields are replaced as a whole.
    """
    asset = load_asset(id, Permission.UPDATE)
    parent_id = given.get("parent_asset_id", asset.parent_asset_id)
    if parent_id != asset.parent_asset_id:
        if parent_id is not None:
            load_parent(parent_id)
        else:
            check_may_own(asset.account_id)
    if MOVED_TO_FLEX_MODEL.keys() & _object(given, "attributes").keys():
        said = given.get("flex_model")
        attributes, moved = moved_attributes.move(given["attributes"], said or {})
        stored = asset.flex_model if "flex_model" not in given else {}
        given |= {"attributes": attributes, "flex_model": {**stored, **moved}}
    asset_service.update_asset(
        current_installation(), current_session(), asset, given, actor=requesting_user()
    )
    return _tree_of(asset)


@assets.operation("DELETE", "/<id>", writes=True, answers={204: None})
def delete_asset(id: str) -> Any:
    """Delete an asset with the assets below it, their sensors and all data about these."""
    asset = load_asset(id, Permission.DELETE)
    asset_service.delete_asset(
        current_installation(), current_session(), asset.id, actor=requesting_user()
    )
    return None, 204


@assets.operation("GET", "/<id>/sensors", schema=SensorsOfAssetQuery(), answer=SensorPageSchema)
def list_sensors_of_asset(id: str, given: dict[str, Any]) -> Any:
    """List the sensors of an asset, page by page."""
    asset = load_asset(id, Permission.READ)
    page = entity_lists.list_sensors(
        current_session(),
        requesting_user(),
        SensorScope(asset=asset, offspring=False),
        listing_of(given),
    )
    return page_or_list(page, SensorSchema(naming_authority(), many=True))


def _tree_of(asset: Asset) -> dict[str, Any]:
    family = lookup.family_of(current_session(), requesting_user(), asset)
    return dump_asset_tree(asset, family, naming_authority())


def _object(given: dict[str, Any], field: str) -> dict[str, Any]:
    """The JSON object that a field holds; an empty one where it is not given."""
    return checks.json_object(given.get(field), field)

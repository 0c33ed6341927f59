"""Where an asset fits in: its type, its place in the tree, names that are taken."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from fmhost.errors import InvalidInput, NotFound
from fmhost.model import Asset, AssetType


def require_type(session: Session, asset_type_id: int) -> AssetType:
    """:raises InvalidInput: where there is no asset type with that id."""
    asset_type = session.get(AssetType, asset_type_id)
    if asset_type is None:
        raise InvalidInput(
            f"GenericAssetType with id {asset_type_id} doesn't exist.",
            field="generic_asset_type_id",
        )
    return asset_type


def require_parent(
    session: Session, parent_id: int, account_id: int | None, child: Asset | None = None
) -> Asset:
    """The parent of a new asset, or of `child`.

    :param account_id: the owner of the child; None for a public asset.
    :raises NotFound: where there is no such asset.
    :raises InvalidInput: where it has another owner, or would be a part of its own part.
    """
    parent = session.get(Asset, parent_id)
    if parent is None:
        raise NotFound(f"Parent asset with id {parent_id} not found.", field="parent_asset_id")
    if parent.account_id != account_id:
        raise InvalidInput(
            f"The parent asset {parent.id} belongs to {owner_text(parent.account_id)}, and the "
            f"asset to {owner_text(account_id)}.",
            field="parent_asset_id",
            hint="Give both the same owner.",
        )
    if child is not None and (child is parent or child in parent.ancestors):
        raise InvalidInput(
            f"Asset {parent.id} is a part of asset {child.id}, or the same, and cannot be its "
            "parent.",
            field="parent_asset_id",
        )
    return parent


def require_free_name(
    session: Session,
    name: str,
    account_id: int | None,
    parent_id: int | None,
    *,
    but: Asset | None = None,
) -> None:
    """See that no other asset at the same place has the name.

    :param but: the asset that is to have it.
    :raises InvalidInput: where one has.
    """
    query = select(Asset.id).where(
        Asset.name == name, Asset.parent_asset_id.is_not_distinct_from(parent_id)
    )
    if parent_id is None:
        query = query.where(Asset.account_id.is_not_distinct_from(account_id))
    if but is not None:
        query = query.where(Asset.id != but.id)
    if session.scalar(query.limit(1)) is None:
        return
    if parent_id is not None:
        place = f"under parent asset {parent_id}"
    elif account_id is None:
        place = "as a public top-level asset"
    else:
        place = f"as a top-level asset in account {account_id}"
    raise InvalidInput(f"An asset with the name '{name}' already exists {place}.", field="name")


def require_free_external_id(
    session: Session, external_id: str, account_id: int | None, *, but: Asset | None = None
) -> None:
    """:raises InvalidInput: where another asset of the account has this external id."""
    query = select(Asset.id).where(
        Asset.external_id == external_id, Asset.account_id.is_not_distinct_from(account_id)
    )
    if but is not None:
        query = query.where(Asset.id != but.id)
    if session.scalar(query.limit(1)) is not None:
        raise InvalidInput(
            f"An asset with the external ID '{external_id}' already exists in this account.",
            field="external_id",
        )


def owner_text(account_id: int | None) -> str:
    """Who owns an asset, in words."""
    return "the public" if account_id is None else f"account {account_id}"

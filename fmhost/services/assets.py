"""Assets and their types: create, find, delete."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from fmhost.errors import Conflict, InvalidInput, NotFound
from fmhost.model import Asset, AssetType, User, seeds
from fmhost.services import audit, checks, references
from fmhost.services.accounts import get_account
from fmhost.services.installation import Installation


def create_asset_type(session: Session, *, name: str, description: str | None = None) -> AssetType:
    """Create an asset type.

    :raises Conflict: where there is one of that name.
    :raises InvalidInput: where a text is empty or longer than 80 characters.
    """
    name = checks.required_text(name, "name", longest=80)
    if description:
        description = checks.required_text(description, "description", longest=80)
    if session.scalar(select(AssetType.id).where(AssetType.name == name)) is not None:
        raise Conflict(
            f"Asset type '{name}' already exists.",
            field="name",
            hint="`fmhost show asset-types` lists them.",
        )
    asset_type = AssetType(name=name, description=description)
    session.add(asset_type)
    session.flush()
    return asset_type


def get_or_create_asset_type(session: Session, name: str) -> AssetType:
    """The asset type of that name, created where it is missing."""
    found = session.scalar(select(AssetType).where(AssetType.name == name))
    return found or create_asset_type(session, name=name, description=seeds.ASSET_TYPES.get(name))


def list_asset_types(session: Session) -> Sequence[AssetType]:
    """All asset types, by id."""
    return session.scalars(select(AssetType).order_by(AssetType.id)).all()


def create_asset(
    installation: Installation,
    session: Session,
    *,
    name: str,
    asset_type_id: int,
    account_id: int | None = None,
    parent_id: int | None = None,
    latitude: float | None = None,
    longitude: float | None = None,
    attributes: Mapping[str, Any] | None = None,
    flex_context: Mapping[str, Any] | None = None,
    flex_model: Mapping[str, Any] | None = None,
    actor: User | None = None,
) -> Asset:
    """Create an asset.

    :param account_id: the owner; None for a public asset.
    :param parent_id: the asset of which this one is a part; it has the same owner.
    :param latitude: degrees north, at most seven decimals; likewise `longitude`, degrees east.
    :param actor: who does it; None for the operator of the installation.
    :raises NotFound: where there is no such asset type, account or parent.
    :raises Conflict: where the owner (or the parent) has an asset of that name.
    :raises InvalidInput: naming the field, for a value that does not fit.
    """
    name = checks.required_text(name, "name", longest=80)
    if session.get(AssetType, asset_type_id) is None:
        raise NotFound(
            f"GenericAssetType with id {asset_type_id} doesn't exist.",
            field="asset-type",
            hint="`fmhost show asset-types` lists them; `fmhost add initial-structure` makes the "
            "usual ones.",
        )
    if account_id is not None:
        get_account(session, account_id)
    parent = get_asset(session, parent_id, field="parent-asset") if parent_id is not None else None
    if parent is not None and parent.account_id != account_id:
        raise InvalidInput(
            f"The parent asset {parent.id} belongs to {_owner(parent.account_id)}, and the new "
            f"asset to {_owner(account_id)}.",
            field="parent-asset",
            hint="Give both the same owner.",
        )
    same_name = select(Asset.id).where(
        Asset.name == name,
        Asset.account_id.is_not_distinct_from(account_id),
        Asset.parent_asset_id.is_not_distinct_from(parent_id),
    )
    if session.scalar(same_name) is not None:
        raise Conflict(
            f"An asset with the name '{name}' already exists in {_owner(account_id)}.",
            field="name",
            hint="Choose another.",
        )
    asset = Asset(
        name=name,
        generic_asset_type_id=asset_type_id,
        account_id=account_id,
        parent_asset_id=parent_id,
        latitude=checks.coordinate(latitude, "latitude", limit=90),
        longitude=checks.coordinate(longitude, "longitude", limit=180),
        attributes=dict(attributes or {}),
        flex_context=dict(flex_context or {}),
        flex_model=dict(flex_model or {}),
    )
    session.add(asset)
    session.flush()
    audit.record_for_asset(
        installation,
        session,
        f"Created asset '{name}': {asset.id}",
        actor=actor,
        asset_id=asset.id,
    )
    return asset


def _owner(account_id: int | None) -> str:
    return "the public" if account_id is None else f"account {account_id}"


def get_asset(session: Session, asset_id: int, *, field: str = "asset") -> Asset:
    """:raises NotFound: where there is no asset with that id."""
    asset = session.get(Asset, asset_id)
    if asset is None:
        raise NotFound(
            f"No asset found with ID {asset_id}.",
            field=field,
            hint="`fmhost show assets` lists them.",
        )
    return asset


def list_assets(session: Session, account_id: int | None = None) -> Sequence[Asset]:
    """All assets, or those of one account, by id."""
    query = select(Asset).order_by(Asset.id)
    if account_id is not None:
        query = query.where(Asset.account_id == account_id)
    return session.scalars(query).all()


def delete_asset(
    installation: Installation, session: Session, asset_id: int, *, actor: User | None = None
) -> Asset:
    """Delete an asset with its descendants, all their sensors and beliefs.

    References to these sensors and assets are taken out of other assets.

    :raises NotFound: where there is no asset with that id.
    """
    asset = get_asset(session, asset_id)
    gone = [asset, *asset.offspring]
    references.prune(
        installation,
        session,
        sensor_ids={sensor.id for each in gone for sensor in each.sensors},
        asset_ids={each.id for each in gone},
        actor=actor,
    )
    for each in gone:
        audit.record_for_asset(
            installation,
            session,
            f"Deleted asset '{each.name}': {each.id}",
            actor=actor,
            asset_id=None,
        )
    session.flush()
    session.delete(asset)
    session.flush()
    return asset

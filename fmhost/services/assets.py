"""Assets and their types: create, find, change, delete."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from fmhost.errors import Conflict, NotFound
from fmhost.model import Asset, AssetType, Sensor, User, seeds
from fmhost.services import asset_content, asset_rules, audit, checks, references
from fmhost.services.accounts import get_account
from fmhost.services.installation import Installation

#: Fields of an asset that can be changed and are no JSON.
_SCALARS = (
    "name",
    "generic_asset_type_id",
    "parent_asset_id",
    "latitude",
    "longitude",
    "external_id",
    "description",
)


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
    external_id: str | None = None,
    description: str | None = None,
    actor: User | None = None,
    **content: Any,
) -> Asset:
    """Create an asset.

    :param account_id: the owner; None for a public asset.
    :param parent_id: the asset of which this one is a part; it has the same owner.
    :param latitude: degrees north, at most seven decimals; likewise `longitude`, degrees east.
    :param external_id: what the owner calls it; unique within the account.
    :param actor: who does it; None for the operator of the installation.
    :param content: JSON: ``attributes``, ``flex_context``, ``flex_model``, ``sensors_to_show``,
        ``sensors_to_show_as_kpis``.
    :raises NotFound: where there is no such account or parent.
    :raises InvalidInput: naming the field, for a value that does not fit, and for a name that the
        owner (or the parent) has given to another asset.
    """
    name = checks.required_text(name, "name", longest=80)
    asset_type = asset_rules.require_type(session, asset_type_id)
    parent = _checked_place(session, name, account_id, parent_id)
    if external_id is not None:
        external_id = checks.required_text(external_id, "external_id", longest=80)
        asset_rules.require_free_external_id(session, external_id, account_id)
    asset = Asset(
        name=name,
        generic_asset_type_id=asset_type_id,
        account_id=account_id,
        parent_asset_id=parent_id,
        latitude=checks.coordinate(latitude, "latitude", limit=90),
        longitude=checks.coordinate(longitude, "longitude", limit=180),
        external_id=external_id,
        description=description,
        **asset_content.checked(
            installation, session, content, asset_type=asset_type, parent=parent, actor=actor
        ),
    )
    session.add(asset)
    session.flush()
    event = f"Created asset '{name}': {asset.id}"
    audit.record_for_asset(installation, session, event, actor=actor, asset_id=asset.id)
    return asset


def _checked_place(
    session: Session, name: str, account_id: int | None, parent_id: int | None
) -> Asset | None:
    """The parent of a new asset, where it has one, once its name is known to be free there."""
    if account_id is not None:
        get_account(session, account_id)
    parent = (
        asset_rules.require_parent(session, parent_id, account_id)
        if parent_id is not None
        else None
    )
    asset_rules.require_free_name(session, name, account_id, parent_id)
    return parent


def update_asset(
    installation: Installation,
    session: Session,
    asset: Asset,
    changes: Mapping[str, Any],
    *,
    actor: User | None = None,
) -> Asset:
    """Change fields of an asset; one audit record is written per field, and per attribute.

    :param changes: any of ``name``, ``generic_asset_type_id``, ``parent_asset_id``, ``latitude``,
        ``longitude``, ``external_id``, ``description`` and the JSON fields, which are replaced as
        a whole.
    :raises NotFound: where there is no such parent.
    :raises InvalidInput: naming the field, for a value that does not fit.
    """
    values = _checked_scalars(session, asset, changes)
    parent_id = values.get("parent_asset_id", asset.parent_asset_id)
    parent = session.get(Asset, parent_id) if parent_id is not None else None
    type_id = values.get("generic_asset_type_id", asset.generic_asset_type_id)
    values |= asset_content.checked(
        installation,
        session,
        {field: changes[field] for field in asset_content.EMPTY if field in changes},
        asset_type=session.get_one(AssetType, type_id),
        parent=parent,
        before=asset,
        actor=actor,
    )
    events = []
    for field, value in values.items():
        before = getattr(asset, field)
        if value != before:
            events += [(asset.id, event) for event in _events(field, before, value)]
            setattr(asset, field, value)
    session.flush()
    audit.record_for_assets(installation, session, events, actor=actor)
    return asset


def _checked_scalars(session: Session, asset: Asset, changes: Mapping[str, Any]) -> dict[str, Any]:
    values = {field: changes[field] for field in _SCALARS if field in changes}
    if "name" in values:
        values["name"] = checks.required_text(values["name"], "name", longest=80)
    if "generic_asset_type_id" in values:
        asset_rules.require_type(session, values["generic_asset_type_id"])
    parent_id = values.get("parent_asset_id", asset.parent_asset_id)
    if "parent_asset_id" in values and parent_id is not None:
        asset_rules.require_parent(session, parent_id, asset.account_id, asset)
    if "name" in values or "parent_asset_id" in values:
        name = values.get("name", asset.name)
        asset_rules.require_free_name(session, name, asset.account_id, parent_id, but=asset)
    if values.get("external_id") is not None:
        external_id = checks.required_text(values["external_id"], "external_id", longest=80)
        asset_rules.require_free_external_id(session, external_id, asset.account_id, but=asset)
        values["external_id"] = external_id
    for field, limit in (("latitude", 90), ("longitude", 180)):
        if field in values:
            values[field] = checks.coordinate(values[field], field, limit=limit)
    return values


def _events(field: str, before: Any, after: Any) -> Iterator[str]:
    if field != "attributes":
        yield audit.asset_field_changed(field, before, after)
        return
    for name in dict.fromkeys((*before, *after)):
        old, new = before.get(name), after.get(name)
        if old != new:
            yield audit.asset_attribute_changed(name, old, new)


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
    ids = {each.id for each in gone}
    sensor_ids = session.scalars(select(Sensor.id).where(Sensor.generic_asset_id.in_(ids)))
    references.prune(installation, session, sensor_ids=set(sensor_ids), asset_ids=ids, actor=actor)
    events = [(None, f"Deleted asset '{each.name}': {each.id}") for each in gone]
    audit.record_for_assets(installation, session, events, actor=actor)
    session.flush()
    session.delete(asset)
    session.flush()
    return asset

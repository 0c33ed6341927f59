"""Lists of assets and sensors, as far as somebody may read them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import CTE, ColumnElement, func, literal, or_, select
from sqlalchemy.orm import Session, aliased, contains_eager

from fmhost.auth.visibility import readable_assets, readable_sensors
from fmhost.model import Account, Asset, AssetType, Sensor, User
from fmhost.services.listing import Listing, Page, fetch

#: A tree of assets is not deeper; a circle made by hand must not keep a query going.
_DEEPEST = 1000

#: By which names lists can be sorted.
ASSETS_SORTED_BY = ("id", "name", "owner")
SENSORS_SORTED_BY = ("id", "name", "resolution")


@dataclass(frozen=True, slots=True)
class AssetScope:
    """Which assets a list is about.

    :param account_id: those of this account; default the account of the user, where there is no
        `root`.
    :param all_accessible: everything that the user may read instead, public assets included.
    :param include_public: the public assets as well.
    :param public_only: the public assets, and no others.
    :param root: only this asset and what is below it.
    :param depth: so many levels below the root, or below top-level assets; 0 for these alone.
    :param asset_types: names or ids of types; only assets of one of them.
    """

    account_id: int | None = None
    all_accessible: bool = False
    include_public: bool = False
    public_only: bool = False
    root: Asset | None = None
    depth: int | None = None
    asset_types: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class SensorScope:
    """Which sensors a list is about.

    :param account_id: those of this account's assets; default the account of the user, where there
        is no `asset`.
    :param asset: those of this asset, and (with `offspring`) of the assets below it.
    :param include_public: those of public assets as well.
    :param include_clients: those of the accounts that the account advises as well.
    :param unit: only those with this unit.
    """

    account_id: int | None = None
    asset: Asset | None = None
    offspring: bool = True
    include_public: bool = False
    include_clients: bool = False
    unit: str | None = None


def list_assets(
    session: Session, user: User, scope: AssetScope | None = None, listing: Listing | None = None
) -> Page[Asset]:
    """The assets of a scope that `user` may read, with their types."""
    query = (
        select(Asset)
        .outerjoin(Asset.account)
        .join(Asset.generic_asset_type)
        .where(readable_assets(user), *_of_scope(user, scope or AssetScope()))
    )
    return fetch(
        session,
        query,
        listing or Listing(),
        id=Asset.id,
        searched=(Asset.name, func.coalesce(Account.name, "")),
        order={
            "id": Asset.id,
            "name": func.lower(Asset.name),
            "owner": func.lower(func.coalesce(Account.name, "")),
        },
        options=(contains_eager(Asset.account), contains_eager(Asset.generic_asset_type)),
    )


def numbers_of_sensors(session: Session, assets: Sequence[Asset]) -> dict[int, int]:
    """How many sensors each of these assets has, by its id; those without have no entry."""
    query = (
        select(Sensor.generic_asset_id, func.count())
        .where(Sensor.generic_asset_id.in_([asset.id for asset in assets]))
        .group_by(Sensor.generic_asset_id)
    )
    return {row[0]: row[1] for row in session.execute(query)}


def list_sensors(
    session: Session, user: User, scope: SensorScope | None = None, listing: Listing | None = None
) -> Page[Sensor]:
    """The sensors of a scope that `user` may read."""
    query = (
        select(Sensor)
        .join(Sensor.generic_asset)
        .outerjoin(Asset.account)
        .where(readable_sensors(user), *_of_sensors(user, scope or SensorScope()))
    )
    return fetch(
        session,
        query,
        listing or Listing(),
        id=Sensor.id,
        searched=(Sensor.name, func.coalesce(Account.name, "")),
        order={
            "id": Sensor.id,
            "name": func.lower(Sensor.name),
            "resolution": Sensor.event_resolution,
        },
    )


def _of_scope(user: User, scope: AssetScope) -> list[Any]:
    conditions: list[Any] = []
    if scope.public_only:
        conditions.append(Asset.account_id.is_(None))
    elif not scope.all_accessible and (scope.account_id is not None or scope.root is None):
        of_account = user.account_id if scope.account_id is None else scope.account_id
        conditions.append(_owned(of_account, scope.include_public))
    if scope.root is not None or scope.depth is not None:
        within = _tree(scope.root.id if scope.root is not None else None, scope.depth)
        conditions.append(Asset.id.in_(select(within.c.id)))
    if scope.asset_types:
        ids = [int(each) for each in scope.asset_types if _is_id(each)]
        conditions.append(or_(AssetType.name.in_(scope.asset_types), AssetType.id.in_(ids)))
    return conditions


def _is_id(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) < 10


def _of_sensors(user: User, scope: SensorScope) -> list[Any]:
    conditions: list[Any] = []
    if scope.asset is not None and scope.offspring:
        within = _tree(scope.asset.id, None)
        conditions.append(Sensor.generic_asset_id.in_(select(within.c.id)))
    elif scope.asset is not None:
        conditions.append(Sensor.generic_asset_id == scope.asset.id)
    else:
        of_account = user.account_id if scope.account_id is None else scope.account_id
        owned = _owned(of_account, scope.include_public)
        if scope.include_clients:
            clients = select(Account.id).where(Account.consultancy_account_id == of_account)
            owned = or_(owned, Asset.account_id.in_(clients))
        conditions.append(owned)
    if scope.unit is not None:
        conditions.append(Sensor.unit == scope.unit)
    return conditions


def _owned(account_id: int, include_public: bool) -> ColumnElement[bool]:
    own = Asset.account_id == account_id
    return or_(own, Asset.account_id.is_(None)) if include_public else own


def _tree(root_id: int | None, depth: int | None) -> CTE:
    """The ids of assets with the levels at which they are, down from the root or all roots."""
    above = aliased(Asset)
    start = Asset.parent_asset_id.is_(None) if root_id is None else Asset.id == root_id
    reached = select(Asset.id, literal(0).label("level")).where(start).cte(recursive=True)
    limit = _DEEPEST if depth is None else min(depth, _DEEPEST)
    return reached.union(
        select(above.id, reached.c.level + 1)
        .where(above.parent_asset_id == reached.c.id)
        .where(reached.c.level < limit)
    )

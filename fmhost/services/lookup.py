"""Find assets and sensors, with what the policy and the answers need of them in few statements.

The functions for lists ask the policy; those for one entity leave that to the caller, who knows
which permission is needed.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, bindparam, or_, select
from sqlalchemy.orm import Session, joinedload, selectinload

from fmhost.auth.visibility import readable_assets, readable_sensors
from fmhost.model import Account, Asset, Sensor, User


def find_sensor(session: Session, sensor_id: int) -> Sensor | None:
    """The sensor with that id, with its asset and account."""
    return session.scalars(_sensor_by_id(), {"wanted": sensor_id}).one_or_none()


@cache
def _sensor_by_id() -> Select[Sensor]:
    """Built once, since every request for data needs it."""
    return (
        select(Sensor)
        .where(Sensor.id == bindparam("wanted"))
        .options(joinedload(Sensor.generic_asset).joinedload(Asset.account))
    )


def find_asset(session: Session, asset_id: int) -> Asset | None:
    """The asset with that id, with its account and type."""
    query = select(Asset).where(Asset.id == asset_id).options(*_with_owner())
    return session.scalars(query).one_or_none()


def find_account(session: Session, account_id: int) -> Account | None:
    """The account with that id."""
    return session.get(Account, account_id)


def list_assets(
    session: Session,
    user: User,
    *,
    account_id: int | None = None,
    all_accessible: bool = False,
    include_public: bool = False,
) -> Sequence[Asset]:
    """The assets of an account that `user` may read, by id.

    :param account_id: default the account of `user`.
    :param all_accessible: everything that `user` may read instead, public assets included.
    :param include_public: the public assets as well.
    """
    query = select(Asset).where(readable_assets(user)).options(*_with_owner()).order_by(Asset.id)
    if not all_accessible:
        of_account = user.account_id if account_id is None else account_id
        query = query.where(_owned(of_account, include_public))
    return session.scalars(query).all()


def list_sensors(
    session: Session,
    user: User,
    *,
    account_id: int | None = None,
    asset: Asset | None = None,
    include_public: bool = False,
    include_clients: bool = False,
    unit: str | None = None,
) -> Sequence[Sensor]:
    """The sensors of an account, or of an asset and its descendants, that `user` may read, by id.

    :param account_id: default the account of `user`, where there is no `asset`.
    :param include_public: those of public assets as well.
    :param include_clients: those of the accounts that the account advises as well.
    :param unit: only those with this unit.
    """
    query = (
        select(Sensor).join(Sensor.generic_asset).where(readable_sensors(user)).order_by(Sensor.id)
    )
    if asset is not None:
        family = [asset.id, *(member.id for member in asset.offspring)]
        query = query.where(Sensor.generic_asset_id.in_(family))
    else:
        of_account = user.account_id if account_id is None else account_id
        owned = _owned(of_account, include_public)
        if include_clients:
            clients = select(Account.id).where(Account.consultancy_account_id == of_account)
            owned = or_(owned, Asset.account_id.in_(clients))
        query = query.where(owned)
    if unit is not None:
        query = query.where(Sensor.unit == unit)
    return session.scalars(query).all()


def family_of(session: Session, user: User, asset: Asset) -> list[Asset]:
    """The descendants of an asset that `user` may read, by id; all with their sensors and types."""
    ids = [asset.id, *(member.id for member in asset.offspring)]
    query = (
        select(Asset)
        .where(and_(Asset.id.in_(ids), or_(Asset.id == asset.id, readable_assets(user))))
        .options(*_with_owner(), selectinload(Asset.sensors))
        .order_by(Asset.id)
        .execution_options(populate_existing=True)
    )
    return [member for member in session.scalars(query) if member.id != asset.id]


def _owned(account_id: int, include_public: bool) -> ColumnElement[bool]:
    own = Asset.account_id == account_id
    return or_(own, Asset.account_id.is_(None)) if include_public else own


def _with_owner() -> tuple[Any, ...]:
    return (joinedload(Asset.account), joinedload(Asset.generic_asset_type))

"""Find entities, with what the policy and the answers need of them in few statements.

Whoever calls these functions asks the policy, and knows which permission is needed; only
:func:`family_of` asks it itself. For lists see :mod:`fmhost.services.entity_lists`.
"""

from __future__ import annotations

from functools import cache
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, bindparam, or_, select
from sqlalchemy.orm import Session, joinedload, selectinload

from fmhost.auth.visibility import readable_assets
from fmhost.model import Account, Asset, Sensor, Source, User
from fmhost.model.sources import entered_by


def find_sensor(session: Session, sensor_id: int) -> Sensor | None:
    """The sensor with that id, with its asset and account."""
    return session.scalars(_sensor_by_id(), {"wanted": sensor_id}).one_or_none()


def find_sensor_and_source(
    session: Session, sensor_id: int, user: User
) -> tuple[Sensor, Source | None] | None:
    """The same, with the source of what `user` enters, where there is one already."""
    found = session.execute(
        _sensor_and_source(), {"wanted": sensor_id, "entering": user.id}
    ).one_or_none()
    return None if found is None else (found[0], found[1])


@cache
def _sensor_by_id() -> Select[Sensor]:
    """Built once, since every request for data needs it."""
    return (
        select(Sensor)
        .where(Sensor.id == bindparam("wanted"))
        .options(joinedload(Sensor.generic_asset).joinedload(Asset.account))
    )


@cache
def _sensor_and_source() -> Select[Sensor, Source]:
    user_id: ColumnElement[int] = bindparam("entering", type_=Source.user_id.type)
    return _sensor_by_id().add_columns(Source).outerjoin(Source, entered_by(user_id))


def find_asset(session: Session, asset_id: int) -> Asset | None:
    """The asset with that id, with its account and type."""
    query = select(Asset).where(Asset.id == asset_id).options(*_with_owner())
    return session.scalars(query).one_or_none()


def find_account(session: Session, account_id: int) -> Account | None:
    """The account with that id."""
    return session.get(Account, account_id)


def find_user(session: Session, user_id: int) -> User | None:
    """The user with that id, with account and roles."""
    query = select(User).where(User.id == user_id)
    found = session.scalars(query.options(joinedload(User.account), joinedload(User.roles)))
    return found.unique().one_or_none()


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


def _with_owner() -> tuple[Any, ...]:
    return (joinedload(Asset.account), joinedload(Asset.generic_asset_type))

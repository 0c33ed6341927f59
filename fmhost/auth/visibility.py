"""What a user may read, as conditions for queries, so that lists and counts never leak.

Each function gives the condition under which :func:`fmhost.auth.policy.allowed` says yes to
``read`` on an entity; a test keeps the two in step. For assets and sensors, None stands for the
operator of the installation, who may read everything.
"""

from __future__ import annotations

from sqlalchemy import ColumnElement, false, or_, select, true

from fmhost.auth.policy import ADMIN, ADMIN_READER, CONSULTANT
from fmhost.model import Account, Asset, Sensor, User


def reads_everything(user: User) -> bool:
    """Whether the roles of `user` stand above the rules for reading."""
    return bool(user.active) and (user.has_role(ADMIN) or user.has_role(ADMIN_READER))


def readable_accounts(user: User) -> ColumnElement[bool]:
    """The condition on :class:`Account`: the own account, and the clients of a consultant."""
    if reads_everything(user):
        return true()
    if not user.active:
        return false()
    own = Account.id == user.account_id
    if user.has_role(CONSULTANT):
        return or_(own, Account.consultancy_account_id == user.account_id)
    return own


def readable_users(user: User) -> ColumnElement[bool]:
    """The condition on :class:`User`: those of the accounts that `user` may read."""
    if reads_everything(user):
        return true()
    return User.account_id.in_(select(Account.id).where(readable_accounts(user)))


def readable_assets(user: User | None) -> ColumnElement[bool]:
    """The condition on :class:`Asset`: those of readable accounts, and all public ones."""
    if user is None or reads_everything(user):
        return true()
    if not user.active:
        return false()
    if user.has_role(CONSULTANT):
        accounts = select(Account.id).where(readable_accounts(user))
        return or_(Asset.account_id.is_(None), Asset.account_id.in_(accounts))
    return or_(Asset.account_id.is_(None), Asset.account_id == user.account_id)


def readable_sensors(user: User | None) -> ColumnElement[bool]:
    """The condition on :class:`Sensor`: those of readable assets."""
    if user is None or reads_everything(user):
        return true()
    return Sensor.generic_asset_id.in_(select(Asset.id).where(readable_assets(user)))

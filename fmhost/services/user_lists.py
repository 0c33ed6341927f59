"""Lists of users, as far as somebody may read them."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, func, literal, select
from sqlalchemy.orm import InstrumentedAttribute, Session, contains_eager, selectinload

from fmhost.auth.visibility import readable_users, reads_everything
from fmhost.model import Account, User
from fmhost.model.types import EPOCH, Timestamp
from fmhost.services.listing import Listing, Page, fetch


def list_users(
    session: Session,
    user: User,
    listing: Listing,
    *,
    account_id: int | None = None,
    all_accessible: bool = False,
    include_inactive: bool = False,
) -> Page[User]:
    """Users that `user` may read, with account and roles.

    :param account_id: whose users; None for those of the own account, or for all users where
        `user` reads everything.
    :param all_accessible: everybody whom `user` may read instead, those of clients included.
    """
    query = select(User).join(User.account).where(readable_users(user))
    if account_id is None and not all_accessible and not reads_everything(user):
        account_id = user.account_id
    if account_id is not None:
        query = query.where(User.account_id == account_id)
    if not include_inactive:
        query = query.where(User.active.is_(True))
    return fetch(
        session,
        query,
        listing,
        id=User.id,
        searched=(User.username, User.email, Account.name),
        order={
            "username": func.lower(User.username),
            "email": func.lower(User.email),
            "lastLogin": _never_first(User.last_login_at),
            "lastSeen": _never_first(User.last_seen_at),
        },
        options=(
            contains_eager(User.account).selectinload(Account.account_roles),
            selectinload(User.roles),
        ),
    )


def _never_first(column: InstrumentedAttribute[Any]) -> ColumnElement[Any]:
    """The databases do not agree where nulls belong."""
    return func.coalesce(column, literal(EPOCH, Timestamp()))

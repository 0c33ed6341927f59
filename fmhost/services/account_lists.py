"""Lists of accounts, as far as somebody may read them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session, selectinload

from fmhost.auth.visibility import readable_accounts
from fmhost.model import Account, AccountRole, Asset, User
from fmhost.services.listing import Listing, Page, fetch


def list_accounts(
    session: Session, user: User, listing: Listing, *, roles: Sequence[str] = ()
) -> Page[Account]:
    """The accounts that `user` may read.

    :param roles: names or ids of account roles of which an account must have one; empty for any.
    """
    query = select(Account).where(readable_accounts(user))
    if roles:
        ids = [int(each) for each in roles if _is_id(each)]
        wanted = or_(AccountRole.name.in_(roles), AccountRole.id.in_(ids))
        query = query.where(Account.account_roles.any(wanted))
    return fetch(
        session,
        query,
        listing,
        id=Account.id,
        searched=(Account.name,),
        order={
            "id": Account.id,
            "name": func.lower(Account.name),
            "assets": _number_of(Asset),
            "users": _number_of(User),
        },
        options=(selectinload(Account.account_roles),),
    )


def _number_of(entity: type[Asset] | type[User]) -> Any:
    owned = select(func.count(entity.id)).where(entity.account_id == Account.id)
    return owned.correlate(Account).scalar_subquery()


def _is_id(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) < 10

"""Accounts: create them, find them, delete them with all they own."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from fmhost.errors import Conflict, NotFound
from fmhost.model import Account, AccountRole, Asset, User
from fmhost.services import audit, checks, roles
from fmhost.services.installation import Installation


def create_account(
    installation: Installation,
    session: Session,
    *,
    name: str,
    account_roles: Sequence[str] = (),
    consultancy_id: int | None = None,
    primary_color: str | None = None,
    secondary_color: str | None = None,
    logo_url: str | None = None,
    actor: User | None = None,
) -> Account:
    """Create an account.

    :param account_roles: names of account roles; missing ones are created.
    :param consultancy_id: the account whose consultants serve this one.
    :param primary_color: ``#rrggbb`` or ``#rgb``; like `secondary_color` and `logo_url`, for the
        pages that its users see.
    :param actor: who does it; None for the operator of the installation.
    :raises Conflict: where an account has the name already.
    :raises NotFound: where there is no such consultancy account.
    :raises InvalidInput: naming the field, for a value that does not fit.
    """
    name = checks.required_text(name, "name", longest=100)
    if find_account(session, name) is not None:
        raise Conflict(f"Account '{name}' already exists.", field="name", hint="Choose another.")
    if consultancy_id is not None:
        get_account(session, consultancy_id, field="consultancy")
    named_roles = roles.get_or_create(session, AccountRole, account_roles)
    account = Account(
        name=name,
        consultancy_account_id=consultancy_id,
        primary_color=checks.color(primary_color, "primary-color"),
        secondary_color=checks.color(secondary_color, "secondary-color"),
        logo_url=checks.url(logo_url, "logo-url"),
    )
    session.add(account)
    account.account_roles = named_roles
    session.flush()
    audit.record(
        installation, session, f"Account {name} created", actor=actor, account_id=account.id
    )
    return account


def get_account(session: Session, account_id: int, *, field: str = "account") -> Account:
    """:raises NotFound: where there is no account with that id."""
    account = session.get(Account, account_id)
    if account is None:
        raise NotFound(
            f"No account with ID {account_id} found!",
            field=field,
            hint="`fmhost show accounts` lists them.",
        )
    return account


def find_account(session: Session, name: str) -> Account | None:
    """The account of that name."""
    return session.scalar(select(Account).where(Account.name == name))


@dataclass(frozen=True, slots=True)
class Listed:
    """An account with the number of its assets and of its users."""

    account: Account
    assets: int
    users: int


def list_accounts(session: Session) -> list[Listed]:
    """All accounts, by name."""
    return with_counts(
        session, session.scalars(select(Account).order_by(Account.name, Account.id)).all()
    )


def with_counts(session: Session, accounts: Sequence[Account]) -> list[Listed]:
    """These accounts, in their order, with the numbers of what belongs to them."""
    ids = [account.id for account in accounts]
    assets = _counts_of(session, Asset, ids)
    users = _counts_of(session, User, ids)
    return [
        Listed(account, assets.get(account.id, 0), users.get(account.id, 0)) for account in accounts
    ]


def _counts_of(
    session: Session, entity: type[Asset] | type[User], ids: Sequence[int]
) -> dict[int | None, int]:
    query = select(entity.account_id, func.count()).where(entity.account_id.in_(ids))
    return {row[0]: row[1] for row in session.execute(query.group_by(entity.account_id))}


def delete_account(
    installation: Installation, session: Session, account_id: int, *, actor: User | None = None
) -> Account:
    """Delete an account with its users and its assets, their sensors and beliefs.

    Its client accounts, the data sources and the audit records stay.

    :raises NotFound: where there is no account with that id.
    """
    account = get_account(session, account_id)
    for user in account.users:
        audit.record(
            installation,
            session,
            f"User {user.username} deleted",
            actor=actor,
            user_id=user.id,
            account_id=account.id,
        )
    for asset in account.assets:
        audit.record_for_asset(
            installation,
            session,
            f"Deleted asset '{asset.name}': {asset.id}",
            actor=actor,
            asset_id=None,
        )
    audit.record(
        installation, session, f"Account {account.name} deleted", actor=actor, account_id=account.id
    )
    session.delete(account)
    session.flush()
    return account

"""Roles of users and of accounts; roles that are named and missing come into being."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TypeVar

from sqlalchemy import select
from sqlalchemy.orm import Session

from fmhost.errors import Conflict, NotFound
from fmhost.model import AccountRole, Role, seeds
from fmhost.services import audit
from fmhost.services.checks import required_text
from fmhost.services.installation import Installation

RoleKind = TypeVar("RoleKind", Role, AccountRole)


def all_of(session: Session, kind: type[RoleKind]) -> Sequence[RoleKind]:
    """All roles of a kind (`Role` for users, `AccountRole` for accounts), by id."""
    return session.scalars(select(kind).order_by(kind.id)).all()


def create(
    session: Session, kind: type[RoleKind], name: str, description: str | None = None
) -> RoleKind:
    """Create a role.

    :raises InvalidInput: where the name is empty or longer than 80 characters.
    :raises Conflict: where a role of that kind has the name already.
    """
    name = required_text(name, "name", longest=80)
    if session.scalar(select(kind.id).where(kind.name == name)) is not None:
        what = "Account role" if kind is AccountRole else "User role"
        raise Conflict(f"{what} '{name}' already exists.", field="name", hint="Choose another.")
    role = kind(name=name, description=description)
    session.add(role)
    session.flush()
    return role


def named(session: Session, kind: type[RoleKind], name: str) -> RoleKind:
    """The role of that name.

    :raises NotFound: where there is none.
    """
    found = session.scalar(select(kind).where(kind.name == name))
    if found is None:
        what = "Account role" if kind is AccountRole else "User role"
        raise NotFound(
            f"{what} '{name}' does not exist.", field="name", hint="`fmhost show roles` lists them."
        )
    return found


def delete(installation: Installation, session: Session, role: AccountRole) -> None:
    """Delete an account role; accounts that have it lose it, which is recorded for each."""
    for account in role.accounts:
        event = f"Removed account role(s): ['{role.name}']"
        audit.record(installation, session, event, account_id=account.id)
    session.delete(role)
    session.flush()


def unknown(session: Session, kind: type[RoleKind], names: Iterable[str]) -> list[str]:
    """Those of `names` that no role of that kind has, each once, in their order."""
    wanted = dict.fromkeys(names)
    known = set(session.scalars(select(kind.name).where(kind.name.in_(wanted))))
    return [name for name in wanted if name not in known]


def get_or_create(session: Session, kind: type[RoleKind], names: Iterable[str]) -> list[RoleKind]:
    """The roles of these names, each once; the missing ones are created."""
    wanted = list(dict.fromkeys(names))
    usual = seeds.ACCOUNT_ROLES if kind is AccountRole else seeds.USER_ROLES
    for name in unknown(session, kind, wanted):
        create(session, kind, name, usual.get(name))
    found = {role.name: role for role in session.scalars(select(kind).where(kind.name.in_(wanted)))}
    return [found[name] for name in wanted]

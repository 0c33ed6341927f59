"""Invite users and change them: which fields there are, who may change them, to what."""

from __future__ import annotations

import secrets
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from fmhost.auth.policy import ADMIN, ADMIN_READER, may_assign_role
from fmhost.errors import Conflict, InvalidInput, NotAuthorized
from fmhost.model import Account, Role, User
from fmhost.model.users import DEFAULT_TIMEZONE
from fmhost.services import audit, checks
from fmhost.services.installation import Installation
from fmhost.services.users import create_user, deliverable_email, normal_email

#: Who could change these of oneself could gain rights, or lose them for good.
_NOT_OF_ONESELF = frozenset(("active", "flexmeasures_roles"))

#: Who could change these of somebody with more rights could take these rights over, or away.
_NOT_OF_SUPERIORS = frozenset(("email", "active"))


def invite_user(
    installation: Installation,
    session: Session,
    *,
    username: str,
    email: str,
    account: Account,
    actor: User,
) -> User:
    """Create a user with a password that nobody knows, so that the user has to choose one.

    :param email: unique, and one to which mail can be sent.
    :param actor: who does it.
    :raises Conflict: where another user has the name or the e-mail address.
    :raises InvalidInput: naming the field, for a value that does not fit.
    """
    with _duplicates_told():
        return create_user(
            installation,
            session,
            username=username,
            email=deliverable_email(installation, email),
            password=secrets.token_urlsafe(32),
            account=account,
            timezone=DEFAULT_TIMEZONE,
            actor=actor,
        )


def update_user(
    installation: Installation,
    session: Session,
    user: User,
    changes: Mapping[str, Any],
    *,
    actor: User,
) -> User:
    """Change fields of a user; one audit record is written per field.

    :param changes: any of ``email``, ``username``, ``timezone`` (IANA name), ``active`` and
        ``flexmeasures_roles`` (ids). Who is no longer active loses all tokens and sessions.
    :param actor: who does it.
    :raises NotAuthorized: where the actor may not change a field, or add or remove a role.
    :raises Conflict: where another user has the name or the e-mail address.
    :raises InvalidInput: naming the field, for a value that does not fit.
    """
    _require_standing(actor, user, changes)
    events: list[str] = []
    if "flexmeasures_roles" in changes:
        events += _change_roles(session, user, changes["flexmeasures_roles"], actor)
    for field, value in _checked(session, user, changes).items():
        before = getattr(user, field)
        if value != before:
            events.append(audit.user_field_changed(field, before, value))
            setattr(user, field, value)
    if "active" in changes and bool(user.active) != changes["active"]:
        user.active = changes["active"]
        events.append(f"Active status set to '{user.active}'.")
        if not user.active:
            user.revoke_access()
    with _duplicates_told():
        session.flush()
    for event in events:
        audit.record(
            installation,
            session,
            event,
            actor=actor,
            user_id=user.id,
            account_id=user.account_id,
        )
    return user


def _require_standing(actor: User, user: User, changes: Mapping[str, Any]) -> None:
    if actor.id == user.id:
        if _NOT_OF_ONESELF & changes.keys():
            raise NotAuthorized("Users who edit themselves cannot edit security-sensitive fields.")
    elif not actor.has_role(ADMIN) and _NOT_OF_SUPERIORS & changes.keys():
        above = [role for role in (ADMIN, ADMIN_READER) if user.has_role(role)]
        if above:
            raise NotAuthorized(
                f"Only admins can change the e-mail address and the active status of a user with "
                f"the role {above[0]}."
            )


def _checked(session: Session, user: User, changes: Mapping[str, Any]) -> dict[str, Any]:
    """The new values of fields that are texts."""
    values: dict[str, Any] = {}
    if "email" in changes:
        values["email"] = email = normal_email(changes["email"])
        taken = func.lower(User.email) == email.lower()
        if session.scalar(select(User.id).where(taken, User.id != user.id)) is not None:
            raise Conflict(f"User with email {email} already exists.", field="email")
    if "username" in changes:
        name = checks.required_text(changes["username"], "username", longest=255)
        values["username"] = name
        taken = User.username == name
        if session.scalar(select(User.id).where(taken, User.id != user.id)) is not None:
            raise Conflict(f"User with username {name} already exists.", field="username")
    if "timezone" in changes:
        values["timezone"] = checks.timezone(changes["timezone"])
    return values


def _change_roles(session: Session, user: User, ids: Sequence[int], actor: User) -> list[str]:
    """Give the user these roles and no others; what the audit log is to have of it."""
    found = {role.id: role for role in session.scalars(select(Role).where(Role.id.in_(ids)))}
    missing = set(ids) - found.keys()
    if missing:
        raise InvalidInput(
            f"Role with Id {min(missing)} doesn't exist.", field="flexmeasures_roles"
        )
    present = {role.id: role for role in user.roles}
    added = sorted(found[id].name for id in found.keys() - present.keys())
    removed = sorted(present[id].name for id in present.keys() - found.keys())
    for verb, preposition, names in (("add", "to", added), ("remove", "from", removed)):
        for name in names:
            if not may_assign_role(actor, name, user):
                raise NotAuthorized(
                    f"You are not allowed to {verb} ({name}) role {preposition} this user.",
                    field="flexmeasures_roles",
                )
    user.roles = [found[id] for id in sorted(found)]
    changed = (("Added", added), ("Removed", removed))
    return [f"{done} role(s): {names}" for done, names in changed if names]


@contextmanager
def _duplicates_told() -> Iterator[None]:
    """Somebody else may take the name or the address after we have looked."""
    try:
        yield
    except IntegrityError as error:
        raise Conflict("Another user has the name or the e-mail address.") from error

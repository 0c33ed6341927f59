"""What the operator of an installation does with users; the policy is not asked."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from fmhost.errors import NotFound
from fmhost.model import Role, User
from fmhost.services import audit, roles
from fmhost.services.installation import Installation
from fmhost.services.users import find_user


def user_meant(session: Session, reference: str) -> User:
    """The user with this e-mail address, or this name.

    :raises NotFound: where there is none.
    """
    named = select(User).where(User.username == reference)
    user = find_user(session, reference) or session.scalar(named)
    if user is None:
        raise NotFound(
            f"Could not find a user with the e-mail address or name '{reference}'.",
            field="user",
            hint="`fmhost show account --id ID` lists the users of an account.",
        )
    return user


def set_active(installation: Installation, session: Session, user: User, active: bool) -> bool:
    """Let a user log in, or no more; returns whether that is a change.

    Who is no longer active loses all tokens and sessions.
    """
    if bool(user.active) == active:
        return False
    user.active = active
    if not active:
        user.revoke_access()
    _record(installation, session, user, f"Active status set to '{active}'.")
    return True


def add_role(installation: Installation, session: Session, user: User, name: str) -> bool:
    """Give a user a role; returns whether that is a change.

    :raises NotFound: where there is no such role.
    """
    role = roles.named(session, Role, name)
    if role in user.roles:
        return False
    user.roles.append(role)
    _record(installation, session, user, f"Added role(s): {[name]}")
    return True


def remove_role(installation: Installation, session: Session, user: User, name: str) -> bool:
    """Take a role from a user; returns whether that is a change.

    :raises NotFound: where there is no such role.
    """
    role = roles.named(session, Role, name)
    if role not in user.roles:
        return False
    user.roles.remove(role)
    _record(installation, session, user, f"Removed role(s): {[name]}")
    return True


def _record(installation: Installation, session: Session, user: User, event: str) -> None:
    audit.record(installation, session, event, user_id=user.id, account_id=user.account_id)
    session.flush()

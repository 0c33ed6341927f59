"""Users: create them, find them, delete them."""

from __future__ import annotations

import html
import logging
import secrets
from collections.abc import Sequence
from datetime import timedelta

from email_validator import EmailNotValidError, validate_email
from sqlalchemy import func, select
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from fmhost.auth.passwords import hash_password, verify_password
from fmhost.errors import Conflict, FmhostError, InvalidInput, NotFound
from fmhost.model import Account, Role, User
from fmhost.services import api_keys, audit, checks, roles
from fmhost.services.installation import Installation
from fmhost.services.sources import get_or_create_source

logger = logging.getLogger("fmhost.users")

#: How long a request waits to record what is done already.
_PATIENCE_WITH_RECORDS = timedelta(seconds=2)

#: How long to wait for name servers [s].
_NAME_SERVERS_TIMEOUT = 3


def create_user(
    installation: Installation,
    session: Session,
    *,
    username: str,
    email: str,
    password: str,
    account: Account,
    user_roles: Sequence[str] = (),
    timezone: str | None = None,
    actor: User | None = None,
) -> User:
    """Create a user, and the data source of what they will enter.

    :param email: unique; normalised, and not checked for whether mail arrives.
    :param password: kept as a hash; 8 characters or more.
    :param user_roles: names of roles; missing ones are created.
    :param timezone: IANA name; default ``FLEXMEASURES_TIMEZONE``.
    :param actor: who does it; None for the operator of the installation.
    :raises Conflict: where another user has the name or the e-mail address.
    :raises InvalidInput: naming the field, for a value that does not fit.
    :raises ConfigurationError: where there is no secret key to hash with.
    """
    username = checks.required_text(username, "username", longest=255)
    email = normal_email(email)
    zone = checks.timezone(timezone or installation.settings["FLEXMEASURES_TIMEZONE"])
    if find_user(session, email) is not None:
        raise Conflict(f"User with email {email} already exists.", field="email")
    if session.scalar(select(User.id).where(User.username == username)) is not None:
        raise Conflict(f"User with username {username} already exists.", field="username")
    named_roles = roles.get_or_create(session, Role, user_roles)
    user = User(
        username=username,
        email=email,
        password=hash_password(installation.settings, password),
        timezone=zone,
        account_id=account.id,
    )
    session.add(user)
    user.roles = named_roles
    session.flush()
    get_or_create_source(session, user)
    audit.record(
        installation,
        session,
        f"User {username} created",
        actor=actor,
        user_id=user.id,
        account_id=account.id,
    )
    return user


def normal_email(email: str) -> str:
    """The address in its normal form.

    :raises InvalidInput: where it is no address; whether mail arrives is not checked.
    """
    try:
        return validate_email(email.strip(), check_deliverability=False).normalized
    except EmailNotValidError as error:
        shown = html.escape(email, quote=False)  # some client may show it as part of a page
        raise InvalidInput(f"'{shown}' is not an e-mail address: {error}", field="email") from error


def deliverable_email(installation: Installation, email: str) -> str:
    """The address in its normal form.

    Where ``FMHOST_CHECK_MAIL_DOMAINS`` is on, name servers are asked whether its domain takes mail;
    where they do not answer, it is taken to do so.

    :raises InvalidInput: where it is no address, or its domain does not take mail.
    """
    email = normal_email(email)
    if installation.settings["FMHOST_CHECK_MAIL_DOMAINS"]:
        try:
            validate_email(email, check_deliverability=True, timeout=_NAME_SERVERS_TIMEOUT)
        except EmailNotValidError as error:
            raise InvalidInput(f"No mail arrives at '{email}': {error}", field="email") from error
    return email


def find_user(session: Session, email: str) -> User | None:
    """The user with that e-mail address, whatever its case."""
    return session.scalar(select(User).where(func.lower(User.email) == email.strip().lower()))


def get_user(session: Session, user_id: int) -> User:
    """:raises NotFound: where there is no user with that id."""
    user = session.get(User, user_id)
    if user is None:
        raise NotFound(f"No user with ID {user_id} found!", field="user")
    return user


def delete_user(
    installation: Installation, session: Session, email: str, *, actor: User | None = None
) -> User:
    """Delete a user; their data source, what they entered, and the audit records stay.

    :raises NotFound: where there is no user with that e-mail address.
    """
    user = find_user(session, email)
    if user is None:
        raise NotFound(
            f"Could not find user with email address '{email}'.",
            field="email",
            hint="`fmhost show account --id ID` lists the users of an account.",
        )
    audit.record(
        installation,
        session,
        f"User {user.username} deleted",
        actor=actor,
        user_id=user.id,
        account_id=user.account_id,
    )
    session.delete(user)
    session.flush()
    return user


def set_password(
    installation: Installation,
    session: Session,
    user: User,
    password: str,
    *,
    actor: User | None = None,
) -> None:
    """Give a user another password; all tokens and sessions of the user end.

    A password that is the present one changes nothing.

    :raises InvalidInput: where the password is too short.
    """
    if verify_password(installation.settings, password, user.password):
        return
    user.password = hash_password(installation.settings, password)
    user.revoke_access()
    audit.record(
        installation,
        session,
        f"Password changed for user {user.username}",
        actor=actor,
        user_id=user.id,
        account_id=user.account_id,
    )
    session.flush()


def reset_access(
    installation: Installation, session: Session, user: User, *, actor: User | None = None
) -> None:
    """Give a user a password that nobody knows, and end all tokens, sessions and API keys.

    :param actor: who does it; None for the operator of the installation.
    """
    user.password = hash_password(installation.settings, secrets.token_urlsafe(32))
    user.revoke_access()
    api_keys.revoke_all_keys(session, user)
    audit.record(
        installation,
        session,
        f"Password reset for user {user.username}",
        actor=actor,
        user_id=user.id,
        account_id=user.account_id,
    )
    session.flush()


def record_instructions(installation: Installation, user: User, *, actor: User | None) -> None:
    """Record, in a transaction of its own, that a link for a new password was sent to `user`.

    A failure is logged: the mail has left, and nothing that was done can be taken back.
    """
    try:
        with installation.database.transaction(patience=_PATIENCE_WITH_RECORDS) as session:
            audit.record(
                installation,
                session,
                f"Reset password instructions sent for user {user.username}",
                actor=actor,
                user_id=user.id,
                account_id=user.account_id,
            )
    except (SQLAlchemyError, FmhostError) as error:
        logger.warning("That a mail was sent to user %s is not recorded: %s", user.id, error)

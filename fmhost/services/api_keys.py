"""API keys: make them, list them, revoke them, and note when they are used."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from sqlalchemy import delete, or_, select, update
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session, joinedload

from fmhost.auth.api_keys import LONGEST_NAME, KeyInUse, Scope, hash_key, new_key, shown_part
from fmhost.errors import FmhostError, InvalidInput, NotFound
from fmhost.model import Account, ApiKey, User
from fmhost.services import audit, checks
from fmhost.services.installation import Installation

logger = logging.getLogger("fmhost.presence")

#: That a key is in use is not written down again before this has passed.
USED_AGAIN_AFTER = timedelta(minutes=1)


def create_key(
    installation: Installation,
    session: Session,
    user: User,
    *,
    name: str,
    scopes: Iterable[str],
    expires_at: datetime | None = None,
    actor: User | None = None,
) -> tuple[ApiKey, str]:
    """Make a key with which programs act in the name of `user`.

    :param name: what its owner calls it.
    :param scopes: what it is good for: names of :class:`~fmhost.auth.api_keys.Scope`.
    :param expires_at: from when on it is worth nothing, aware; None for never.
    :param actor: who makes it; None for the operator of the installation.
    :return: what is stored, and the key itself, which nobody can find out again.
    :raises InvalidInput: naming the field, for a value that does not fit.
    """
    name = checks.required_text(name, "name", longest=LONGEST_NAME)
    now = installation.now()
    if expires_at is not None and expires_at <= now:
        raise InvalidInput(
            f"The key would have expired at {expires_at.isoformat()} already.",
            field="expires_at",
            hint="Name a moment to come, or none.",
        )
    key = new_key()
    stored = ApiKey(
        user_id=user.id,
        name=name,
        prefix=shown_part(key),
        key_hash=hash_key(key),
        scopes=_checked(scopes),
        created_at=now,
        expires_at=expires_at,
    )
    session.add(stored)
    session.flush()
    _record(installation, session, f"Created API key '{name}': {stored.id}", user, actor)
    return stored, key


def _checked(scopes: Iterable[str]) -> list[str]:
    """The scopes, each once, in the order in which they are declared."""
    wanted = set(scopes)
    unknown = sorted(wanted - set(Scope))
    if unknown or not wanted:
        raise InvalidInput(
            f"'{unknown[0]}' is no scope."
            if unknown
            else "A key without a scope is worth nothing.",
            field="scopes",
            hint=f"There are: {', '.join(Scope)}.",
        )
    return [str(scope) for scope in Scope if scope in wanted]


def list_keys(
    session: Session, *, user: User | None = None, account: Account | None = None
) -> Sequence[ApiKey]:
    """All keys, or those of a user or of an account's users; with their users, oldest first."""
    query = select(ApiKey).options(joinedload(ApiKey.user)).order_by(ApiKey.id)
    if user is not None:
        query = query.where(ApiKey.user_id == user.id)
    if account is not None:
        query = query.where(
            ApiKey.user_id.in_(select(User.id).where(User.account_id == account.id))
        )
    return session.scalars(query).all()


def get_key(session: Session, key_id: int) -> ApiKey:
    """:raises NotFound: where there is no key with that id."""
    found = session.get(ApiKey, key_id)
    if found is None:
        raise NotFound(f"No API key found with ID {key_id}.", field="id")
    return found


def revoke_key(
    installation: Installation, session: Session, key: ApiKey, *, actor: User | None = None
) -> None:
    """Make a key worthless for good.

    :param actor: who does it; None for the operator of the installation.
    """
    text = f"Revoked API key '{key.name}': {key.id}"
    _record(installation, session, text, key.user, actor)
    session.delete(key)
    session.flush()


def revoke_all_keys(session: Session, user: User) -> None:
    """Make all keys of a user worthless for good."""
    session.execute(delete(ApiKey).where(ApiKey.user_id == user.id))


def record_use(installation: Installation, key: KeyInUse) -> None:
    """Note that a key is in use now, unless that was noted within a minute; a failure is logged."""
    now = installation.now()
    due = now - USED_AGAIN_AFTER
    if key.last_used_at is not None and key.last_used_at > due:
        return
    # Another process may have been faster.
    still_due = or_(ApiKey.last_used_at.is_(None), ApiKey.last_used_at <= due)
    statement = update(ApiKey).where(ApiKey.id == key.id, still_due).values(last_used_at=now)
    try:
        with installation.database.transaction(patience=timedelta(0)) as session:
            session.execute(statement)
    except (SQLAlchemyError, FmhostError) as error:
        logger.info("It could not be noted that an API key is in use: %s", error)


def _record(
    installation: Installation, session: Session, event: str, user: User, actor: User | None
) -> None:
    audit.record(
        installation, session, event, actor=actor, user_id=user.id, account_id=user.account_id
    )

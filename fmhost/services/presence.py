"""Note when users log in and when they were last seen.

Both are written in short transactions of their own, so that a request that only reads stays one;
and they do not wait long for others, so that a client never waits for them.
"""

from __future__ import annotations

import logging
from datetime import datetime, timedelta

from sqlalchemy import Update, func, or_, update
from sqlalchemy.exc import SQLAlchemyError

from fmhost.errors import FmhostError
from fmhost.model import User
from fmhost.services.installation import Installation

logger = logging.getLogger("fmhost.presence")

#: Who was seen is not written down again before this has passed.
SEEN_AGAIN_AFTER = timedelta(minutes=1)

_PATIENCE_WITH_LOGINS = timedelta(seconds=1)


def note_login(installation: Installation, user: User) -> None:
    """Count a login of `user`, in the transaction in which the user was loaded."""
    user.last_login_at = user.last_seen_at = installation.now()
    user.login_count = (user.login_count or 0) + 1


def record_login(installation: Installation, user_id: int) -> None:
    """Count a login in a transaction of its own; a failure is logged."""
    now = installation.now()
    statement = (
        update(User)
        .where(User.id == user_id)
        .values(
            last_login_at=now,
            last_seen_at=now,
            login_count=func.coalesce(User.login_count, 0) + 1,
        )
    )
    _write(installation, statement, _PATIENCE_WITH_LOGINS)


def record_sight(installation: Installation, user_id: int, last_seen_at: datetime | None) -> None:
    """Note that a user is here now, unless that was noted within a minute; a failure is logged.

    :param last_seen_at: when that was noted last.
    """
    now = installation.now()
    due = now - SEEN_AGAIN_AFTER
    if last_seen_at is not None and last_seen_at > due:
        return
    # Another process may have been faster.
    still_due = or_(User.last_seen_at.is_(None), User.last_seen_at <= due)
    statement = update(User).where(User.id == user_id, still_due)
    _write(installation, statement.values(last_seen_at=now), timedelta(0))


def _write(installation: Installation, statement: Update, patience: timedelta) -> None:
    try:
        with installation.database.transaction(patience=patience) as session:
            session.execute(statement)
    except (SQLAlchemyError, FmhostError) as error:
        logger.info("It could not be noted that a user is here: %s", error)

"""Write down who did what to which user, account or asset."""

from __future__ import annotations

from sqlalchemy.orm import Session

from fmhost.model import AssetAuditLog, AuditLog, User
from fmhost.services.installation import Installation

#: Name under which the operator of the installation (who has the command line) is recorded.
OPERATOR = "host"


def record(
    installation: Installation,
    session: Session,
    event: str,
    *,
    actor: User | None = None,
    user_id: int | None = None,
    account_id: int | None = None,
) -> AuditLog:
    """Record an event that concerns a user or an account.

    :param event: what happened; cut at 500 characters.
    :param actor: who did it; None for the operator of the installation.
    :param user_id: the user concerned.
    :param account_id: the account concerned.
    """
    entry = AuditLog(
        event_datetime=installation.now(),
        event=event,
        active_user_name=actor.username if actor else OPERATOR,
        active_user_id=actor.id if actor else None,
        affected_user_id=user_id,
        affected_account_id=account_id,
    )
    session.add(entry)
    return entry


def record_for_asset(
    installation: Installation,
    session: Session,
    event: str,
    *,
    actor: User | None = None,
    asset_id: int | None,
) -> AssetAuditLog:
    """Record an event that concerns an asset or one of its sensors.

    :param asset_id: the asset concerned; None where it was just deleted.
    """
    entry = AssetAuditLog(
        event_datetime=installation.now(),
        event=event,
        active_user_name=actor.username if actor else OPERATOR,
        active_user_id=actor.id if actor else None,
        affected_asset_id=asset_id,
    )
    session.add(entry)
    return entry

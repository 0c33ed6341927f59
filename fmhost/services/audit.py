"""Write down who did what to which user, account or asset."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import insert
from sqlalchemy.orm import Session

from fmhost.model import AssetAuditLog, AuditLog, User
from fmhost.model.audit import MAXIMAL_EVENT_LENGTH
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


def record_for_assets(
    installation: Installation,
    session: Session,
    events: Sequence[tuple[int | None, str]],
    *,
    actor: User | None = None,
) -> None:
    """Record several events that concern assets, in one statement.

    :param events: id of the asset concerned (None where it was just deleted), and what happened.
    """
    if events:
        session.execute(
            insert(AssetAuditLog),
            [
                {
                    "event_datetime": installation.now(),
                    "event": event[:MAXIMAL_EVENT_LENGTH],
                    "active_user_name": actor.username if actor else OPERATOR,
                    "active_user_id": actor.id if actor else None,
                    "affected_asset_id": asset_id,
                }
                for asset_id, event in events
            ],
        )


def asset_field_changed(field: str, before: Any, after: Any) -> str:
    """The text about a field of an asset; of JSON objects it has the keys that differ."""
    old, new = _differing(before, after)
    return f"Updated: {field}, From: {old}, To: {new}"


def asset_attribute_changed(name: str, before: Any, after: Any) -> str:
    """The text about an attribute of an asset."""
    return f"Updated Attr: {name}, From: {before}, To: {after}"


def sensor_changed(
    name: str, sensor_id: int, before: Mapping[str, Any], after: Mapping[str, Any]
) -> str:
    """The text about the fields of a sensor that have changed; `before` and `after` have them."""
    parts = []
    for field in after:
        old, new = _differing(before[field], after[field])
        parts.append(f"Field name: {field}, Old value: {old}, New value: {new}")
    return f"Updated sensor '{name}': {sensor_id}. Updated fields: {'; '.join(parts)}"


def account_field_changed(field: str, before: Any, after: Any) -> str:
    """The text about a field of an account; of JSON objects it has the keys that differ."""
    old, new = _differing(before, after)
    return f"Account Updated, Field: {field}, From: {old}, To: {new}"


def user_field_changed(field: str, before: Any, after: Any) -> str:
    """The text about a field of a user."""
    return f"User Updated, Field: {field}, From: {before}, To: {after}"


def _differing(before: Any, after: Any) -> tuple[Any, Any]:
    if not isinstance(before, Mapping) or not isinstance(after, Mapping):
        return before, after
    missing = object()
    keys = [
        key
        for key in dict.fromkeys((*before, *after))
        if before.get(key, missing) != after.get(key, missing)
    ]
    return (
        {key: before[key] for key in keys if key in before},
        {key: after[key] for key in keys if key in after},
    )

"""Read the audit logs of accounts, users and assets. Whoever asks has passed the policy."""

from __future__ import annotations

from typing import TypeVar

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session

from fmhost.model import Account, Asset, AssetAuditLog, AuditLog, User
from fmhost.services.listing import Listing, Page, fetch

Log = TypeVar("Log", AuditLog, AssetAuditLog)


def of_account(session: Session, account: Account, listing: Listing) -> Page[AuditLog]:
    """What concerns an account or the users that it has or had."""
    return _fetch(session, AuditLog, AuditLog.affected_account_id == account.id, listing)


def of_user(session: Session, user: User, listing: Listing) -> Page[AuditLog]:
    """What concerns a user."""
    return _fetch(session, AuditLog, AuditLog.affected_user_id == user.id, listing)


def of_asset(session: Session, asset: Asset, listing: Listing) -> Page[AssetAuditLog]:
    """What concerns an asset or its sensors."""
    return _fetch(session, AssetAuditLog, AssetAuditLog.affected_asset_id == asset.id, listing)


def _fetch(
    session: Session, log: type[Log], concerned: ColumnElement[bool], listing: Listing
) -> Page[Log]:
    name = func.coalesce(log.active_user_name, "")
    return fetch(
        session,
        select(log).where(concerned),
        listing,
        id=log.id,
        searched=(log.event, name),
        order={
            "event_datetime": log.event_datetime,
            "event": func.lower(log.event),
            "active_user_name": func.lower(name),
        },
        by_id=False,
    )

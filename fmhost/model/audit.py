"""Audit logs: who did what, kept after those concerned are gone."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column, validates

from fmhost.model.base import NEVER_REUSE_IDS, Base

MAXIMAL_EVENT_LENGTH = 500


class AuditLog(Base):
    """An event that concerns a user or an account.

    All ids are plain numbers without foreign keys: the record outlives whom it names. `event` is
    cut at 500 characters.
    """

    __tablename__ = "audit_log"

    id: Mapped[int] = mapped_column(primary_key=True)
    event_datetime: Mapped[datetime]
    event: Mapped[str] = mapped_column(String(MAXIMAL_EVENT_LENGTH))
    active_user_name: Mapped[str | None] = mapped_column(String(255))
    active_user_id: Mapped[int | None]
    affected_user_id: Mapped[int | None]
    affected_account_id: Mapped[int | None]

    __table_args__ = (
        Index(None, "affected_user_id", "event_datetime"),
        Index(None, "affected_account_id", "event_datetime"),
        NEVER_REUSE_IDS,
    )

    @validates("event")
    def _cut(self, key: str, event: str) -> str:
        return event[:MAXIMAL_EVENT_LENGTH]


class AssetAuditLog(Base):
    """An event that concerns an asset or one of its sensors.

    The references become null when the asset or the active user is deleted; the text stays.
    `event` is cut at 500 characters.
    """

    __tablename__ = "asset_audit_log"

    id: Mapped[int] = mapped_column(primary_key=True)
    event_datetime: Mapped[datetime]
    event: Mapped[str] = mapped_column(String(MAXIMAL_EVENT_LENGTH))
    active_user_name: Mapped[str | None] = mapped_column(String(255))
    active_user_id: Mapped[int | None] = mapped_column(
        ForeignKey("fm_user.id", ondelete="SET NULL"), index=True
    )
    affected_asset_id: Mapped[int | None] = mapped_column(
        ForeignKey("generic_asset.id", ondelete="SET NULL")
    )

    __table_args__: Any = (Index(None, "affected_asset_id", "event_datetime"), NEVER_REUSE_IDS)

    @validates("event")
    def _cut(self, key: str, event: str) -> str:
        return event[:MAXIMAL_EVENT_LENGTH]

"""Long-lived keys with which programs use the API in the name of a user."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from fmhost.model.base import NEVER_REUSE_IDS, Base
from fmhost.model.types import json_list
from fmhost.model.users import User


class ApiKey(Base):
    """A key: what of it may be stored, and what it is good for. It goes with its user."""

    __tablename__ = "api_key"
    __table_args__ = NEVER_REUSE_IDS

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("fm_user.id", ondelete="CASCADE"), index=True)
    #: What its owner calls it.
    name: Mapped[str] = mapped_column(String(80))
    #: The first characters of the key, by which its owner recognises it.
    prefix: Mapped[str] = mapped_column(String(16))
    #: SHA-256 of the key, in hexadecimal digits.
    key_hash: Mapped[str] = mapped_column(String(64), unique=True)
    #: Names of what it is good for.
    scopes: Mapped[list[str]] = mapped_column(json_list(), default=list)
    created_at: Mapped[datetime]
    #: From when on it is worth nothing; None for never.
    expires_at: Mapped[datetime | None]
    last_used_at: Mapped[datetime | None]

    user: Mapped[User] = relationship()

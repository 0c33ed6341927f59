"""Users and their roles."""

from __future__ import annotations

import secrets
from datetime import datetime
from typing import TYPE_CHECKING

from sqlalchemy import Column, ForeignKey, Index, String, Table
from sqlalchemy.orm import Mapped, mapped_column, relationship

from fmhost.model.base import NEVER_REUSE_IDS, Base
from fmhost.model.types import json_list

if TYPE_CHECKING:
    from fmhost.model.accounts import Account

#: Where users live who do not say otherwise.
DEFAULT_TIMEZONE = "Europe/Amsterdam"

roles_users = Table(
    "roles_users",
    Base.metadata,
    Column("user_id", ForeignKey("fm_user.id", ondelete="CASCADE"), primary_key=True),
    Column("role_id", ForeignKey("role.id", ondelete="CASCADE"), primary_key=True),
    Index(None, "role_id"),
)


def new_uniquifier() -> str:
    """A random text of 64 hexadecimal digits that ties tokens and sessions to a user."""
    return secrets.token_hex(32)


class Role(Base):
    """What a user may do beyond the rights of any member of an account."""

    __tablename__ = "role"
    __table_args__ = NEVER_REUSE_IDS

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(80), unique=True)
    description: Mapped[str | None] = mapped_column(String(255))
    #: Names of permissions that plugins bring, installed or not; those of manifests come besides.
    permissions: Mapped[list[str]] = mapped_column(json_list(), default=list, server_default="[]")

    users: Mapped[list[User]] = relationship(
        secondary=roles_users, back_populates="roles", passive_deletes=True
    )


class User(Base):
    """A person or program that logs in; belongs to one account.

    Deleting a user leaves the user's data source, beliefs and audit records. The properties
    ``is_active``, ``is_authenticated``, ``is_anonymous`` and ``get_id`` are what login extensions
    expect of a user.
    """

    __tablename__ = "fm_user"
    __table_args__ = NEVER_REUSE_IDS

    id: Mapped[int] = mapped_column(primary_key=True)
    email: Mapped[str] = mapped_column(String(255), unique=True)
    username: Mapped[str] = mapped_column(String(255), unique=True)
    #: A hash, never the password.
    password: Mapped[str] = mapped_column(String(255))
    account_id: Mapped[int] = mapped_column(
        ForeignKey("account.id", ondelete="CASCADE"), index=True
    )
    active: Mapped[bool | None] = mapped_column(default=True)
    timezone: Mapped[str | None] = mapped_column(String(255), default=DEFAULT_TIMEZONE)
    fs_uniquifier: Mapped[str] = mapped_column(String(64), unique=True, default=new_uniquifier)
    last_login_at: Mapped[datetime | None]
    last_seen_at: Mapped[datetime | None]
    login_count: Mapped[int | None] = mapped_column(default=0)
    tf_primary_method: Mapped[str | None] = mapped_column(String(64), default="email")
    tf_totp_secret: Mapped[str | None] = mapped_column(String(255))

    account: Mapped[Account] = relationship(back_populates="users")
    roles: Mapped[list[Role]] = relationship(
        secondary=roles_users, back_populates="users", passive_deletes=True
    )

    def has_role(self, role: str | Role) -> bool:
        """Whether the user has this role, given as entity or by its name."""
        name = role if isinstance(role, str) else role.name
        return any(own.name == name for own in self.roles)

    def revoke_access(self) -> None:
        """Make all tokens and sessions of the user invalid."""
        self.fs_uniquifier = new_uniquifier()

    @property
    def is_active(self) -> bool:
        """Whether the user may authenticate at all."""
        return bool(self.active)

    @property
    def is_authenticated(self) -> bool:
        """True: whoever is a stored user is somebody."""
        return True

    @property
    def is_anonymous(self) -> bool:
        """False: whoever is a stored user is somebody."""
        return False

    def get_id(self) -> str:
        """The text that identifies the user in tokens and sessions."""
        return self.fs_uniquifier

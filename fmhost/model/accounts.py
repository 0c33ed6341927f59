"""Accounts (organisations that use the installation) and their roles."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import Column, ForeignKey, Index, String, Table
from sqlalchemy.orm import Mapped, mapped_column, relationship

from fmhost.model.base import NEVER_REUSE_IDS, Base
from fmhost.model.types import json_object

if TYPE_CHECKING:
    from fmhost.model.annotations import Annotation
    from fmhost.model.assets import Asset
    from fmhost.model.plans import Plan
    from fmhost.model.users import User

DEFAULT_PRIMARY_COLOR = "#1a3443"
DEFAULT_SECONDARY_COLOR = "#f1a122"

roles_accounts = Table(
    "roles_accounts",
    Base.metadata,
    Column("account_id", ForeignKey("account.id", ondelete="CASCADE"), primary_key=True),
    Column("role_id", ForeignKey("account_role.id", ondelete="CASCADE"), primary_key=True),
    Index(None, "role_id"),
)


@dataclass(frozen=True)
class Branding:
    """Colours (``#rrggbb``) and logo with which pages are shown to the users of an account."""

    primary_color: str
    secondary_color: str
    logo_url: str | None


class AccountRole(Base):
    """What an account is in the energy market (Prosumer, Aggregator, ...) or may do here."""

    __tablename__ = "account_role"
    __table_args__ = NEVER_REUSE_IDS

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(80), unique=True)
    description: Mapped[str | None] = mapped_column(String(255))

    accounts: Mapped[list[Account]] = relationship(
        secondary=roles_accounts, back_populates="account_roles", passive_deletes=True
    )


class Account(Base):
    """An organisation: owns assets, employs users, may be advised by a consultancy account.

    Deleting it deletes its users and its assets with sensors and beliefs; its client accounts, the
    data sources and the audit records stay.
    """

    __tablename__ = "account"
    __table_args__ = NEVER_REUSE_IDS

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(100), unique=True, default="")
    consultancy_account_id: Mapped[int | None] = mapped_column(
        ForeignKey("account.id", ondelete="SET NULL"), index=True
    )
    plan_id: Mapped[int | None] = mapped_column(ForeignKey("plan.id"), index=True)
    primary_color: Mapped[str | None] = mapped_column(String(7))
    secondary_color: Mapped[str | None] = mapped_column(String(7))
    logo_url: Mapped[str | None] = mapped_column(String(255))
    attributes: Mapped[dict[str, Any]] = mapped_column(
        json_object(), default=dict, server_default="{}"
    )
    #: Encrypted envelopes only, at most two names deep; never leaves the server.
    secrets: Mapped[dict[str, Any]] = mapped_column(
        json_object(), default=dict, server_default="{}"
    )

    account_roles: Mapped[list[AccountRole]] = relationship(
        secondary=roles_accounts, back_populates="accounts", passive_deletes=True
    )
    plan: Mapped[Plan | None] = relationship(back_populates="accounts")
    consultancy_account: Mapped[Account | None] = relationship(
        back_populates="client_accounts", remote_side=[id]
    )
    client_accounts: Mapped[list[Account]] = relationship(
        back_populates="consultancy_account", passive_deletes=True
    )
    users: Mapped[list[User]] = relationship(
        back_populates="account", cascade="save-update, merge, delete", passive_deletes=True
    )
    assets: Mapped[list[Asset]] = relationship(
        back_populates="account", cascade="save-update, merge, delete", passive_deletes=True
    )
    annotations: Mapped[list[Annotation]] = relationship(
        secondary="annotations_accounts", back_populates="accounts", passive_deletes=True
    )

    def has_role(self, name: str) -> bool:
        """Whether the account has the account role `name`."""
        return any(role.name == name for role in self.account_roles)

    def branding(self) -> Branding:
        """Own colours and logo, else those of the consultancy account, else the product's."""
        consultancy = self.consultancy_account

        def own_or_inherited(field: str) -> str | None:
            own: str | None = getattr(self, field)
            inherited: str | None = getattr(consultancy, field) if consultancy else None
            return own or inherited

        return Branding(
            primary_color=own_or_inherited("primary_color") or DEFAULT_PRIMARY_COLOR,
            secondary_color=own_or_inherited("secondary_color") or DEFAULT_SECONDARY_COLOR,
            logo_url=own_or_inherited("logo_url"),
        )

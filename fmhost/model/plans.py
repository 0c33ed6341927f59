"""Plans: the limits that a host grants to accounts."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import CheckConstraint, String, false
from sqlalchemy.orm import Mapped, mapped_column, relationship

from fmhost.model.base import NEVER_REUSE_IDS, Base

if TYPE_CHECKING:
    from fmhost.model.accounts import Account

RATE_LIMIT_KEYS = ("account+asset", "account", "user")


class Plan(Base):
    """Rate limits and sizes granted to accounts; null means the default of the server.

    A plan that accounts still have cannot be deleted. A `legacy` plan keeps applying to its
    accounts and cannot be given to others.
    """

    __tablename__ = "plan"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(80), unique=True)
    #: Such as ``1000 per minute``, or ``unlimited``.
    default_rate_limit: Mapped[str | None] = mapped_column(String(80))
    #: The same for requests that trigger computations.
    trigger_rate_limit: Mapped[str | None] = mapped_column(String(80))
    rate_limit_key: Mapped[str | None] = mapped_column(String(20))
    max_users: Mapped[int | None]
    max_assets: Mapped[int | None]
    max_clients: Mapped[int | None]
    legacy: Mapped[bool] = mapped_column(default=False, server_default=false())

    accounts: Mapped[list[Account]] = relationship(back_populates="plan", passive_deletes="all")

    __table_args__ = (
        CheckConstraint(
            "rate_limit_key IN ('account+asset', 'account', 'user')", name="rate_limit_key"
        ),
        NEVER_REUSE_IDS,
    )

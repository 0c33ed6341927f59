"""Automations: jobs that are asked for again and again, by the clock."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, select, update
from sqlalchemy.orm import Mapped, Session, mapped_column, relationship

from fmhost.model.base import NEVER_REUSE_IDS, Base
from fmhost.model.types import json_document

if TYPE_CHECKING:
    from fmhost.model.assets import Asset
    from fmhost.model.sensors import Sensor
    from fmhost.model.users import User


class Automation(Base):
    """A computation that recurs, for an asset or one of its sensors.

    It recurs by `cron`, an expression with five fields, or by `interval`, an ISO 8601 duration
    counted from `starts_at`; both on the clock of `timezone`. `parameters` are those of the
    request, as JSON, without the time at which it begins: that is the time at which it is due.
    """

    __tablename__ = "automation"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(80))
    #: Kind of the jobs.
    kind: Mapped[str] = mapped_column(String(80))
    asset_id: Mapped[int] = mapped_column(
        ForeignKey("generic_asset.id", ondelete="CASCADE"), index=True
    )
    #: The sensor that the jobs are about; None where that is the asset.
    sensor_id: Mapped[int | None] = mapped_column(
        ForeignKey("sensor.id", ondelete="CASCADE"), index=True
    )
    parameters: Mapped[dict[str, Any]] = mapped_column(json_document())
    cron: Mapped[str | None] = mapped_column(String(200))
    interval: Mapped[str | None] = mapped_column(String(80))
    timezone: Mapped[str] = mapped_column(String(80))
    starts_at: Mapped[datetime]
    #: Of the jobs.
    priority: Mapped[int] = mapped_column(default=0, server_default="0")
    active: Mapped[bool] = mapped_column(default=True)
    #: Whether the jobs run with the rights of the operator; else with those of the user.
    by_operator: Mapped[bool]
    #: Who set it up.
    user_id: Mapped[int | None] = mapped_column(
        ForeignKey("fm_user.id", ondelete="SET NULL"), index=True
    )
    created_at: Mapped[datetime]
    #: When it is due next.
    next_at: Mapped[datetime]
    #: When the last run was due.
    last_due_at: Mapped[datetime | None]
    last_job_id: Mapped[str | None] = mapped_column(
        ForeignKey("job.id", ondelete="SET NULL"), index=True
    )
    #: Why the last run could not be asked for; None where it could.
    error: Mapped[dict[str, Any] | None] = mapped_column(json_document())

    asset: Mapped[Asset] = relationship()
    sensor: Mapped[Sensor | None] = relationship()
    user: Mapped[User | None] = relationship()

    __table_args__ = (
        CheckConstraint("(cron IS NULL) != (interval IS NULL)", name="recurrence"),
        Index(None, "active", "next_at"),
        NEVER_REUSE_IDS,
    )


def active_automations(session: Session) -> list[Automation]:
    """All that are switched on, those that are due first in front."""
    query = select(Automation).where(Automation.active).order_by(Automation.next_at, Automation.id)
    return list(session.scalars(query))


def move_on(session: Session, automation: Automation, next_at: datetime, **values: Any) -> bool:
    """Set when the automation is due next, provided that nobody else has; else False."""
    statement = (
        update(Automation)
        .where(
            Automation.id == automation.id,
            Automation.active,
            Automation.next_at == automation.next_at,
        )
        .values(next_at=next_at, **values)
        .returning(Automation.id)
        .execution_options(synchronize_session=False)
    )
    return session.scalars(statement).one_or_none() is not None

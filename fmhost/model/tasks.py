"""Latest runs of the tasks that a host runs by the clock (cron jobs and the like)."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import String
from sqlalchemy.orm import Mapped, Session, mapped_column

from fmhost.model.base import Base


class TaskRun(Base):
    """When a task ran last, and whether it succeeded."""

    __tablename__ = "latest_task_run"

    name: Mapped[str] = mapped_column(String(80), primary_key=True)
    ran_at: Mapped[datetime] = mapped_column("datetime")
    status: Mapped[bool]


def record_task_run(session: Session, name: str, *, status: bool, at: datetime) -> TaskRun:
    """Remember that the task `name` ran at `at` (aware), in place of its earlier run."""
    return session.merge(TaskRun(name=name, ran_at=at, status=status))

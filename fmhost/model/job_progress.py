"""How far running jobs have come; apart from the jobs, because it changes often."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Double, ForeignKey, String
from sqlalchemy.orm import Mapped, Session, mapped_column

from fmhost.model.base import Base


class JobProgress(Base):
    """How far a job has come in its present or last run.

    :ivar fraction: done, from 0 to 1.
    :ivar note: what it is at, in a few words.
    """

    __tablename__ = "job_progress"

    job_id: Mapped[str] = mapped_column(
        String(36), ForeignKey("job.id", ondelete="CASCADE"), primary_key=True
    )
    fraction: Mapped[float] = mapped_column(Double())
    note: Mapped[str] = mapped_column(String(200))
    noted_at: Mapped[datetime]


def note_progress(
    session: Session, job_id: str, fraction: float, note: str, *, now: datetime
) -> None:
    """Write down how far the job has come, in place of what was written before."""
    bounded = min(max(fraction, 0.0), 1.0)
    session.merge(JobProgress(job_id=job_id, fraction=bounded, note=note[:200], noted_at=now))

"""Jobs: every computation that somebody asked for, as a row that outlives the queue.

A job is written in the transaction that asks for it. A queue only runs it. The states::

    scheduled ──> queued ──> started ──> finished
    deferred  ──┘   │           ├──────> failed
                    └─> canceled└──────> stopped

Transitions are single conditional statements, so that of two workers only one gets a job.
"""

from __future__ import annotations

import hashlib
import json
import traceback
import uuid
from collections.abc import Mapping
from datetime import UTC, datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, select, update
from sqlalchemy.orm import Mapped, Session, mapped_column, relationship

from fmhost.errors import FmhostError
from fmhost.model.base import Base
from fmhost.model.types import json_document, json_object

if TYPE_CHECKING:
    from fmhost.model.assets import Asset
    from fmhost.model.sensors import Sensor
    from fmhost.model.users import User


class JobState(StrEnum):
    """Where a job stands."""

    QUEUED = "queued"
    STARTED = "started"
    FINISHED = "finished"
    FAILED = "failed"
    DEFERRED = "deferred"  # waits for the job it depends on
    SCHEDULED = "scheduled"  # waits for its time
    STOPPED = "stopped"  # interrupted while it ran
    CANCELED = "canceled"  # taken back before it ran


def _new_id() -> str:
    return str(uuid.uuid4())


class Job(Base):
    """A computation that was asked for, with all that is known about its run.

    `arguments` are ids and JSON values, never pickles. `error` has the keys ``type``, ``message``,
    ``hint``, ``field``, ``details`` and ``traceback``; `provenance` has ``distribution``,
    ``version`` and ``class`` of the code that ran. Jobs about a sensor or an asset are deleted
    with it.
    """

    __tablename__ = "job"

    id: Mapped[str] = mapped_column(String(36), primary_key=True, default=_new_id)
    kind: Mapped[str] = mapped_column(String(80))
    queue: Mapped[str] = mapped_column(String(80))
    state: Mapped[str] = mapped_column(String(20))
    arguments: Mapped[dict[str, Any]] = mapped_column(json_document(), default=dict)
    arguments_hash: Mapped[str] = mapped_column(String(64))
    result: Mapped[Any | None] = mapped_column(json_document())
    error: Mapped[dict[str, Any] | None] = mapped_column(json_document())
    meta: Mapped[dict[str, Any]] = mapped_column(json_object(), default=dict, server_default="{}")
    provenance: Mapped[dict[str, Any] | None] = mapped_column(json_document())
    requester_user_id: Mapped[int | None] = mapped_column(
        ForeignKey("fm_user.id", ondelete="SET NULL"), index=True
    )
    sensor_id: Mapped[int | None] = mapped_column(
        ForeignKey("sensor.id", ondelete="CASCADE"), index=True
    )
    asset_id: Mapped[int | None] = mapped_column(
        ForeignKey("generic_asset.id", ondelete="CASCADE"), index=True
    )
    #: The job of which this one is a part.
    parent_id: Mapped[str | None] = mapped_column(
        ForeignKey("job.id", ondelete="SET NULL"), index=True
    )
    #: The job that must finish before this one may start.
    depends_on_id: Mapped[str | None] = mapped_column(
        ForeignKey("job.id", ondelete="SET NULL"), index=True
    )
    #: Jobs with a higher number run first.
    priority: Mapped[int] = mapped_column(default=0, server_default="0")
    #: How often the job was started.
    attempts: Mapped[int] = mapped_column(default=0, server_default="0")
    created_at: Mapped[datetime]
    scheduled_for: Mapped[datetime | None]
    started_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]
    heartbeat_at: Mapped[datetime | None]
    #: Name of the worker that runs or ran the job.
    worker: Mapped[str | None] = mapped_column(String(255))

    requester: Mapped[User | None] = relationship()
    sensor: Mapped[Sensor | None] = relationship()
    asset: Mapped[Asset | None] = relationship()

    __table_args__ = (
        CheckConstraint(
            "state IN ('queued', 'started', 'finished', 'failed', 'deferred', 'scheduled', "
            "'stopped', 'canceled')",
            name="state",
        ),
        Index("ix_job_waiting", "queue", "state", "priority", "created_at"),
        Index(None, "arguments_hash", "created_at"),
    )


def hash_arguments(kind: str, arguments: Mapping[str, Any]) -> str:
    """SHA-256, in hexadecimal, equal for jobs of the same kind with the same arguments."""
    canonical = json.dumps(
        [kind, dict(arguments)], sort_keys=True, separators=(",", ":"), allow_nan=False
    )
    return hashlib.sha256(canonical.encode()).hexdigest()


def request_job(
    session: Session,
    *,
    kind: str,
    queue: str,
    arguments: Mapping[str, Any],
    requester_user_id: int | None = None,
    sensor_id: int | None = None,
    asset_id: int | None = None,
    parent_id: str | None = None,
    depends_on_id: str | None = None,
    priority: int = 0,
    scheduled_for: datetime | None = None,
    meta: Mapping[str, Any] | None = None,
    provenance: Mapping[str, Any] | None = None,
    now: datetime | None = None,
) -> Job:
    """Write (and flush) a job into the caller's transaction; it is dispatched after the commit.

    The job is ``deferred`` where it depends on another one, ``scheduled`` where `scheduled_for`
    lies after `now`, else ``queued``.

    :param kind: name under which the task is registered, such as ``schedule``.
    :param now: aware time of the request; the clock where none is given.
    :raises ValueError: where `arguments` contain not-a-number or infinity.
    """
    now = now or datetime.now(UTC)
    state = JobState.QUEUED
    if depends_on_id is not None:
        state = JobState.DEFERRED
    elif scheduled_for is not None and scheduled_for > now:
        state = JobState.SCHEDULED
    job = Job(
        kind=kind,
        queue=queue,
        state=state.value,
        arguments=dict(arguments),
        arguments_hash=hash_arguments(kind, arguments),
        requester_user_id=requester_user_id,
        sensor_id=sensor_id,
        asset_id=asset_id,
        parent_id=parent_id,
        depends_on_id=depends_on_id,
        priority=priority,
        scheduled_for=scheduled_for,
        meta=dict(meta or {}),
        provenance=dict(provenance) if provenance is not None else None,
        created_at=now,
    )
    session.add(job)
    session.flush()
    return job


def find_equal_job(
    session: Session, *, kind: str, arguments: Mapping[str, Any], since: datetime
) -> Job | None:
    """The newest job of this kind with equal arguments, requested at `since` or later.

    Jobs that failed or were taken back do not count.
    """
    gone = (JobState.FAILED.value, JobState.STOPPED.value, JobState.CANCELED.value)
    query = (
        select(Job)
        .where(
            Job.arguments_hash == hash_arguments(kind, arguments),
            Job.created_at >= since,
            Job.state.not_in(gone),
        )
        .order_by(Job.created_at.desc(), Job.id)
    )
    return session.scalars(query).first()


def move(session: Session, job_id: str, *, out_of: JobState, **values: Any) -> Job | None:
    """Set `values` on the job in one statement, provided its state is `out_of`; else None."""
    statement = (
        update(Job)
        .where(Job.id == job_id, Job.state == out_of.value)
        .values(**values)
        .returning(Job)
        .execution_options(synchronize_session=False, populate_existing=True)
    )
    return session.scalars(statement).one_or_none()


def claim(session: Session, job_id: str, worker: str, *, now: datetime | None = None) -> Job | None:
    """Start the job for `worker`; None where it is no longer queued: somebody else has it."""
    now = now or datetime.now(UTC)
    return move(
        session,
        job_id,
        out_of=JobState.QUEUED,
        state=JobState.STARTED.value,
        worker=worker,
        attempts=Job.attempts + 1,
        started_at=now,
        heartbeat_at=now,
        ended_at=None,
        error=None,
    )


def finish(
    session: Session,
    job_id: str,
    result: Any = None,
    *,
    provenance: Mapping[str, Any] | None = None,
    now: datetime | None = None,
) -> Job | None:
    """Record the result (a JSON value) of a started job; None where it is not running (any more).

    :param provenance: of the code that ran, where it was not known at the request.
    """
    values: dict[str, Any] = {} if provenance is None else {"provenance": dict(provenance)}
    return move(
        session,
        job_id,
        out_of=JobState.STARTED,
        state=JobState.FINISHED.value,
        result=result,
        ended_at=now or datetime.now(UTC),
        **values,
    )


def fail(
    session: Session, job_id: str, error: BaseException, *, now: datetime | None = None
) -> Job | None:
    """Record why a started job failed; None where it is not running (any more)."""
    return move(
        session,
        job_id,
        out_of=JobState.STARTED,
        state=JobState.FAILED.value,
        error=describe_error(error),
        ended_at=now or datetime.now(UTC),
    )


def describe_error(error: BaseException) -> dict[str, Any]:
    """The error as it is kept on a job record: type, message, hint, field, details, traceback."""
    known = error if isinstance(error, FmhostError) else None
    return {
        "type": type(error).__name__,
        "message": known.message if known else str(error),
        "hint": known.hint if known else None,
        "field": known.field if known else None,
        "details": known.details if known else None,
        "traceback": "".join(traceback.format_exception(error)),
    }

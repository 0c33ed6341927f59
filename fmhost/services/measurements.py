"""Answer what is known about a sensor: one value per step, as a client asks for it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import exists, select
from sqlalchemy.orm import Session

from fmhost.beliefs import Series, series
from fmhost.beliefs.capacity import capacity_between
from fmhost.domain.durations import Span
from fmhost.domain.messages import GetType, require_unit
from fmhost.errors import InvalidInput
from fmhost.model import Sensor, Source, User, belief_summaries, beliefs
from fmhost.model.sources import TYPE_SYNONYMS
from fmhost.services.readable_sources import knows_source
from fmhost.services.windows import length_of

#: Most values in one answer.
MOST_VALUES = 1_000_000


@dataclass(frozen=True, slots=True)
class Question:
    """What a client wants to know about a sensor.

    :param start: begin of the first step; aware.
    :param duration: of all steps together; days and months are those of the sensor's zone.
    :param unit: of the values.
    :param resolution: length of a step; default that of the sensor, and for moments one that
        befits the duration.
    :param prior: only what was recorded by then.
    :param horizon: only what was recorded at least so long before it became known.
    :param source_id: only what this source says; likewise `source_account_id` and `source_type`.
    :param kind: what the message says it asks for.
    """

    start: datetime
    duration: Span
    unit: str
    resolution: Span | None = None
    prior: datetime | None = None
    horizon: timedelta | None = None
    source_id: int | None = None
    source_account_id: int | None = None
    source_type: str | None = None
    kind: GetType = GetType.SENSOR_DATA


def answer_question(
    session: Session, sensor: Sensor, question: Question, requester: User | None = None
) -> Series:
    """The most recent beliefs that the question asks for; NaN where nothing is known.

    The caller has asked the policy about the sensor.

    :param requester: a source that this user may not know of is reported like one that does not
        exist; None for the operator of the installation.
    :raises UnitMismatch: where the unit fits neither the sensor nor the kind of message.
    :raises InvalidInput: naming the field, for an impossible window and for sources that have
        recorded nothing on this sensor.
    """
    length = length_of(question.duration, question.start, sensor)
    if length <= timedelta(0):
        raise InvalidInput("The duration must be longer than zero.", field="duration")
    start = question.start.astimezone(UTC)
    resolution = _step(sensor, question, length)
    capacity = capacity_between(sensor, question.unit)
    length_of_events = sensor.event_resolution or None
    require_unit(question.kind, question.unit, sensor.unit, length_of_events, capacity=capacity)
    _require_sources(session, sensor, question, requester)
    horizon = question.horizon
    if question.kind == GetType.PROGNOSIS:
        horizon = max(horizon or timedelta(0), timedelta(0))
    return series(
        session,
        sensor,
        start,
        start + length,
        resolution=resolution,
        unit=question.unit,
        prior=question.prior,
        horizon=horizon,
        horizon_at_most=timedelta(0) if question.kind == GetType.METER_DATA else None,
        source_ids=_optional(question.source_id),
        source_types=_optional(question.source_type),
        source_account_ids=_optional(question.source_account_id),
    )


def _optional(value: Any) -> list[Any] | None:
    return None if value is None else [value]


def _step(sensor: Sensor, question: Question, length: timedelta) -> timedelta | Span | None:
    """The resolution that is asked for, once it is known not to make too many values."""
    wanted = question.resolution
    shortest = sensor.event_resolution
    step: timedelta | Span | None = None
    if wanted is not None and wanted.is_nominal:
        shortest, step = timedelta(days=wanted.months * 28 + wanted.days), wanted
    elif wanted is not None:
        shortest = step = wanted.time
    if shortest and length / shortest > MOST_VALUES:
        raise InvalidInput(
            f"An answer has at most {MOST_VALUES} values.",
            field="duration",
            hint="Ask for a shorter duration or a coarser resolution.",
        )
    return step


def _require_sources(
    session: Session, sensor: Sensor, question: Question, requester: User | None
) -> None:
    """See that the sources that are named exist, or have recorded something on the sensor."""
    if question.source_id is not None and not _is_known(session, question.source_id, requester):
        raise InvalidInput(f"The data source is not found: {question.source_id}.", field="source")
    if question.source_type is None and question.source_account_id is None:
        return
    sources = sources_of(session, sensor)
    account, kind = question.source_account_id, question.source_type
    if account is not None and account not in {source.account_id for source in sources}:
        raise InvalidInput(
            f"No data source of account {account} has recorded any data on this sensor.",
            field="source-account",
        )
    wanted = TYPE_SYNONYMS.get(kind, kind) if kind is not None else None
    if wanted is not None and wanted not in {source.kind for source in sources}:
        raise InvalidInput(
            f"No data source with source-type '{kind}' has recorded any data on this sensor.",
            field="source-type",
        )


def _is_known(session: Session, source_id: int, requester: User | None) -> bool:
    if requester is None:
        return session.get(Source, source_id) is not None
    return knows_source(session, requester, source_id)


def sources_of(session: Session, sensor: Sensor) -> Sequence[Source]:
    """The sources that have recorded something on a sensor, by id."""
    # By periods, so that a source that recorded nothing costs no search of all that is recorded.
    within = exists().where(
        beliefs.c.sensor_id == belief_summaries.c.sensor_id,
        beliefs.c.source_id == belief_summaries.c.source_id,
        beliefs.c.event_start >= belief_summaries.c.period_start,
        beliefs.c.event_start < belief_summaries.c.period_end,
    )
    recorded = exists().where(
        belief_summaries.c.sensor_id == sensor.id,
        belief_summaries.c.source_id == Source.id,
        within,
    )
    return session.scalars(select(Source).where(recorded).order_by(Source.id)).all()

"""Deleting beliefs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

from sqlalchemy import ColumnElement, bindparam, func, select, update
from sqlalchemy import delete as delete_from
from sqlalchemy.orm import Session

from fmhost.beliefs.columns import Beliefs
from fmhost.domain.arrays import microseconds, to_datetime
from fmhost.model.belief_summaries import belief_summaries
from fmhost.model.belief_table import beliefs as table
from fmhost.model.sensors import Sensor

#: Keys in one statement.
_TOGETHER: Final = 10_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Doomed:
    """Which beliefs about the events of a sensor are to go. All conditions hold together.

    :param start: only of events that start at this moment or later (aware).
    :param end: only of events that start before it.
    :param source_ids: only beliefs of these sources.
    :param horizon_over: only beliefs formed longer than this before the event became known; zero
        for forecasts and schedules.
    :param horizon_at_most: only beliefs formed at most so long before it; zero for measurements.
    :param missing: only beliefs that say that there is no value (NaN).
    """

    start: datetime | None = None
    end: datetime | None = None
    source_ids: Sequence[int] | None = None
    horizon_over: timedelta | None = None
    horizon_at_most: timedelta | None = None
    missing: bool = False


def delete(session: Session, sensor: Sensor, doomed: Doomed | None = None) -> int:
    """Delete beliefs about the events of a sensor.

    :param doomed: which; None for all.
    :return: the number of rows.
    """
    doomed = doomed or Doomed()
    session.flush()
    statement = delete_from(table).where(*_conditions(sensor, doomed))
    deleted = session.connection().execute(statement).rowcount
    if deleted:
        _note_change(session, sensor, doomed)
    return deleted


def count(session: Session, sensor: Sensor, doomed: Doomed | None = None) -> int:
    """The number of rows that :func:`delete` would delete."""
    conditions = _conditions(sensor, doomed or Doomed())
    found = session.scalar(select(func.count()).select_from(table).where(*conditions))
    return found or 0


def delete_these(session: Session, sensor: Sensor, beliefs: Beliefs) -> int:
    """Delete these beliefs about the events of a sensor, by their keys.

    :return: the number of rows.
    """
    if not len(beliefs):
        return 0
    session.flush()
    connection = session.connection()
    keys = [
        {"of_event": to_datetime(start), "of_source": source, "of_horizon": horizon, "of_p": share}
        for start, source, horizon, share in zip(
            beliefs.event_start,
            beliefs.source_id.tolist(),
            beliefs.belief_horizon.astype("int64").tolist(),
            beliefs.cumulative_probability.tolist(),
            strict=True,
        )
    ]
    statement = delete_from(table).where(
        table.c.sensor_id == sensor.id,
        table.c.event_start == bindparam("of_event"),
        table.c.source_id == bindparam("of_source"),
        table.c.belief_horizon == bindparam("of_horizon"),
        table.c.cumulative_probability == bindparam("of_p"),
    )
    for first in range(0, len(keys), _TOGETHER):
        connection.execute(statement, keys[first : first + _TOGETHER])
    end = to_datetime(beliefs.event_start.max()) + timedelta(microseconds=1)
    _note_change(session, sensor, Doomed(start=to_datetime(beliefs.event_start.min()), end=end))
    return len(keys)


def _conditions(sensor: Sensor, doomed: Doomed) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = [table.c.sensor_id == sensor.id]
    if doomed.start is not None:
        conditions.append(table.c.event_start >= doomed.start.astimezone(UTC))
    if doomed.end is not None:
        conditions.append(table.c.event_start < doomed.end.astimezone(UTC))
    if doomed.source_ids is not None:
        conditions.append(table.c.source_id.in_(doomed.source_ids))
    if doomed.horizon_over is not None:
        conditions.append(table.c.belief_horizon > microseconds(doomed.horizon_over))
    if doomed.horizon_at_most is not None:
        conditions.append(table.c.belief_horizon <= microseconds(doomed.horizon_at_most))
    if doomed.missing:
        conditions.append(table.c.event_value.is_(None))
    return conditions


def _note_change(session: Session, sensor: Sensor, doomed: Doomed) -> None:
    """Have the summaries of the periods made anew that may have lost beliefs."""
    touched = [belief_summaries.c.sensor_id == sensor.id]
    if doomed.start is not None:
        touched.append(belief_summaries.c.period_end > doomed.start.astimezone(UTC))
    if doomed.end is not None:
        touched.append(belief_summaries.c.period_start < doomed.end.astimezone(UTC))
    if doomed.source_ids is not None:
        touched.append(belief_summaries.c.source_id.in_(doomed.source_ids))
    raised = {"version": belief_summaries.c.version + 1}
    session.connection().execute(update(belief_summaries).where(*touched).values(raised))

"""Deleting beliefs."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

from sqlalchemy import delete as delete_from
from sqlalchemy import update
from sqlalchemy.orm import Session

from fmhost.model.belief_summaries import belief_summaries
from fmhost.model.belief_table import beliefs as table
from fmhost.model.sensors import Sensor


def delete(
    session: Session,
    sensor: Sensor,
    *,
    start: datetime | None = None,
    end: datetime | None = None,
    source_ids: Sequence[int] | None = None,
) -> int:
    """Delete beliefs about the events of a sensor that start within [start, end).

    :param source_ids: only beliefs of these sources.
    :return: the number of rows.
    """
    of_beliefs = [table.c.sensor_id == sensor.id]
    of_summaries = [belief_summaries.c.sensor_id == sensor.id]
    if start is not None:
        of_beliefs.append(table.c.event_start >= start.astimezone(UTC))
        of_summaries.append(belief_summaries.c.period_end > start.astimezone(UTC))
    if end is not None:
        of_beliefs.append(table.c.event_start < end.astimezone(UTC))
        of_summaries.append(belief_summaries.c.period_start < end.astimezone(UTC))
    if source_ids is not None:
        of_beliefs.append(table.c.source_id.in_(source_ids))
        of_summaries.append(belief_summaries.c.source_id.in_(source_ids))
    session.flush()
    connection = session.connection()
    deleted = connection.execute(delete_from(table).where(*of_beliefs)).rowcount
    if deleted:
        raised = {"version": belief_summaries.c.version + 1}
        connection.execute(update(belief_summaries).where(*of_summaries).values(raised))
    return deleted

"""The latest event of which somebody said something, found from the end."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from fmhost.beliefs.read import Query, read
from fmhost.beliefs.summaries import periods
from fmhost.domain.arrays import moment64, to_datetime
from fmhost.model.belief_table import beliefs as table

_MICROSECOND: Final = timedelta(microseconds=1)
_FIRST_LOOK: Final = timedelta(hours=6)


def latest_event(
    session: Session,
    query: Query,
    earliest: datetime | None = None,
    latest: datetime | None = None,
) -> datetime | None:
    """The start of the latest event with a belief for which a query asks; None without any.

    :param query: names its sources by `source_ids`; its window does not matter.
    :param earliest: only events that start then or later; aware. Likewise `latest`: or earlier.
    """
    source_ids = query.source_ids or ()
    for period_start, period_end in periods(session, query.sensor, source_ids):
        first = period_start if earliest is None else max(period_start, earliest)
        before = period_end if latest is None else min(period_end, latest + _MICROSECOND)
        length = _FIRST_LOOK
        while before > first:
            newest: datetime | None = session.scalar(
                select(func.max(table.c.event_start)).where(
                    table.c.sensor_id == query.sensor.id,
                    table.c.event_start >= first,
                    table.c.event_start < before,
                    table.c.source_id.in_(source_ids),
                )
            )
            if newest is None:
                break
            start = max(first, newest - length)
            window = replace(query, start=start, end=newest + _MICROSECOND, most_recent=False)
            found = read(session, window).event_start
            found = found[found >= moment64(start)]
            if len(found):
                return to_datetime(found[-1])
            before, length = start, length * 4
    return None

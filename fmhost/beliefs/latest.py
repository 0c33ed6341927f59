"""The latest events of which somebody said something, found from the end."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import ScalarSelect, func, select
from sqlalchemy.orm import Session

from fmhost.beliefs.columns import Beliefs
from fmhost.beliefs.read import Query, read_several
from fmhost.beliefs.summaries import periods
from fmhost.domain.arrays import moment64, to_datetime
from fmhost.model.belief_table import beliefs as table

_MICROSECOND: Final = timedelta(microseconds=1)
_FIRST_LOOK: Final = timedelta(hours=6)

_Window = tuple[datetime, datetime]


def latest_events(
    session: Session,
    queries: Sequence[Query],
    earliest: datetime | None = None,
    latest: datetime | None = None,
) -> list[datetime | None]:
    """For each query the start of the latest event with a belief for which it asks; None: no event.

    All searches go on side by side, so that their number does not add to that of the statements.

    :param queries: about one sensor; each names its sources by `source_ids`, and its window does
        not matter.
    :param earliest: only events that start then or later; aware. Likewise `latest`: or earlier.
    """
    wanted = {source_id for query in queries for source_id in query.source_ids or ()}
    known = periods(session, queries[0].sensor, wanted) if wanted else {}
    searches = [_Search(query, known, earliest, latest) for query in queries]
    while pending := [search for search in searches if search.is_pending]:
        newest = session.execute(select(*(search.newest() for search in pending))).one()
        for search, start in zip(pending, newest, strict=True):
            search.narrow(start)
        looking = [search for search in pending if search.window is not None]
        windows = [search.window for search in looking if search.window is not None]
        for search, found in zip(looking, read_several(session, windows), strict=True):
            search.look_at(found)
    return [search.found for search in searches]


class _Search:
    """Goes back from the latest event, with longer and longer looks, period by period."""

    def __init__(
        self,
        query: Query,
        known: dict[int, list[_Window]],
        earliest: datetime | None,
        latest: datetime | None,
    ) -> None:
        self.found: datetime | None = None
        self.window: Query | None = None
        self._query = query
        self._source_ids = list(query.source_ids or ())
        within = {each for source_id in self._source_ids for each in known.get(source_id, ())}
        self._periods = [
            (
                start if earliest is None else max(start, earliest),
                end if latest is None else min(end, latest + _MICROSECOND),
            )
            for start, end in sorted(within)
        ]
        self._look = _FIRST_LOOK
        self._skip()

    @property
    def is_pending(self) -> bool:
        """Whether there is a period left in which an event may be."""
        return self.found is None and bool(self._periods)

    def newest(self) -> ScalarSelect[datetime]:
        """Asks for the latest event in the period of which the sources said anything."""
        first, before = self._periods[-1]
        return (
            select(func.max(table.c.event_start))
            .where(
                table.c.sensor_id == self._query.sensor.id,
                table.c.event_start >= first,
                table.c.event_start < before,
                table.c.source_id.in_(self._source_ids),
            )
            .scalar_subquery()
        )

    def narrow(self, newest: datetime | None) -> None:
        """Look from there on next; at another period where there is nothing in this one."""
        if newest is None:
            self.window = None
            self._leave()
            return
        first, _ = self._periods[-1]
        start = max(first, newest - self._look)
        self.window = replace(
            self._query, start=start, end=newest + _MICROSECOND, most_recent=False
        )

    def look_at(self, found: Beliefs) -> None:
        """See whether the window has an event that the query wants; else go further back."""
        first, _ = self._periods[-1]
        assert self.window is not None
        start = self.window.start or first
        starts = found.event_start[found.event_start >= moment64(start)]
        if len(starts):
            self.found = to_datetime(starts[-1])
        self._periods[-1] = (first, start)
        self._look *= 4
        self._skip()

    def _leave(self) -> None:
        self._periods.pop()
        self._look = _FIRST_LOOK
        self._skip()

    def _skip(self) -> None:
        """Leave the periods out in which nothing can be."""
        while self._periods and self._periods[-1][0] >= self._periods[-1][1]:
            self._periods.pop()
            self._look = _FIRST_LOOK

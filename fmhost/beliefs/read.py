"""Reading beliefs: one range scan of the key, then a choice among what was found."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final

import numpy as np
from sqlalchemy import ColumnElement, Select, literal_column, select, union_all
from sqlalchemy.orm import Session

from fmhost.beliefs import selection
from fmhost.beliefs.columns import Beliefs
from fmhost.beliefs.engines import engine_of
from fmhost.beliefs.timing import knowledge_of
from fmhost.domain.arrays import Flags, Moments, duration64, microseconds, moment64
from fmhost.domain.calendar_days import DAY, event_ends, whole_days
from fmhost.domain.moments import require_aware
from fmhost.domain.zones import time_zone
from fmhost.errors import InvalidInput
from fmhost.model.belief_table import beliefs as table
from fmhost.model.sensors import Sensor
from fmhost.model.sources import TYPE_SYNONYMS, Source

_COLUMNS: Final = (
    table.c.event_start,
    table.c.belief_horizon,
    table.c.source_id,
    table.c.cumulative_probability,
    table.c.event_value,
)
_ORDER: Final = (
    table.c.event_start,
    table.c.source_id,
    table.c.belief_horizon,
    table.c.cumulative_probability,
)

_FIRST: Final = datetime.min.replace(tzinfo=UTC)

#: Queries in one statement; databases take no more than some hundreds.
_TOGETHER: Final = 100


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Query:
    """Which beliefs about the events of a sensor are wanted. All conditions hold together.

    :param start: only events that end after this moment (a moment counts from it on).
    :param end: only events that start before this moment.
    :param prior: only beliefs formed by this time: what was known then.
    :param since: only beliefs formed at this time or later.
    :param horizon: only beliefs formed at least so long before the event became known.
    :param horizon_at_most: only beliefs formed at most so long before it; zero for measurements.
    :param source_ids: only beliefs of these sources; likewise `source_types` (the names of old
        and of today mean the same) and `source_account_ids`.
    :param exclude_source_types: no beliefs of sources of these types.
    :param most_recent: per event and source only the belief that was formed last.
    :param one_source: with `most_recent`, per event only the belief that was formed last; of those
        formed at the same time that of the source with the highest id.
    :param latest_versions: per event, of sources that differ only in their version, only the
        highest version.
    """

    sensor: Sensor
    start: datetime | None = None
    end: datetime | None = None
    prior: datetime | None = None
    since: datetime | None = None
    horizon: timedelta | None = None
    horizon_at_most: timedelta | None = None
    source_ids: Sequence[int] | None = None
    source_types: Sequence[str] | None = None
    exclude_source_types: Sequence[str] | None = None
    source_account_ids: Sequence[int] | None = None
    most_recent: bool = True
    one_source: bool = False
    latest_versions: bool = False

    def __post_init__(self) -> None:
        for name in ("start", "end", "prior", "since"):
            moment = getattr(self, name)
            if moment is not None:
                require_aware(moment, field=name)


def read(session: Session, query: Query) -> Beliefs:
    """The beliefs that a query asks for, sorted by event, source, horizon and probability.

    :raises InvalidInput: where the sensor names an unknown knowledge-horizon function.
    """
    connection = session.connection()
    statement = _statement(query).order_by(*_ORDER)
    found = _formed(query, engine_of(connection).fetch(connection, statement))
    if query.latest_versions and (found.source_id[1:] != found.source_id[:-1]).any():
        found = selection.latest_versions(found, _sources_of(session, [found]))
    return _reduced(query, found)


def read_several(
    session: Session, queries: Sequence[Query], *, at_most: int | None = None
) -> list[Beliefs]:
    """What :func:`read` gives for each query, in a number of statements that does not grow.

    (It grows by one for each hundred queries.)

    :param at_most: the number of rows that may be looked at.
    :raises InvalidInput: where there are more; and as :func:`read` does.
    """
    parts: list[Beliefs] = []
    looked_at = 0
    for first in range(0, len(queries), _TOGETHER):
        together = queries[first : first + _TOGETHER]
        left = None if at_most is None else at_most - looked_at
        found = _read_together(session, together, left)
        looked_at += sum(map(len, found))
        parts += map(_formed, together, found)
    versioned = [part for query, part in zip(queries, parts, strict=True) if query.latest_versions]
    sources = _sources_of(session, versioned) if any(map(len, versioned)) else ()
    return [
        _reduced(query, selection.latest_versions(part, sources) if query.latest_versions else part)
        for query, part in zip(queries, parts, strict=True)
    ]


def _read_together(
    session: Session, queries: Sequence[Query], at_most: int | None
) -> list[Beliefs]:
    connection = session.connection()
    numbered = union_all(
        *(
            _statement(query).with_only_columns(
                literal_column(str(number)).label("number"), *_COLUMNS
            )
            for number, query in enumerate(queries)
        )
    ).subquery()
    statement = select(numbered)
    if at_most is not None:
        statement = statement.limit(at_most + 1)
    numbers, found = engine_of(connection).fetch_numbered(connection, statement)
    if at_most is not None and len(found) > at_most:
        raise InvalidInput(
            f"There are more than {at_most} beliefs to look at.",
            hint="Ask for a shorter time.",
        )
    return [found.take(numbers == number).by_key() for number in range(len(queries))]


def _formed(query: Query, found: Beliefs) -> Beliefs:
    """The beliefs about events in the window, formed in the time for which the query asks."""
    if query.start is not None and whole_days(query.sensor.event_resolution):
        found = found.take(_ends(query, found) > moment64(query.start))
    if query.prior is not None or query.since is not None:
        found = found.take(_formed_in_time(query, found))
    return found


def _reduced(query: Query, found: Beliefs) -> Beliefs:
    if not query.most_recent:
        return found
    if query.one_source:
        return selection.most_recent(found)
    return selection.most_recent_per_source(found)


def _ends(query: Query, found: Beliefs) -> Moments:
    zone = time_zone(query.sensor.timezone, field="timezone")
    return event_ends(found.event_start, query.sensor.event_resolution, zone)


def _longest_event(query: Query) -> timedelta:
    """The length of the events; for days, which the calendar makes longer, more than that."""
    length = query.sensor.event_resolution
    return length + DAY if whole_days(length) else length


def _formed_in_time(query: Query, found: Beliefs) -> Flags:
    formed = knowledge_of(query.sensor, found.event_start) - found.belief_horizon
    in_time = np.ones(len(found), dtype=np.bool_)
    if query.prior is not None:
        in_time &= formed <= moment64(query.prior)
    if query.since is not None:
        in_time &= formed >= moment64(query.since)
    return in_time


def _sources_of(session: Session, found: Sequence[Beliefs]) -> Sequence[Source]:
    ids = np.unique(np.concatenate([each.source_id for each in found])).tolist()
    return session.scalars(select(Source).where(Source.id.in_(ids))).all()


def _statement(query: Query) -> Select[Any]:
    """One range scan of the key."""
    return select(*_COLUMNS).where(table.c.sensor_id == query.sensor.id, *_conditions(query))


def _conditions(query: Query) -> list[ColumnElement[bool]]:
    columns = table.c
    conditions: list[ColumnElement[bool]] = []
    length = _longest_event(query)
    if query.start is not None:
        start = columns.event_start
        begin = query.start.astimezone(UTC)
        if not length:
            conditions.append(start >= begin)
        elif begin - _FIRST > length:  # else there is no moment so early
            conditions.append(start > begin - length)
    if query.end is not None:
        conditions.append(columns.event_start < query.end)
    if query.horizon is not None:
        conditions.append(columns.belief_horizon >= microseconds(query.horizon))
    if query.horizon_at_most is not None:
        conditions.append(columns.belief_horizon <= microseconds(query.horizon_at_most))
    if query.prior is not None and query.start is not None:
        conditions.append(columns.belief_horizon >= _shortest_horizon(query))
    sources = _source_conditions(query)
    if sources:
        conditions.append(columns.source_id.in_(select(Source.id).where(*sources)))
    elif query.source_ids is not None:
        conditions.append(columns.source_id.in_(query.source_ids))
    return conditions


def _shortest_horizon(query: Query) -> int:
    """The shortest horizon that a belief formed by `prior` can have in the window [us].

    Events become known in the order in which they start, so the first one sets the limit. The
    exact filter, which depends on each event, follows when the rows are there.
    """
    assert query.start is not None
    assert query.prior is not None
    first = np.array([moment64(query.start) - duration64(_longest_event(query))])
    horizon = knowledge_of(query.sensor, first)[0] - moment64(query.prior)
    return int(horizon.astype(np.int64))


def _source_conditions(query: Query) -> list[ColumnElement[bool]]:
    """Conditions on the sources themselves; empty where at most their ids are given."""
    conditions: list[ColumnElement[bool]] = []
    if query.source_types is not None:
        conditions.append(Source.type.in_(_with_synonyms(query.source_types)))
    if query.exclude_source_types is not None:
        conditions.append(Source.type.not_in(_with_synonyms(query.exclude_source_types)))
    if query.source_account_ids is not None:
        conditions.append(Source.account_id.in_(query.source_account_ids))
    if conditions and query.source_ids is not None:
        conditions.append(Source.id.in_(query.source_ids))
    return conditions


def _with_synonyms(types: Sequence[str]) -> list[str]:
    today = {TYPE_SYNONYMS.get(name, name) for name in types}
    return sorted(today | {old for old, new in TYPE_SYNONYMS.items() if new in today})

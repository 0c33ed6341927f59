"""Summaries of a sensor's beliefs per source, without reading all of them each time.

Events are summarised by periods of thirty days. A write raises the version of the periods that it
touches, in its own transaction. Who asks for a summary reads only the beliefs of periods that have
changed since they were summarised last, and may remember what was found: but only where the
version is still the one that was seen, so that a write in between is never passed over.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from typing import Any, Final

import numpy as np
from sqlalchemy import (
    Connection,
    Insert,
    RowMapping,
    Select,
    String,
    bindparam,
    cast,
    column,
    func,
    literal_column,
    or_,
    select,
    update,
)
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from fmhost.beliefs.columns import Beliefs
from fmhost.beliefs.read import Query, read
from fmhost.beliefs.timing import knowledge_of
from fmhost.domain.arrays import (
    Flags,
    Integers,
    as_integers,
    epoch_microseconds,
    moment64,
    to_datetime,
)
from fmhost.model.belief_summaries import belief_summaries as table
from fmhost.model.sensors import Sensor

#: Length of a period, counted from 1970-01-01 UTC [us].
PERIOD: Final = 30 * 24 * 3600 * 10**6

_FIRST: Final = epoch_microseconds(datetime.min.replace(tzinfo=UTC))
_LAST: Final = epoch_microseconds(datetime.max.replace(tzinfo=UTC))
_MARKED: Final = ("sensor_id", "source_id", "period_start", "period_end", "version")
_OF_ROW: Final = ("sensor_id", "source_id", "period_start", "version")


@dataclass(frozen=True, slots=True)
class Summary:
    """What there is of one source about one sensor; every stored row counts.

    :param first_event: start of the earliest event, `last_event` that of the latest; UTC.
    :param last_recorded: the latest belief time; UTC.
    :param number: of values, missing ones (NaN) left out; `lowest`, `highest` and `total` are of
        those, in the unit of the sensor. Without values `lowest` and `highest` are None.
    """

    first_event: datetime
    last_event: datetime
    last_recorded: datetime
    number: int
    lowest: float | None
    highest: float | None
    total: float

    def __add__(self, other: Summary) -> Summary:
        lows = [low for low in (self.lowest, other.lowest) if low is not None]
        highs = [high for high in (self.highest, other.highest) if high is not None]
        return Summary(
            min(self.first_event, other.first_event),
            max(self.last_event, other.last_event),
            max(self.last_recorded, other.last_recorded),
            self.number + other.number,
            min(lows, default=None),
            max(highs, default=None),
            self.total + other.total,
        )


@dataclass(frozen=True, slots=True)
class Summaries:
    """Summaries by the id of the source, and what was found on the way.

    :param found: what :func:`remember` keeps for the next time; empty where nothing had changed.
    """

    by_source: Mapping[int, Summary]
    found: Sequence[Mapping[str, Any]]


def mark_changed(connection: Connection, sensor: Sensor, beliefs: Beliefs) -> None:
    """Raise the versions of the periods in which these beliefs lie."""
    mark_all_changed(connection, [(sensor, beliefs)])


def mark_all_changed(connection: Connection, parts: Sequence[tuple[Sensor, Beliefs]]) -> None:
    """The same for several sensors; in ascending order, so that writers do not wait in circles."""
    touched = [
        (sensor.id, source_id, period)
        for sensor, beliefs in parts
        for source_id, period in _periods_of(beliefs)
    ]
    connection.execute(
        _raise_versions(connection.dialect.name),
        [_row(*each) for each in sorted(touched)],
    )


@cache
def storing_and_marking(storing: Insert) -> Select[int]:
    """A statement that stores rows, raises versions where it stored any, and counts them.

    It saves PostgreSQL, which alone knows such statements, and us the way to and fro. It has the
    parameters of `storing` and what :func:`marks` gives.
    """
    stored = storing.returning(literal_column("1").label("one")).cte("stored")
    number = select(func.count()).select_from(stored).scalar_subquery()
    periods = func.unnest(
        *(
            cast(bindparam(f"marked_{name}", type_=String()), postgresql.ARRAY(table.c[name].type))
            for name in _MARKED
        )
    )
    rows = periods.table_valued(*(column(name, table.c[name].type) for name in _MARKED))
    # The number is known when all is stored: locks are taken in the same order as one by one.
    listed = select(rows.render_derived(name="periods")).where(number > 0)
    marking = postgresql.insert(table).from_select(list(_MARKED), listed)
    marked = _or_raise(marking).cte("marked")
    return select(func.count()).select_from(stored).add_cte(marked)


def marks(sensor: Sensor, beliefs: Beliefs) -> dict[str, str]:
    """The periods in which these beliefs lie, as parameters of :func:`storing_and_marking`."""
    rows = [_row(sensor.id, *each) for each in sorted(_periods_of(beliefs))]
    return {f"marked_{name}": f"{{{','.join(str(row[name]) for row in rows)}}}" for name in _MARKED}


def _row(sensor_id: int, source_id: int, period: int) -> dict[str, Any]:
    return {
        "sensor_id": sensor_id,
        "source_id": source_id,
        "period_start": _edge(period * PERIOD),
        "period_end": _edge((period + 1) * PERIOD),
        "version": 1,
    }


def _periods_of(beliefs: Beliefs) -> Sequence[tuple[int, int]]:
    """Pairs of a source and the number of a period in which there are beliefs of it."""
    number = as_integers(beliefs.event_start) // PERIOD
    # Sorting pairs takes longer than this, for a few beliefs and for many.
    found: list[tuple[int, int]] = []
    for source_id in np.unique(beliefs.source_id).tolist():
        of_source = np.unique(number[beliefs.source_id == source_id]).tolist()
        found.extend((source_id, period) for period in of_source)
    return found


@cache
def _raise_versions(dialect: str) -> Insert:
    return _or_raise(postgresql.insert(table) if dialect == "postgresql" else sqlite.insert(table))


def _or_raise(marking: postgresql.Insert | sqlite.Insert) -> Insert:
    return marking.on_conflict_do_update(
        index_elements=list(table.primary_key.columns), set_={"version": table.c.version + 1}
    )


def _edge(microseconds: int) -> datetime:
    """A moment within the calendar."""
    return to_datetime(min(max(microseconds, _FIRST), _LAST))


def summarise(
    session: Session, sensor: Sensor, start: datetime | None = None, end: datetime | None = None
) -> Summaries:
    """What there is about a sensor, per source: of events that start within [start, end).

    :raises InvalidInput: where the sensor names an unknown knowledge-horizon function.
    """
    rows = session.execute(select(table).where(table.c.sensor_id == sensor.id)).mappings().all()
    timing = _timing(sensor)
    parts: list[tuple[int, Summary]] = []
    found: list[Mapping[str, Any]] = []
    for (first, last), of_period in _by_period(rows).items():
        begin = first if start is None else max(first, start.astimezone(UTC))
        until = last if end is None else min(last, end.astimezone(UTC))
        if begin >= until:
            continue
        whole = (begin, until) == (first, last)
        fresh = all(_is_fresh(row, timing) for row in of_period)
        if whole and fresh:
            parts += [(row["source_id"], _of_row(row)) for row in of_period if row["first_event"]]
            continue
        summaries = _summarised(session, sensor, begin, until)
        parts += summaries.items()
        if whole:
            found += [
                _to_remember(row, summaries.get(row["source_id"]), timing) for row in of_period
            ]
    return Summaries(_added(parts), found)


def remember(connection: Connection, found: Sequence[Mapping[str, Any]]) -> None:
    """Keep what was found, unless the beliefs have changed since."""
    for values in found:
        unchanged = [table.c[name] == values[name] for name in _OF_ROW]
        connection.execute(update(table).where(*unchanged).values(dict(values)))


def periods(
    session: Session, sensor: Sensor, source_ids: Iterable[int]
) -> dict[int, list[tuple[datetime, datetime]]]:
    """By source, the periods in which there are, or were, beliefs of it."""
    query = select(table.c.source_id, table.c.period_start, table.c.period_end).where(
        table.c.sensor_id == sensor.id, table.c.source_id.in_(list(source_ids))
    )
    found: dict[int, list[tuple[datetime, datetime]]] = {}
    for source_id, start, end in session.execute(query):
        found.setdefault(source_id, []).append((start, end))
    return found


def sources_of(sensors: Select[int]) -> Select[int]:
    """The ids of the sources of which there are beliefs about these sensors.

    Known from the summaries, without a look at the beliefs. A source whose beliefs were all deleted
    counts until somebody asks for a summary.

    :param sensors: selects the ids of sensors.
    """
    columns = table.c
    maybe = or_(
        columns.first_event.is_not(None),
        columns.summarised_version.is_(None),
        columns.summarised_version != columns.version,
    )
    return select(columns.source_id).where(columns.sensor_id.in_(sensors), maybe).distinct()


def _by_period(
    rows: Iterable[RowMapping],
) -> dict[tuple[datetime, datetime], list[RowMapping]]:
    found: dict[tuple[datetime, datetime], list[RowMapping]] = {}
    for row in rows:
        found.setdefault((row["period_start"], row["period_end"]), []).append(row)
    return found


def _timing(sensor: Sensor) -> str:
    """What `last_recorded` depends on besides the beliefs."""
    parts = [sensor.event_resolution.total_seconds(), sensor.knowledge_horizon_fnc]
    return json.dumps([*parts, sensor.knowledge_horizon_par], sort_keys=True)[:255]


def _is_fresh(row: RowMapping, timing: str) -> bool:
    return bool(row["summarised_version"] == row["version"] and row["timing"] == timing)


def _of_row(row: RowMapping) -> Summary:
    return Summary(*(row[name] for name in Summary.__dataclass_fields__))


def _to_remember(row: RowMapping, summary: Summary | None, timing: str) -> Mapping[str, Any]:
    names = Summary.__dataclass_fields__
    values = {name: None if summary is None else getattr(summary, name) for name in names}
    key = {name: row[name] for name in _OF_ROW}
    return {**key, **values, "summarised_version": row["version"], "timing": timing}


def _summarised(
    session: Session, sensor: Sensor, start: datetime, end: datetime
) -> dict[int, Summary]:
    """From the beliefs themselves."""
    beliefs = read(session, Query(sensor=sensor, start=start, end=end, most_recent=False))
    beliefs = beliefs.take(beliefs.event_start >= moment64(start))
    formed = as_integers(knowledge_of(sensor, beliefs.event_start) - beliefs.belief_horizon)
    return {
        source_id: _summary(beliefs, formed, beliefs.source_id == source_id)
        for source_id in np.unique(beliefs.source_id).tolist()
    }


def _summary(beliefs: Beliefs, formed: Integers, rows: Flags) -> Summary:
    starts, values = beliefs.event_start[rows], beliefs.event_value[rows]
    values = values[~np.isnan(values)]
    with np.errstate(over="ignore"):
        total = float(values.sum())
    return Summary(
        to_datetime(starts[0]),
        to_datetime(starts[-1]),
        to_datetime(int(formed[rows].max())),
        len(values),
        float(values.min()) if len(values) else None,
        float(values.max()) if len(values) else None,
        total,
    )


def _added(parts: Iterable[tuple[int, Summary]]) -> dict[int, Summary]:
    found: dict[int, Summary] = {}
    for source_id, summary in parts:
        found[source_id] = found[source_id] + summary if source_id in found else summary
    return found

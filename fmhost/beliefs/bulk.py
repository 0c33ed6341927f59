"""Writing beliefs about many sensors together.

A schedule of a fleet is beliefs about thousands of sensors. One statement tells of which of them
something is stored within the time in question. The beliefs about the others go into the table in
one go, as none of them can repeat or contradict anything. Those about sensors of which something is
stored are compared with it, some hundred sensors by one statement.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from functools import cache
from typing import Any, Final

import numpy as np
import numpy.typing as npt
from sqlalchemy import Connection, Integer, Select, bindparam, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from fmhost.beliefs import news
from fmhost.beliefs.batches import Batch, prepare
from fmhost.beliefs.columns import Beliefs
from fmhost.beliefs.engines import engine_of
from fmhost.beliefs.repeated import repeated
from fmhost.beliefs.summaries import mark_all_changed
from fmhost.beliefs.write import save
from fmhost.domain.arrays import to_datetime
from fmhost.model.belief_table import beliefs as table
from fmhost.model.sensors import Sensor
from fmhost.model.types import Timestamp
from fmhost.telemetry.figures import BELIEFS_WRITTEN

#: Fewer sensors are written to one by one.
FEW: Final = 4
#: So many ids at once are asked for; engines have a limit.
_AT_ONCE: Final = 1000

#: Beliefs about so many sensors at once are compared with what is stored.
_COMPARED: Final = 500

Part = tuple[Sensor, Beliefs]
Prepared = tuple[Sensor, Batch]


def save_all(session: Session, parts: Sequence[Part], *, overwrite: bool = False) -> int:
    """Store beliefs about several sensors, each of them as :func:`~fmhost.beliefs.save` does.

    :return: the number of rows that are new or replaced.
    :raises InvalidInput: as :func:`~fmhost.beliefs.save` does; likewise `ReplacementNotAllowed` and
        `NotFound`.
    """
    if len(parts) < FEW or len({sensor.id for sensor, _ in parts}) < len(parts):
        return _one_by_one(session, parts, overwrite)
    batches = [(sensor, prepare(beliefs)) for sensor, beliefs in parts]
    batches = [each for each in batches if len(each[1])]
    session.flush()
    connection = session.connection()
    known = set(_known(connection, batches))
    empty = [each for each in batches if each[0].id not in known]
    alike = [each for each in batches if each[0].id in known and each[1].is_simple]
    others = [each for each in batches if each[0].id in known and not each[1].is_simple]
    stored = _together(session, empty, lambda some: _load(connection, some), overwrite)
    for first in range(0, len(alike), _COMPARED):
        some = alike[first : first + _COMPARED]
        stored += _together(
            session, some, lambda part: _news(connection, part, overwrite), overwrite
        )
    return stored + _one_by_one(session, _parts(others), overwrite)


def _one_by_one(session: Session, parts: Sequence[Part], overwrite: bool) -> int:
    saved = [save(session, sensor, beliefs, overwrite=overwrite) for sensor, beliefs in parts]
    return sum(each.stored + each.replaced for each in saved)


def _parts(batches: Sequence[Prepared]) -> list[Part]:
    return [(sensor, batch.beliefs) for sensor, batch in batches]


def _together(
    session: Session,
    batches: Sequence[Prepared],
    write: Callable[[Sequence[Prepared]], int],
    overwrite: bool,
) -> int:
    """Store some batches by few statements, or else one by one; the number of rows."""
    if not batches:
        return 0
    try:
        with session.connection().begin_nested():
            number = write(batches)
    except (IntegrityError, _Contradicted):
        # Somebody else was faster, a sensor is gone, or a value may not be replaced: one by one,
        # the error names which.
        return _one_by_one(session, _parts(batches), overwrite)
    BELIEFS_WRITTEN.add(number)
    return number


def _known(connection: Connection, batches: Sequence[Prepared]) -> Iterator[int]:
    """The ids of sensors of which beliefs are stored about events in the time of all batches."""
    if not batches:
        return
    first_event, last_event = _span(batches)
    window = {"first_event": first_event, "last_event": last_event}
    for place in range(0, len(batches), _AT_ONCE):
        ids = [sensor.id for sensor, _ in batches[place : place + _AT_ONCE]]
        for number, first in connection.execute(_first_stored(), {**window, "ids": ids}):
            if first is not None:
                yield number


@cache
def _first_stored() -> Select[Any]:
    """Of each of some sensors, the first event of which beliefs are stored, if any."""
    first, last = (bindparam(f"{name}_event", type_=Timestamp()) for name in ("first", "last"))
    start = table.c.event_start
    # Not EXISTS: PostgreSQL then may look through the whole table.
    found = (
        select(start)
        .where(table.c.sensor_id == Sensor.id, start.between(first, last))
        .order_by(start)
        .limit(1)
    )
    ids = bindparam("ids", type_=Integer(), expanding=True)
    return select(Sensor.id, found.scalar_subquery()).where(Sensor.id.in_(ids))


def _load(connection: Connection, batches: Sequence[Prepared]) -> int:
    """Put beliefs straight into the table; the number of rows."""
    new = [(sensor, batch.without_repetitions()) for sensor, batch in batches]
    columns = _joined(new)
    engine_of(connection).load(connection, table, columns)
    mark_all_changed(connection, _parts(new))
    return len(columns["sensor_id"])


def _news(connection: Connection, batches: Sequence[Prepared], overwrite: bool) -> int:
    """Store what is new in simple batches, or differs where that is allowed; the number of rows.

    :raises _Contradicted: where something differs and may not.
    """
    batches = _without_repeated(connection, batches)
    if not batches:
        return 0
    engine = engine_of(connection)
    window = news.parameters(None, *_span(batches))
    columns = _joined(batches)
    brought = engine.bring(connection, columns)
    values = {**window, **brought.parameters}
    with engine.looking_up(connection):
        statement = news.insert_news(brought.rows, is_simple=True, has_lateral=engine.has_lateral)
        changed = engine.change(connection, statement, values)
        if changed < len(columns["sensor_id"]):
            if overwrite:
                upsert = engine.upsert(news.contradictions(brought.rows))
                changed += engine.change(connection, upsert, values)
            elif connection.scalar(news.first_contradicted(brought.rows), values) is not None:
                raise _Contradicted
    if changed:
        # Of which sensors is not known; those without news are only summarised once more.
        mark_all_changed(connection, _parts(batches))
    return changed


def _without_repeated(connection: Connection, batches: Sequence[Prepared]) -> list[Prepared]:
    """The batches with what may be news."""
    left = ~repeated(connection, _joined(batches))
    ends = np.cumsum([len(batch) for _, batch in batches])[:-1]
    return [
        (sensor, batch if kept.all() else Batch(batch.beliefs.take(kept)))
        for (sensor, batch), kept in zip(batches, np.split(left, ends), strict=True)
        if kept.any()
    ]


class _Contradicted(Exception):
    """A belief is stored with another value."""


def _joined(batches: Sequence[Prepared]) -> dict[str, npt.NDArray[Any]]:
    """The columns of several batches, with the sensors."""
    columns = [batch.columns() for _, batch in batches]
    joined = {name: np.concatenate([each[name] for each in columns]) for name in columns[0]}
    numbers = np.array([sensor.id for sensor, _ in batches], dtype=np.int64)
    return {"sensor_id": np.repeat(numbers, [len(batch) for _, batch in batches]), **joined}


def _span(batches: Sequence[Prepared]) -> tuple[datetime, datetime]:
    """The first and the last event of all batches."""
    spans = [batch.span for _, batch in batches]
    first, last = min(first for first, _ in spans), max(last for _, last in spans)
    return to_datetime(first), to_datetime(last)

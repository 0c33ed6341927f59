"""Writing beliefs about many sensors: together, where nothing is stored yet about their events.

A schedule of a fleet is beliefs about thousands of sensors. One statement tells of which of them
something is stored within the time in question; the beliefs about the others go into the table in
one go, as none of them can repeat or contradict anything.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cache
from typing import Any, Final

import numpy as np
from sqlalchemy import Connection, Integer, Select, bindparam, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from fmhost.beliefs.batches import Batch, prepare
from fmhost.beliefs.columns import Beliefs
from fmhost.beliefs.engines import engine_of
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

Part = tuple[Sensor, Beliefs]


def save_all(session: Session, parts: Sequence[Part], *, overwrite: bool = False) -> int:
    """Store beliefs about several sensors, each of them as :func:`~fmhost.beliefs.save` does.

    :return: the number of rows that are new or replaced.
    :raises InvalidInput: as :func:`~fmhost.beliefs.save` does; likewise `ReplacementNotAllowed` and
        `NotFound`.
    """
    stored, left = 0, list(parts)
    if len(parts) >= FEW and len({sensor.id for sensor, _ in parts}) == len(parts):
        stored, left = _into_empty(session, parts)
    for sensor, beliefs in left:
        saved = save(session, sensor, beliefs, overwrite=overwrite)
        stored += saved.stored + saved.replaced
    return stored


def _into_empty(session: Session, parts: Sequence[Part]) -> tuple[int, list[Part]]:
    """Store the beliefs about sensors of which nothing is stored; the number, and what is left."""
    batches = [(sensor, prepare(beliefs)) for sensor, beliefs in parts]
    session.flush()
    connection = session.connection()
    known = set(_known(connection, [each for each in batches if len(each[1])]))
    empty = [each for each in batches if len(each[1]) and each[0].id not in known]
    left = [part for part in parts if part[0].id in known]
    if not empty:
        return 0, left
    try:
        with connection.begin_nested():
            number = _load(connection, empty)
    except IntegrityError:
        # Somebody else was faster, or a sensor is gone: one by one, the error names which.
        return 0, list(parts)
    BELIEFS_WRITTEN.add(number)
    return number, left


def _known(connection: Connection, batches: Sequence[tuple[Sensor, Batch]]) -> Iterator[int]:
    """The ids of sensors of which beliefs are stored about events in the time of all batches."""
    if not batches:
        return
    spans = [batch.span for _, batch in batches]
    window = {
        "first_event": to_datetime(min(first for first, _ in spans)),
        "last_event": to_datetime(max(last for _, last in spans)),
    }
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


def _load(connection: Connection, batches: Sequence[tuple[Sensor, Batch]]) -> int:
    """Put beliefs straight into the table; the number of rows."""
    new = [(sensor, batch.without_repetitions()) for sensor, batch in batches]
    lengths = [len(batch) for _, batch in new]
    columns = [batch.columns() for _, batch in new]
    joined = {name: np.concatenate([each[name] for each in columns]) for name in columns[0]}
    numbers = np.array([sensor.id for sensor, _ in new], dtype=np.int64)
    ids = np.asarray(np.repeat(numbers, lengths), dtype=np.int64)
    engine_of(connection).load(connection, table, {"sensor_id": ids, **joined})
    mark_all_changed(connection, [(sensor, batch.beliefs) for sensor, batch in new])
    return len(ids)

"""Which beliefs of a batch only repeat what is stored, found among columns and not row by row.

Where a fleet is scheduled again, most of what the new schedule says was believed before. To look
each of its rows up in the store takes several times as long as to read what is there at once.
"""

from __future__ import annotations

from functools import cache
from typing import Any, Final

import numpy as np
from sqlalchemy import Connection, Integer, Select, bindparam, select

from fmhost.beliefs.columns import Beliefs
from fmhost.beliefs.engines import engine_of
from fmhost.beliefs.incoming import Columns
from fmhost.domain.arrays import Flags, Integers, to_datetime
from fmhost.model.belief_table import beliefs as table
from fmhost.model.types import Timestamp

#: Where more rows than so many for each new one are stored, they are not read.
_MOST: Final = 4


def repeated(connection: Connection, new: Columns) -> Flags:
    """Which rows are certain to say what the previous belief says, so that they are no news.

    :param new: the columns of the table, of beliefs that are one row each, of which no two are
        about one event by one source.
    """
    nothing = np.zeros(len(new["sensor_id"]), dtype=np.bool_)
    numbers, stored = _stored(connection, new)
    if not 0 < len(stored) <= _MOST * len(nothing):
        return nothing
    theirs = {
        "sensor_id": numbers,
        "event_start": stored.event_start,
        "source_id": stored.source_id,
        "belief_horizon": stored.belief_horizon,
        "cumulative_probability": stored.cumulative_probability,
        "event_value": stored.event_value,
    }
    return _repeats({name: np.concatenate([new[name], theirs[name]]) for name in theirs}, nothing)


def _repeats(both: Columns, nothing: Flags) -> Flags:
    """The rows that :func:`repeated` tells, the first ones of `both`; the others are stored."""
    event = ("sensor_id", "event_start", "source_id")
    is_stored = np.arange(len(both["sensor_id"])) >= len(nothing)
    # A new row comes right before the stored one with the next longer horizon, or the same.
    order = np.lexsort(
        (is_stored, both["belief_horizon"], *(both[name] for name in reversed(event)))
    )
    columns = {name: column[order] for name, column in both.items()}
    same = np.ones(len(order) - 1, dtype=np.bool_)
    for name in event:
        same &= columns[name][1:] == columns[name][:-1]
    horizon = columns["belief_horizon"].astype(np.int64)
    earlier = same & (horizon[1:] > horizon[:-1])
    earlier &= (horizon[:-1] > 0) | (horizon[1:] <= 0)  # both before, or both after the fact
    earlier &= ~is_stored[order][:-1] & is_stored[order][1:]
    for name in ("cumulative_probability", "event_value"):
        earlier &= columns[name][1:] == columns[name][:-1]
    # A belief of several rows is not repeated by one.
    earlier[:-1] &= ~(same[1:] & (horizon[2:] == horizon[1:-1]))
    found = nothing.copy()
    found[order[:-1][earlier]] = True
    return found


def _stored(connection: Connection, new: Columns) -> tuple[Integers, Beliefs]:
    """What is stored about these sensors and events by these sources."""
    window = {
        "ids": np.unique(new["sensor_id"]).tolist(),
        "sources": np.unique(new["source_id"]).tolist(),
        "first_event": to_datetime(new["event_start"].min()),
        "last_event": to_datetime(new["event_start"].max()),
        "most": _MOST * len(new["sensor_id"]) + 1,
    }
    return engine_of(connection).fetch_numbered(connection, _query().params(window))


@cache
def _query() -> Select[Any]:
    names = ("event_start", "belief_horizon", "source_id", "cumulative_probability", "event_value")
    first, last = (bindparam(f"{name}_event", type_=Timestamp()) for name in ("first", "last"))
    ids, sources = (bindparam(name, type_=Integer(), expanding=True) for name in ("ids", "sources"))
    found = select(table.c.sensor_id.label("number"), *(table.c[name] for name in names))
    return found.where(
        table.c.sensor_id.in_(ids),
        table.c.event_start.between(first, last),
        table.c.source_id.in_(sources),
    ).limit(bindparam("most", type_=Integer()))

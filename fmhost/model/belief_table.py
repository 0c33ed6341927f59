"""The table of beliefs: one row a belief, keyed so that a window of a sensor is one range scan.

A Core table without entity: beliefs are read and written in columns, never as objects.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    Double,
    ForeignKeyConstraint,
    Integer,
    Table,
)

from fmhost.model.base import Base
from fmhost.model.types import Timestamp

#: Key in the `info` of a constraint: the one kind of database that has it.
ONLY_ON = "only_on"


def _reference(column: str, referred: str, **options: Any) -> ForeignKeyConstraint:
    """A reference that is a foreign key on SQLite alone.

    PostgreSQL would look up the sensor and the source of each row by itself, which takes four
    fifths of the time of a bulk load. There, triggers do it once a statement, with the same locks
    and errors; the first migration makes them.
    """
    key = ForeignKeyConstraint([column], [referred], info={ONLY_ON: "sqlite"}, **options)
    key.ddl_if(dialect="sqlite")
    return key


#: ``event_start``: start of the event. ``belief_horizon``: knowledge time minus belief time
#: [microseconds, positive before the fact]. ``cumulative_probability``: 0..1, 0.5 for a
#: deterministic belief. ``event_value``: [unit of the sensor]; not-a-number is stored as NULL on
#: both engines, because SQLite knows no other way.
beliefs = Table(
    "timed_belief",
    Base.metadata,
    Column("sensor_id", Integer(), primary_key=True, autoincrement=False),
    Column("event_start", Timestamp(), primary_key=True),
    Column("source_id", Integer(), primary_key=True, autoincrement=False),
    Column("belief_horizon", BigInteger(), primary_key=True, autoincrement=False),
    Column("cumulative_probability", Double(), primary_key=True, server_default="0.5"),
    Column("event_value", Double()),
    _reference("sensor_id", "sensor.id", ondelete="CASCADE"),
    _reference("source_id", "data_source.id"),
    CheckConstraint("cumulative_probability BETWEEN 0 AND 1", name="cumulative_probability"),
    sqlite_with_rowid=False,
)

"""The table of beliefs: one row a belief, keyed so that a window of a sensor is one range scan.

A Core table without entity: beliefs are read and written in columns, never as objects.
"""

from __future__ import annotations

from sqlalchemy import BigInteger, CheckConstraint, Column, Double, ForeignKey, Table

from fmhost.model.base import Base
from fmhost.model.types import Timestamp

#: ``event_start``: start of the event. ``belief_horizon``: knowledge time minus belief time
#: [microseconds, positive before the fact]. ``cumulative_probability``: 0..1, 0.5 for a
#: deterministic belief. ``event_value``: [unit of the sensor]; not-a-number is stored as NULL on
#: both engines, because SQLite knows no other way.
beliefs = Table(
    "timed_belief",
    Base.metadata,
    Column("sensor_id", ForeignKey("sensor.id", ondelete="CASCADE"), primary_key=True),
    Column("event_start", Timestamp(), primary_key=True),
    Column("source_id", ForeignKey("data_source.id"), primary_key=True),
    Column("belief_horizon", BigInteger(), primary_key=True, autoincrement=False),
    Column("cumulative_probability", Double(), primary_key=True, server_default="0.5"),
    Column("event_value", Double()),
    CheckConstraint("cumulative_probability BETWEEN 0 AND 1", name="cumulative_probability"),
    sqlite_with_rowid=False,
)

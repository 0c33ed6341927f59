"""What is known about the beliefs of a period, so that nobody need read them all to tell.

One row per sensor, source and period in which there are, or were, beliefs. Whoever changes the
beliefs of a period raises its `version` in the same transaction; what is summarised holds as long
as it was made from that version. See :mod:`fmhost.beliefs.summaries`.
"""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, Double, ForeignKey, String, Table

from fmhost.model.base import Base
from fmhost.model.types import Timestamp

#: ``period_start`` and ``period_end``: events that start in between belong to the row.
#: ``version``: how often the beliefs have changed; ``summarised_version``: that of the other
#: columns. ``timing``: what says when events become known, on which `last_recorded` depends.
#: ``first_event`` and ``last_event``: starts of events, NULL where all beliefs were deleted;
#: ``last_recorded``: the latest belief time. ``number``: of values, all quantiles and revisions
#: counted, without missing ones; ``lowest``, ``highest`` and ``total`` of those [sensor's unit].
belief_summaries = Table(
    "belief_summary",
    Base.metadata,
    Column("sensor_id", ForeignKey("sensor.id", ondelete="CASCADE"), primary_key=True),
    Column("source_id", ForeignKey("data_source.id", ondelete="CASCADE"), primary_key=True),
    Column("period_start", Timestamp(), primary_key=True),
    Column("period_end", Timestamp(), nullable=False),
    Column("version", BigInteger(), nullable=False),
    Column("summarised_version", BigInteger()),
    Column("timing", String(255)),
    Column("first_event", Timestamp()),
    Column("last_event", Timestamp()),
    Column("last_recorded", Timestamp()),
    Column("number", BigInteger()),
    Column("lowest", Double()),
    Column("highest", Double()),
    Column("total", Double()),
    sqlite_with_rowid=False,
)

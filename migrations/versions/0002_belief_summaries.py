"""Summaries of beliefs by period, so that statistics need not read all of a sensor's beliefs.

Revision 0002, after 0001.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

# Microseconds since 1970-01-01 UTC on SQLite.
TIMESTAMP = sa.DateTime(timezone=True).with_variant(sa.Integer(), "sqlite")

#: Thirty days, counted from 1970-01-01 UTC [s].
PERIOD = 30 * 24 * 3600

#: The ends of the calendar, years 1 to 9999 [us since 1970].
FIRST, LAST = -62135596800 * 10**6, 253402300800 * 10**6 - 1

#: The periods of the beliefs that are there already, to be summarised when somebody asks.
FILL = """
    INSERT INTO belief_summary (sensor_id, source_id, period_start, period_end, version)
    SELECT sensor_id, source_id, {start}, {end}, 1
    FROM (SELECT DISTINCT sensor_id, source_id, {number} AS number FROM timed_belief) AS found
"""


def upgrade() -> None:
    op.create_table(
        "belief_summary",
        sa.Column("sensor_id", sa.Integer(), nullable=False),
        sa.Column("source_id", sa.Integer(), nullable=False),
        sa.Column("period_start", TIMESTAMP, nullable=False),
        sa.Column("period_end", TIMESTAMP, nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("summarised_version", sa.BigInteger()),
        sa.Column("timing", sa.String(255)),
        sa.Column("first_event", TIMESTAMP),
        sa.Column("last_event", TIMESTAMP),
        sa.Column("last_recorded", TIMESTAMP),
        sa.Column("number", sa.BigInteger()),
        sa.Column("lowest", sa.Double()),
        sa.Column("highest", sa.Double()),
        sa.Column("total", sa.Double()),
        sa.PrimaryKeyConstraint("sensor_id", "source_id", "period_start", name="pk_belief_summary"),
        sa.ForeignKeyConstraint(
            ["sensor_id"],
            ["sensor.id"],
            name="fk_belief_summary_sensor_id",
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["source_id"],
            ["data_source.id"],
            name="fk_belief_summary_source_id",
            ondelete="CASCADE",
        ),
        sqlite_with_rowid=False,
    )
    op.execute(fill())


def fill() -> str:
    """The statement; edges beyond the calendar (years 1 to 9999) become its ends."""
    if op.get_bind().dialect.name == "postgresql":
        edge = (
            "least(greatest(to_timestamp({number} * {period}), '0001-01-01 00:00+00'), "
            "'9999-12-31 23:59:59.999999+00')"
        )
        return FILL.format(
            number=f"floor(extract(epoch FROM event_start) / {PERIOD})",
            start=edge.format(number="number", period=PERIOD),
            end=edge.format(number="(number + 1)", period=PERIOD),
        )
    length = PERIOD * 10**6
    edge = f"min(max({{number}} * {length}, {FIRST}), {LAST})"
    return FILL.format(
        # Division rounds towards zero, also before 1970.
        number=f"(event_start - ((event_start % {length}) + {length}) % {length}) / {length}",
        start=edge.format(number="number"),
        end=edge.format(number="(number + 1)"),
    )


def downgrade() -> None:
    op.drop_table("belief_summary")

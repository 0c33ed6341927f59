"""Recurring jobs, and how far running jobs have come.

Revision 0004, after 0003.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

# Microseconds since 1970-01-01 UTC on SQLite.
TIMESTAMP = sa.DateTime(timezone=True).with_variant(sa.Integer(), "sqlite")
JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")


def upgrade() -> None:
    op.create_table(
        "job_progress",
        sa.Column("job_id", sa.String(36), nullable=False),
        sa.Column("fraction", sa.Double(), nullable=False),
        sa.Column("note", sa.String(200), nullable=False),
        sa.Column("noted_at", TIMESTAMP, nullable=False),
        sa.PrimaryKeyConstraint("job_id", name="pk_job_progress"),
        sa.ForeignKeyConstraint(
            ["job_id"], ["job.id"], name="fk_job_progress_job_id", ondelete="CASCADE"
        ),
    )
    op.create_table(
        "automation",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(80), nullable=False),
        sa.Column("kind", sa.String(80), nullable=False),
        sa.Column("asset_id", sa.Integer(), nullable=False),
        sa.Column("sensor_id", sa.Integer()),
        sa.Column("parameters", JSON, nullable=False),
        sa.Column("cron", sa.String(200)),
        sa.Column("interval", sa.String(80)),
        sa.Column("timezone", sa.String(80), nullable=False),
        sa.Column("starts_at", TIMESTAMP, nullable=False),
        sa.Column("priority", sa.Integer(), nullable=False, server_default="0"),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("by_operator", sa.Boolean(), nullable=False),
        sa.Column("user_id", sa.Integer()),
        sa.Column("created_at", TIMESTAMP, nullable=False),
        sa.Column("next_at", TIMESTAMP, nullable=False),
        sa.Column("last_due_at", TIMESTAMP),
        sa.Column("last_job_id", sa.String(36)),
        sa.Column("error", JSON),
        sa.PrimaryKeyConstraint("id", name="pk_automation"),
        sa.CheckConstraint(
            "(cron IS NULL) != (interval IS NULL)", name=op.f("ck_automation_recurrence")
        ),
        _reference("asset_id", "generic_asset.id", "CASCADE"),
        _reference("sensor_id", "sensor.id", "CASCADE"),
        _reference("user_id", "fm_user.id", "SET NULL"),
        _reference("last_job_id", "job.id", "SET NULL"),
        sqlite_autoincrement=True,
    )
    for column in ("asset_id", "sensor_id", "user_id", "last_job_id"):
        op.create_index(f"ix_automation_{column}", "automation", [column])
    op.create_index("ix_automation_active_next_at", "automation", ["active", "next_at"])


def _reference(column: str, target: str, ondelete: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        [column], [target], name=f"fk_automation_{column}", ondelete=ondelete
    )


def downgrade() -> None:
    op.drop_table("automation")
    op.drop_table("job_progress")

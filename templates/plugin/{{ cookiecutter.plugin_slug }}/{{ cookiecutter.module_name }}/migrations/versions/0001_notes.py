"""Notes on sensors.

Revision 0001, the first.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the table; its name begins with the plugin's table prefix."""
    op.create_table(
        "{{ cookiecutter.module_name }}_note",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column(
            "sensor_id",
            sa.Integer(),
            sa.ForeignKey("sensor.id", ondelete="CASCADE"),
            nullable=False,
            index=True,
        ),
        sa.Column("author", sa.String(255), nullable=False),
        sa.Column("text", sa.String(500), nullable=False),
    )


def downgrade() -> None:
    """Drop the table."""
    op.drop_table("{{ cookiecutter.module_name }}_note")

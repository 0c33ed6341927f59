"""Permissions of plugins that user roles have.

Revision 0005, after 0004.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")


def upgrade() -> None:
    op.add_column("role", sa.Column("permissions", JSON, nullable=False, server_default="[]"))


def downgrade() -> None:
    op.drop_column("role", "permissions")

"""What is told does not depend on the kind of database."""

from __future__ import annotations

import pytest


@pytest.fixture
def database_kind() -> str:
    """SQLite alone."""
    return "sqlite"

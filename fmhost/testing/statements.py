"""Fixture: how many SQL statements something takes."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from fmhost.services.installation import Installation


@dataclass
class Counted:
    """The number of statements so far."""

    number: int = 0


@pytest.fixture
def statements(installation: Installation) -> Callable[[], AbstractContextManager[Counted]]:
    """``with statements() as counted:`` counts the SQL statements within the block."""
    from sqlalchemy import event  # this module is loaded with every test run

    @contextmanager
    def counting() -> Iterator[Counted]:
        counted = Counted()

        def count(_connection: Any, _cursor: Any, statement: str, *_others: Any) -> None:
            counted.number += not statement.startswith("PRAGMA")

        engine = installation.database.engine
        event.listen(engine, "before_cursor_execute", count)
        try:
            yield counted
        finally:
            event.remove(engine, "before_cursor_execute", count)

    return counting

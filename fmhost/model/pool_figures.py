"""Count the connections of a pool."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Engine, event
from sqlalchemy.pool import QueuePool

from fmhost.telemetry.figures import CONNECTIONS


def count_connections(engine: Engine) -> None:
    """Have the figures tell how many connections are in use, idle, and allowed."""
    pool = engine.pool
    if not isinstance(pool, QueuePool):
        return
    allowed = pool.size() + max(0, int(getattr(pool, "_max_overflow", 0)))

    def note(returning: int) -> None:
        using = max(0, pool.checkedout() - returning)
        CONNECTIONS.put(using, "in use")
        CONNECTIONS.put(pool.checkedin() + returning, "idle")
        CONNECTIONS.put(allowed, "allowed")

    @event.listens_for(engine, "checkout")
    def took(_connection: Any, _record: Any, _proxy: Any) -> None:
        note(0)

    @event.listens_for(engine, "checkin")
    def brought(_connection: Any, _record: Any) -> None:
        note(1)  # it is not back yet

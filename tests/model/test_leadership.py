"""Of several processes on one database, one leads."""

from __future__ import annotations

from sqlalchemy import text

from fmhost.model.database import Database
from fmhost.model.leadership import Leadership


def rival(database: Database) -> Database:
    return Database(database.url.render_as_string(hide_password=False))


def test_one_leads_until_it_lets_go(database: Database) -> None:
    other = rival(database)
    first, second = Leadership(database, "jobs"), Leadership(other, "jobs")
    third = Leadership(database, "something else")
    try:
        assert first.hold()
        assert not second.hold()
        assert first.hold()
        first.release()
        assert second.hold()
        assert not first.hold()
        assert third.hold()
    finally:
        third.release()
        second.release()
        other.dispose()


def test_who_loses_the_connection_does_not_lead_any_more(postgres_database: Database) -> None:
    other = rival(postgres_database)
    first, second = Leadership(postgres_database, "jobs"), Leadership(other, "jobs")
    assert first.hold()
    with other.engine.connect() as connection:
        connection.execute(
            text(
                "SELECT pg_terminate_backend(pid, 10000) FROM pg_locks "  # waits for its end
                "JOIN pg_database ON pg_database.oid = pg_locks.database "
                "WHERE locktype = 'advisory' AND granted AND datname = current_database()"
            )
        )
    assert second.hold()
    assert not first.hold()
    second.release()
    assert first.hold()
    first.release()
    other.dispose()

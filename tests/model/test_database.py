"""Transactions, connections, and what users read when the database is not there."""

from __future__ import annotations

import sqlite3
import threading
import time
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select, text, update
from sqlalchemy.exc import DBAPIError, IntegrityError

from fmhost.errors import ConfigurationError, DatabaseNotReady
from fmhost.model import Account
from fmhost.model.database import Database


def names(database: Database) -> list[str]:
    with database.reading() as session:
        return list(session.scalars(select(Account.name).order_by(Account.name)))


def test_a_transaction_commits_at_its_end(database: Database) -> None:
    with database.transaction() as session:
        account = Account(name="a")
        session.add(account)
    assert names(database) == ["a"]
    assert account.id > 0  # still usable, though its session has ended


def test_a_transaction_that_raises_leaves_nothing(database: Database) -> None:
    def add_and_give_up() -> None:
        with database.transaction() as session:
            session.add(Account(name="a"))
            session.flush()
            raise RuntimeError

    with pytest.raises(RuntimeError):
        add_and_give_up()
    assert names(database) == []


def test_changes_of_the_schema_are_part_of_the_transaction(database: Database) -> None:
    def create_and_give_up() -> None:
        with database.transaction() as session:
            session.execute(text("CREATE TABLE fleeting (id INTEGER)"))
            raise RuntimeError

    with pytest.raises(RuntimeError):
        create_and_give_up()
    with pytest.raises(DBAPIError), database.reading() as session:
        session.execute(text("SELECT * FROM fleeting"))


def test_a_reading_session_cannot_write(database: Database) -> None:
    with database.reading() as session:
        session.add(Account(name="a"))
        with pytest.raises(DBAPIError, match=r"read-?only"):
            session.flush()
    with database.transaction() as session:  # on the same pooled connection
        session.add(Account(name="b"))
    assert names(database) == ["b"]


def test_readers_see_one_state_while_others_write(database: Database) -> None:
    query = select(Account.name)
    with database.reading() as reader:
        assert reader.scalars(query).all() == []
        with database.transaction() as writer:
            writer.add(Account(name="a"))
        assert reader.scalars(query).all() == []
    assert names(database) == ["a"]


def test_savepoints_undo_their_part(database: Database) -> None:
    with database.transaction() as session:
        session.add(Account(name="a"))
        with pytest.raises(IntegrityError), session.begin_nested():
            session.add(Account(name="a"))
        session.add(Account(name="b"))
    assert names(database) == ["a", "b"]


def test_threads_that_read_and_then_write_all_succeed(database: Database) -> None:
    with database.transaction() as session:
        session.add(Account(name="counter", attributes={"n": 0}))
    errors: list[BaseException] = []

    def count() -> None:
        try:
            for _ in range(10):
                with database.transaction() as session:
                    query = select(Account).where(Account.name == "counter").with_for_update()
                    counter = session.scalars(query).one()
                    counter.attributes = {"n": counter.attributes["n"] + 1}
        except BaseException as error:
            errors.append(error)

    threads = [threading.Thread(target=count) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert errors == []
    with database.reading() as session:
        assert session.scalars(select(Account.attributes)).one() == {"n": 40}


def test_sqlite_is_configured(sqlite_database: Database) -> None:
    pragmas = ("journal_mode", "foreign_keys", "synchronous", "busy_timeout")
    with sqlite_database.engine.connect() as connection:
        found = [connection.exec_driver_sql(f"PRAGMA {name}").scalar() for name in pragmas]
    assert found == ["wal", 1, 1, 30_000]


def test_postgresql_sessions_are_in_utc(postgres_database: Database) -> None:
    with postgres_database.reading() as session:
        assert session.scalar(text("SHOW TIME ZONE")) == "UTC"


def test_the_folder_of_the_file_is_created(tmp_path: Path) -> None:
    database = Database(f"sqlite:///{tmp_path}/deep/er/fmhost.db")
    assert list(tmp_path.iterdir()) == []
    with database.connection() as connection:
        connection.exec_driver_sql("CREATE TABLE t (id INTEGER)")
    assert (tmp_path / "deep" / "er" / "fmhost.db").exists()
    database.dispose()


@pytest.mark.parametrize(
    ("uri", "driver"),
    [
        ("postgresql://a:b@c/d", "postgresql+psycopg"),
        ("postgres://a:b@c/d", "postgresql+psycopg"),
        ("postgresql+psycopg2://a:b@c/d", "postgresql+psycopg"),
        ("sqlite:////tmp/x.db", "sqlite+pysqlite"),
    ],
)
def test_the_driver_is_ours_to_choose(uri: str, driver: str) -> None:
    database = Database(uri)
    assert database.url.drivername == driver
    assert database.dialect == driver.partition("+")[0]


def test_engine_options_take_precedence() -> None:
    database = Database(
        "postgresql://a:b@c/d", {"pool_size": 3, "connect_args": {"connect_timeout": 1}}
    )
    assert database.engine.pool.size() == 3  # type: ignore[attr-defined]


def test_options_for_postgresql_do_no_harm_on_sqlite(tmp_path: Path) -> None:
    options = {
        "pool_recycle": 299,
        "pool_size": 5,
        "max_overflow": 10,
        "pool_pre_ping": True,
        "connect_args": {"options": "-c timezone=utc"},
    }
    database = Database(f"sqlite:///{tmp_path}/fmhost.db", options)
    with database.reading() as session:
        assert session.scalar(text("SELECT 1")) == 1
    database.dispose()


@pytest.mark.parametrize(
    ("uri", "message"),
    [
        ("", "is not the address of a database"),
        ("fmhost.db", "is not the address of a database"),
        ("postgresql://user:secret@host:port/name", "is not the address of a database"),
        ("mysql://user:secret@host/name", "a database of kind 'mysql'"),
        ("sqlite://", "in memory"),
        ("sqlite:///:memory:", "in memory"),
    ],
)
def test_addresses_of_no_use_are_refused(uri: str, message: str) -> None:
    with pytest.raises(ConfigurationError, match=message) as caught:
        Database(uri)
    assert caught.value.field == "SQLALCHEMY_DATABASE_URI"
    assert "secret" not in str(caught.value)


def reading_fails_with(database: Database) -> str:
    with pytest.raises(DatabaseNotReady) as caught, database.reading() as session:
        session.execute(text("SELECT 1"))
    database.dispose()
    message = str(caught.value)
    assert "\n" not in message
    assert "secret" not in message
    return message


def test_an_unreachable_server_is_named_without_the_password() -> None:
    message = reading_fails_with(Database("postgresql://ann:secret@127.0.0.1:1/fmhost"))
    assert "postgresql://ann@127.0.0.1:1/fmhost cannot be reached" in message
    assert "Connection refused" in message
    assert "Start the server" in message


def test_a_missing_database_is_named(postgres_database: Database) -> None:
    url = postgres_database.url.set(database="nowhere")
    message = reading_fails_with(Database(url.render_as_string(hide_password=False)))
    assert 'database "nowhere" does not exist. Create it' in message


def test_a_refused_user_is_named(postgres_database: Database) -> None:
    url = postgres_database.url.set(username="nobody_here", password="secret")
    message = reading_fails_with(Database(url.render_as_string(hide_password=False)))
    assert "nobody_here" in message
    assert "Correct the user or the password" in message


def test_a_lost_connection_is_told(postgres_database: Database) -> None:
    with postgres_database.transaction() as session:
        process = session.scalar(text("SELECT pg_backend_pid()"))
        with postgres_database.engine.connect() as other:
            other.execute(text("SELECT pg_terminate_backend(:it, 9999)"), {"it": process})
        with pytest.raises(DatabaseNotReady, match="was lost"):
            session.execute(text("SELECT 1"))
        session.rollback()
    assert names(postgres_database) == []


def test_a_connection_that_was_cut_while_idle_is_replaced(
    postgres_database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("fmhost.model.connections.IDLE", 0.0)
    one_connection = {"pool_size": 1, "max_overflow": 0, "pool_pre_ping": True}
    database = Database(postgres_database.url.render_as_string(hide_password=False), one_connection)
    with database.transaction() as session:
        before = session.scalar(text("SELECT pg_backend_pid()"))
    with postgres_database.transaction() as session:
        session.execute(text("SELECT pg_terminate_backend(:it, 9999)"), {"it": before})
    with database.transaction() as session:
        assert session.scalar(text("SELECT pg_backend_pid()")) != before
    database.dispose()


def test_a_file_that_is_no_database_is_named(tmp_path: Path) -> None:
    (tmp_path / "fmhost.db").write_text("dear diary" * 100)
    message = reading_fails_with(Database(f"sqlite:///{tmp_path}/fmhost.db"))
    assert "not a database" in message
    assert f"{tmp_path}/fmhost.db" in message


def test_a_folder_that_cannot_be_created_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    message = reading_fails_with(Database(f"sqlite:///{tmp_path}/file/fmhost.db"))
    assert f"The folder {tmp_path}/file of the database cannot be created" in message


def test_a_folder_in_place_of_the_file_is_named(tmp_path: Path) -> None:
    assert "unable to open" in reading_fails_with(Database(f"sqlite:///{tmp_path}"))


def test_a_file_that_stays_locked_is_told(sqlite_database: Database) -> None:
    impatient = Database(str(sqlite_database), {"connect_args": {"timeout": 0.05}})
    assert sqlite_database.file is not None
    other = sqlite3.connect(sqlite_database.file, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(DatabaseNotReady, match="locked"), impatient.transaction() as session:
        session.add(Account(name="a"))
    assert names(impatient) == []  # reading goes on
    other.close()
    impatient.dispose()


def test_a_transaction_can_be_told_how_long_to_wait(database: Database) -> None:
    with database.transaction() as session:
        session.add(Account(name="a"))

    def rename(name: str, patience: timedelta) -> None:
        with database.transaction(patience=patience) as session:
            session.execute(update(Account).values(name=name))

    with database.transaction() as session:
        session.execute(update(Account).values(name="b"))
        started = time.monotonic()
        with pytest.raises(DatabaseNotReady, match="locked"):
            rename("c", timedelta(0))
        assert time.monotonic() - started < 20  # and not the usual half minute, or for ever
    assert names(database) == ["b"]
    rename("c", timedelta(0))  # once nothing is locked, it need not wait
    assert names(database) == ["c"]


def test_other_transactions_keep_their_patience(database: Database) -> None:
    with database.transaction(patience=timedelta(0)) as session:
        session.add(Account(name="a"))
    setting = "PRAGMA busy_timeout" if database.dialect == "sqlite" else "SHOW lock_timeout"
    with database.transaction() as session:
        assert session.scalar(text(setting)) in (30_000, "0")

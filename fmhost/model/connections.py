"""How connections behave on each engine: transactions, durability, time zone, failures."""

from __future__ import annotations

import sqlite3
import time
from pathlib import Path
from typing import Any

from sqlalchemy import URL, Connection, Dialect, Engine, event
from sqlalchemy.engine import ExceptionContext
from sqlalchemy.exc import InvalidatePoolError

from fmhost.errors import DatabaseNotReady
from fmhost.model.psycopg_parts import accept_arrays

#: Execution option of connections that must not write.
READ_ONLY = "fmhost_read_only"
#: Execution option of connections that take the write lock when their transaction begins.
WILL_WRITE = "fmhost_will_write"
#: Execution option: how long the transaction waits for what others have locked [ms].
PATIENCE = "fmhost_patience"

#: After how long without use a connection is tried before it is used again [s].
IDLE = 1.0


def describe(url: URL) -> str:
    """Where a database is, without user's password or options: fit for messages and logs."""
    if url.get_backend_name() == "sqlite":
        return f"sqlite:///{url.database}"
    user = f"{url.username}@" if url.username else ""
    host = url.host or url.query.get("host") or "localhost"
    port = f":{url.port}" if url.port else ""
    return f"{url.get_backend_name()}://{user}{host}{port}/{url.database or ''}"


def prepare_sqlite(engine: Engine, *, patience: int) -> None:
    """WAL, foreign keys, and transactions that are real.

    :param patience: how long a transaction waits for another one to finish writing [ms], where its
        own option does not say otherwise.

    The driver would start transactions late and not for every statement. We start them ourselves:
    ``BEGIN IMMEDIATE`` where the transaction is going to write, because two that begin reading and
    then both want to write can only fail.
    """

    @event.listens_for(engine, "do_connect")
    def create_folder(dialect: Dialect, record: Any, arguments: Any, options: Any) -> None:
        folder = Path(engine.url.database or "").parent
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise DatabaseNotReady(
                f"The folder {folder} of the database cannot be created: {error.strerror}.",
                hint="Create it, or correct SQLALCHEMY_DATABASE_URI.",
            ) from error

    @event.listens_for(engine, "connect")
    def configure(connection: sqlite3.Connection, record: Any) -> None:
        connection.isolation_level = None  # no transactions by the driver
        connection.execute("PRAGMA foreign_keys = ON")
        connection.execute("PRAGMA synchronous = NORMAL")
        try:
            connection.execute("PRAGMA journal_mode = WAL")
        except sqlite3.OperationalError as error:
            # A property of the file. Where it cannot be set because others use the file just now,
            # they have set it, or the next connection will.
            if "locked" not in str(error):
                raise

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        options = connection.get_execution_options()
        read_only = bool(options.get(READ_ONLY))
        if connection.info.get(READ_ONLY, False) != read_only:
            connection.exec_driver_sql(f"PRAGMA query_only = {'ON' if read_only else 'OFF'}")
            connection.info[READ_ONLY] = read_only
        wanted = int(options.get(PATIENCE, patience))
        if connection.info.get(PATIENCE, patience) != wanted:
            connection.exec_driver_sql(f"PRAGMA busy_timeout = {wanted}")
            connection.info[PATIENCE] = wanted
        connection.exec_driver_sql("BEGIN IMMEDIATE" if options.get(WILL_WRITE) else "BEGIN")


def prepare_postgresql(engine: Engine) -> None:
    """All sessions in UTC, and without compiling queries.

    Our statements end in milliseconds; compiling one for a large batch takes longer than running
    it.
    """

    @event.listens_for(engine, "connect")
    def configure(connection: Any, record: Any) -> None:
        autocommit = connection.autocommit
        connection.autocommit = True
        connection.execute("SET TIME ZONE 'UTC'")
        connection.execute("SET jit = off")
        connection.autocommit = autocommit
        accept_arrays(connection)

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        patience = connection.get_execution_options().get(PATIENCE)
        if patience is not None:
            connection.exec_driver_sql(f"SET LOCAL lock_timeout = {int(patience)}")


def try_after_pause(engine: Engine) -> None:
    """Have a connection that was not used for a while tried before it is used again.

    A server that was started anew, or a firewall, has cut those. Trying takes as long as a small
    query, so a connection in constant use is not tried.
    """

    @event.listens_for(engine, "checkin")
    def note_return(connection: Any, record: Any) -> None:
        record.info["returned"] = time.monotonic()

    @event.listens_for(engine, "checkout")
    def see_that_it_lives(connection: Any, record: Any, proxy: Any) -> None:
        if time.monotonic() - record.info.get("returned", time.monotonic()) < IDLE:
            return
        try:
            engine.dialect.do_ping(connection)
        except engine.dialect.loaded_dbapi.Error as error:
            raise InvalidatePoolError("The connection was lost while nobody used it.") from error


def explain_failures(engine: Engine) -> None:
    """Turn failures to reach the database into DatabaseNotReady: one line, no password."""

    where = describe(engine.url)

    @event.listens_for(engine, "handle_error")
    def explain(context: ExceptionContext) -> None:
        reason = str(context.original_exception).strip()
        cause = context.original_exception
        if "database is locked" in reason or _lost_patience(context):
            raise DatabaseNotReady(
                f"Another process keeps the database {where} locked.",
                hint="Try again when it has finished writing.",
            ) from cause
        if context.connection is None:  # it never came to a connection
            raise DatabaseNotReady(
                f"The database {where} cannot be reached: {_first_line(reason)}.",
                hint=_remedy(reason),
            ) from cause
        if context.is_disconnect:
            raise DatabaseNotReady(
                f"The connection to the database {where} was lost: {_first_line(reason)}.",
                hint="Try again when the server is up.",
            ) from cause


def _lost_patience(context: ExceptionContext) -> bool:
    """Whether PostgreSQL gave up waiting for a lock because the transaction's option said so."""
    connection = context.connection
    impatient = connection is not None and PATIENCE in connection.get_execution_options()
    return impatient and "lock timeout" in str(context.original_exception)


def _first_line(reason: str) -> str:
    """The most telling line of a driver's message, without a full stop."""
    lines = [line.strip() for line in reason.splitlines() if line.strip()]
    telling = next((line for line in lines if "FATAL:" in line), lines[0] if lines else "no reason")
    return telling.rpartition("FATAL:")[2].strip().rstrip(".")


def _remedy(reason: str) -> str:
    if "does not exist" in reason and "database" in reason:
        return "Create it with `createdb`, or correct SQLALCHEMY_DATABASE_URI."
    if "authentication" in reason or "role" in reason:
        return "Correct the user or the password in SQLALCHEMY_DATABASE_URI."
    if "unable to open" in reason:
        return "See that its folder can be written, or correct SQLALCHEMY_DATABASE_URI."
    if "not a database" in reason:
        return "Correct SQLALCHEMY_DATABASE_URI, or restore the file from a backup."
    return "Start the server, or correct SQLALCHEMY_DATABASE_URI."

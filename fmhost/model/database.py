"""The database of an installation: its engine, its transactions, and whether it is upgraded."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any

from sqlalchemy import URL, Connection, Engine, create_engine, make_url
from sqlalchemy.exc import ArgumentError
from sqlalchemy.orm import Session

from fmhost.errors import ConfigurationError, DatabaseNotReady
from fmhost.model.connections import (
    PATIENCE,
    READ_ONLY,
    WILL_WRITE,
    describe,
    explain_failures,
    prepare_postgresql,
    prepare_sqlite,
    try_after_pause,
)
from fmhost.model.psycopg_parts import frugal_cursor

POSTGRESQL_OPTIONS: Mapping[str, Any] = {
    "pool_recycle": 299,
    "pool_size": 5,
    "max_overflow": 10,
    "pool_pre_ping": True,
}
#: How long to wait for a server that does not answer [s].
CONNECT_TIMEOUT = 10
#: How long to wait, on SQLite, for another transaction to finish writing [s].
BUSY_TIMEOUT = 30

_to_json = partial(json.dumps, ensure_ascii=False, separators=(",", ":"), allow_nan=False)


def _from_json(text: str) -> Any:
    """A JSON value; most of those that are stored are empty, which are had without a parser."""
    if text == "{}":
        return {}
    return [] if text == "[]" else json.loads(text)


class Database:
    """The database of an installation.

    :param uri: ``sqlite:///<file>`` or ``postgresql://user:password@host/name``.
    :param engine_options: further arguments of SQLAlchemy's ``create_engine``, which take
        precedence over our own.
    :raises ConfigurationError: where `uri` is malformed or names another kind of database.
    """

    def __init__(self, uri: str, engine_options: Mapping[str, Any] | None = None) -> None:
        self.url = _read_uri(uri)
        self.dialect = self.url.get_backend_name()
        self.engine: Engine = _engine(self.url, engine_options or {})
        view = (
            {"postgresql_readonly": True, "isolation_level": "REPEATABLE READ"}
            if self.dialect == "postgresql"
            else {}
        )
        self._reading = self.engine.execution_options(**{READ_ONLY: True}, **view)
        self._writing = self.engine.execution_options(**{WILL_WRITE: True})

    def __repr__(self) -> str:
        return f"<Database {self}>"

    def __str__(self) -> str:
        """Where the database is, without the password."""
        return describe(self.url)

    @property
    def file(self) -> Path | None:
        """The file of an SQLite database."""
        return Path(self.url.database or "") if self.dialect == "sqlite" else None

    @contextmanager
    def transaction(self, *, patience: timedelta | None = None) -> Iterator[Session]:
        """A session that commits at the end of the block, or rolls back where the block raises.

        Entities stay usable afterwards, with the values they had at the commit.

        :param patience: how long to wait for what others have locked; default the database's own.
        :raises DatabaseNotReady: where the database cannot be reached, or what is locked does not
            become free in time.
        """
        engine = self._writing
        if patience is not None:
            # PostgreSQL takes nought for ever.
            waiting = max(1, patience // timedelta(milliseconds=1))
            engine = engine.execution_options(**{PATIENCE: waiting})
        with Session(engine, expire_on_commit=False) as session, session.begin():
            yield session

    @contextmanager
    def reading(self) -> Iterator[Session]:
        """A session that cannot write and sees the data as they are at its first query.

        :raises DatabaseNotReady: where the database cannot be reached.
        """
        with Session(self._reading, expire_on_commit=False) as session:
            yield session

    @contextmanager
    def connection(self) -> Iterator[Connection]:
        """A writing transaction without entities, for bulk statements and migrations."""
        with self._writing.begin() as connection:
            yield connection

    def require_upgraded(self) -> None:
        """See that the schema is the one this program was written for.

        :raises DatabaseNotReady: where it is not, naming what to do.
        """
        # Reading the revisions needs Alembic, which no other access to the database needs.
        from fmhost.model.migrations import require_upgraded

        require_upgraded(self)

    def tidy_up(self) -> None:
        """Give back the room of what was deleted; have PostgreSQL plan its queries anew, too.

        :raises DatabaseNotReady: where others use the database, so that it cannot be done now.
        """
        if self.dialect == "postgresql":
            engine = self.engine.execution_options(isolation_level="AUTOCOMMIT")
            with engine.connect() as connection:
                connection.exec_driver_sql("VACUUM (ANALYZE)")
            return
        with self.engine.connect() as connection:
            driver: Any = connection.connection.driver_connection
            try:
                # Outside of the transaction that a statement would begin.
                driver.execute("VACUUM")
            except self.engine.dialect.loaded_dbapi.OperationalError as error:
                raise DatabaseNotReady(
                    f"The database {self} cannot be tidied up now: {error}.",
                    hint="Do so when nobody else uses it.",
                ) from error

    def dispose(self) -> None:
        """Close all pooled connections."""
        self.engine.dispose()


def _read_uri(uri: str) -> URL:
    try:
        url = make_url(uri)
        backend = url.get_backend_name()
    except (ArgumentError, ValueError):
        # Not quoted: a malformed address may still contain a password.
        raise ConfigurationError(
            "SQLALCHEMY_DATABASE_URI is not the address of a database.",
            field="SQLALCHEMY_DATABASE_URI",
            hint="It looks like postgresql://user:password@host/name or sqlite:///path/to/file.",
        ) from None
    if backend in ("postgresql", "postgres"):
        return url.set(drivername="postgresql+psycopg")
    if backend != "sqlite":
        raise ConfigurationError(
            f"SQLALCHEMY_DATABASE_URI names a database of kind '{backend}'.",
            field="SQLALCHEMY_DATABASE_URI",
            hint="Use postgresql:// or sqlite://.",
        )
    if not url.database or url.database == ":memory:":
        raise ConfigurationError(
            "SQLALCHEMY_DATABASE_URI names an SQLite database in memory, "
            "of which every connection would see its own.",
            field="SQLALCHEMY_DATABASE_URI",
            hint="Name a file: sqlite:///path/to/file.",
        )
    return url.set(drivername="sqlite+pysqlite")


def _engine(url: URL, engine_options: Mapping[str, Any]) -> Engine:
    # Messages of failed statements end up in logs, and their parameters may be secrets.
    options = {"hide_parameters": True, **engine_options}
    connect_args = dict(options.pop("connect_args", {}))
    if url.get_backend_name() == "sqlite":
        connect_args.pop("options", None)  # meant for PostgreSQL
        connect_args = {"timeout": BUSY_TIMEOUT, **connect_args}
        engine = create_engine(
            url,
            json_serializer=_to_json,
            json_deserializer=_from_json,
            connect_args=connect_args,
            **options,
        )
        prepare_sqlite(engine, patience=int(connect_args["timeout"] * 1000))
    else:
        # The library would try a connection before each use; see what we do instead.
        tried = {**POSTGRESQL_OPTIONS, **options}.pop("pool_pre_ping")
        engine = create_engine(
            url,
            json_serializer=_to_json,
            connect_args={
                "connect_timeout": CONNECT_TIMEOUT,
                "cursor_factory": frugal_cursor(),
                **connect_args,
            },
            **{**POSTGRESQL_OPTIONS, **options, "pool_pre_ping": False},
        )
        prepare_postgresql(engine)
        if tried:
            try_after_pause(engine)
    explain_failures(engine)
    return engine

"""Fresh, upgraded databases for tests, each a copy of one that was migrated once."""

from __future__ import annotations

import atexit
import contextlib
import os
import secrets
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any, Literal

from sqlalchemy import Engine, create_engine, make_url, text
from sqlalchemy.exc import SQLAlchemyError

from fmhost.model import migrations
from fmhost.model.database import Database
from fmhost.testing.compilation import SHARED_COMPILATION
from fmhost.testing.servers import postgres_server, temporary_folder

Kind = Literal["sqlite", "postgresql"]
KINDS: tuple[Kind, ...] = ("sqlite", "postgresql")

#: Few connections each, so that many databases fit on one server.
_POSTGRES_OPTIONS = {"pool_size": 2, "max_overflow": 8, "pool_pre_ping": False}
_OPTIONS: dict[str, Any] = {"plugins": [SHARED_COMPILATION]}


#: Writes what a database has from the beginning.
Content = Callable[[Database], object]


def nothing(database: Database) -> None:
    """No content but that of the migrations."""


@contextmanager
def fresh_database(
    kind: Kind, *, upgraded: bool = True, content: Content = nothing
) -> Iterator[Database]:
    """A database of its own, removed afterwards.

    :param upgraded: else it is empty, without any table.
    :param content: what an upgraded one has from the beginning; written once in this process.
    """
    with _fresh_uri(kind, content if upgraded else None) as uri:
        database = Database(uri, _OPTIONS | (_POSTGRES_OPTIONS if kind == "postgresql" else {}))
        try:
            yield database
        finally:
            database.dispose()


@contextmanager
def _fresh_uri(kind: Kind, content: Content | None) -> Iterator[str]:
    if kind == "sqlite":
        folder = temporary_folder("fmhost-sqlite-")
        try:
            file = folder / "fmhost.db"
            if content is not None:
                shutil.copyfile(_sqlite_template(content), file)
            yield f"sqlite:///{file}"
        finally:
            shutil.rmtree(folder)
    else:
        name = f"fmhost_test_{os.getpid()}_{secrets.token_hex(4)}"
        template = "template1" if content is None else _postgres_template(content)
        _create_postgres_database(name, template)
        try:
            yield _postgres_uri(name)
        finally:
            _administer(f'DROP DATABASE "{name}" WITH (FORCE)')


@cache
def _sqlite_template(content: Content) -> Path:
    folder = temporary_folder("fmhost-sqlite-")
    _at_exit(lambda: shutil.rmtree(folder, ignore_errors=True))
    file = folder / "template.db"
    if content is not nothing:
        shutil.copyfile(_sqlite_template(nothing), file)
    _fill(Database(f"sqlite:///{file}"), content)
    return file


@cache
def _postgres_template(content: Content) -> str:
    name = f"fmhost_template_{os.getpid()}_{secrets.token_hex(4)}"
    origin = "template1" if content is nothing else _postgres_template(nothing)
    _create_postgres_database(name, origin)
    _at_exit(lambda: _administer(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)'))
    _fill(Database(_postgres_uri(name)), content)
    return name


def _fill(database: Database, content: Content) -> None:
    if content is nothing:
        migrations.upgrade(database)
    else:
        content(database)
    database.dispose()  # on SQLite, the last connection moves the write-ahead log into the file


def _create_postgres_database(name: str, template: str) -> None:
    # Copying files is faster than logging them, where the server need not survive a crash.
    _administer(f'CREATE DATABASE "{name}" TEMPLATE "{template}" STRATEGY file_copy')


def _postgres_uri(name: str) -> str:
    uri = make_url(postgres_server()).set(drivername="postgresql+psycopg", database=name)
    return uri.render_as_string(hide_password=False)


def _administer(statement: str) -> None:
    """Run a statement that no transaction may contain, on the server's own database."""
    with _administration().connect() as connection:
        connection.execute(text(statement))


@cache
def _administration() -> Engine:
    """Keeps a connection, because most tests on PostgreSQL begin and end with a statement."""
    uri = make_url(postgres_server()).set(drivername="postgresql+psycopg")
    options: dict[str, Any] = {"isolation_level": "AUTOCOMMIT", "pool_pre_ping": True}
    engine = create_engine(uri, pool_size=1, **options)
    _at_exit(engine.dispose)
    return engine


def _at_exit(clean_up: Callable[[], object]) -> None:
    owner = os.getpid()

    def run() -> None:
        if os.getpid() == owner:
            # A server that we started is gone by now or goes at once, and the database with it.
            with contextlib.suppress(SQLAlchemyError):
                clean_up()

    atexit.register(run)

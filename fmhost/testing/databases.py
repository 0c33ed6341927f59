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

from sqlalchemy import create_engine, make_url, text
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.pool import NullPool

from fmhost.model import migrations
from fmhost.model.database import Database
from fmhost.testing.compilation import SHARED_COMPILATION
from fmhost.testing.servers import postgres_server, temporary_folder

Kind = Literal["sqlite", "postgresql"]
KINDS: tuple[Kind, ...] = ("sqlite", "postgresql")

#: Few connections each, so that many databases fit on one server.
_POSTGRES_OPTIONS = {"pool_size": 2, "max_overflow": 8, "pool_pre_ping": False}
_OPTIONS: dict[str, Any] = {"plugins": [SHARED_COMPILATION]}


@contextmanager
def fresh_database(kind: Kind, *, upgraded: bool = True) -> Iterator[Database]:
    """A database of its own, removed afterwards.

    :param upgraded: else it is empty, without any table.
    """
    with _fresh_uri(kind, upgraded) as uri:
        database = Database(uri, _OPTIONS | (_POSTGRES_OPTIONS if kind == "postgresql" else {}))
        try:
            yield database
        finally:
            database.dispose()


@contextmanager
def _fresh_uri(kind: Kind, upgraded: bool) -> Iterator[str]:
    if kind == "sqlite":
        folder = temporary_folder("fmhost-sqlite-")
        try:
            file = folder / "fmhost.db"
            if upgraded:
                shutil.copyfile(_sqlite_template(), file)
            yield f"sqlite:///{file}"
        finally:
            shutil.rmtree(folder)
    else:
        name = f"fmhost_test_{os.getpid()}_{secrets.token_hex(4)}"
        _create_postgres_database(name, _postgres_template() if upgraded else "template1")
        try:
            yield _postgres_uri(name)
        finally:
            _administer(f'DROP DATABASE "{name}" WITH (FORCE)')


@cache
def _sqlite_template() -> Path:
    folder = temporary_folder("fmhost-sqlite-")
    _at_exit(lambda: shutil.rmtree(folder, ignore_errors=True))
    file = folder / "template.db"
    database = Database(f"sqlite:///{file}")
    migrations.upgrade(database)
    database.dispose()  # the last connection moves the write-ahead log into the file
    return file


@cache
def _postgres_template() -> str:
    name = f"fmhost_template_{os.getpid()}_{secrets.token_hex(4)}"
    _create_postgres_database(name, "template1")
    _at_exit(lambda: _administer(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)'))
    database = Database(_postgres_uri(name))
    migrations.upgrade(database)
    database.dispose()
    return name


def _create_postgres_database(name: str, template: str) -> None:
    # Copying files is faster than logging them, where the server need not survive a crash.
    _administer(f'CREATE DATABASE "{name}" TEMPLATE "{template}" STRATEGY file_copy')


def _postgres_uri(name: str) -> str:
    uri = make_url(postgres_server()).set(drivername="postgresql+psycopg", database=name)
    return uri.render_as_string(hide_password=False)


def _administer(statement: str) -> None:
    """Run a statement that no transaction may contain, on the server's own database."""
    uri = make_url(postgres_server()).set(drivername="postgresql+psycopg")
    engine = create_engine(uri, poolclass=NullPool, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text(statement))
    engine.dispose()


def _at_exit(clean_up: Callable[[], object]) -> None:
    owner = os.getpid()

    def run() -> None:
        if os.getpid() == owner:
            # A server that we started is gone by now or goes at once, and the database with it.
            with contextlib.suppress(SQLAlchemyError):
                clean_up()

    atexit.register(run)

"""A database in which every case ends as if it had never been."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

from sqlalchemy import Connection
from sqlalchemy.orm import Session

from fmhost.errors import DatabaseNotReady
from fmhost.model.connections import WILL_WRITE
from fmhost.model.database import Database


class Rehearsal(Database):
    """A database whose transactions are savepoints in that of a case, which is rolled back.

    So thousands of requests, each on the same data, take as long as the requests alone. What is
    left out is what only a commit does, and that sessions for reading cannot write.

    :param real: where the data are; it must have been upgraded.
    """

    def __init__(self, real: Database) -> None:
        self.url = real.url
        self.dialect = real.dialect
        self.engine = real.engine
        self._connection: Connection | None = None

    @contextmanager
    def case(self) -> Iterator[None]:
        """Within the block the database can be used, and what was written goes at its end."""
        engine = self.engine.execution_options(**{WILL_WRITE: True})
        with engine.connect() as connection:
            whole = connection.begin()
            self._connection = connection
            try:
                yield
            finally:
                self._connection = None
                whole.rollback()

    @contextmanager
    def transaction(self, *, patience: timedelta | None = None) -> Iterator[Session]:
        """See :meth:`fmhost.model.database.Database.transaction`; nobody else is waited for."""
        with self._session() as session, session.begin():
            yield session

    @contextmanager
    def reading(self) -> Iterator[Session]:
        """See :meth:`fmhost.model.database.Database.reading`."""
        with self._session() as session:
            yield session

    @contextmanager
    def connection(self) -> Iterator[Connection]:
        """See :meth:`fmhost.model.database.Database.connection`."""
        connection = self._current()
        with connection.begin_nested():
            yield connection

    def _session(self) -> Session:
        return Session(
            self._current(), expire_on_commit=False, join_transaction_mode="create_savepoint"
        )

    def _current(self) -> Connection:
        if self._connection is None:
            raise DatabaseNotReady("No case is rehearsed.", hint="Use it within case().")
        return self._connection

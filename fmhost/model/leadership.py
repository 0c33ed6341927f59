"""One of several processes on the same database does what only one should do.

The lock belongs to a connection (PostgreSQL) or to an open file (SQLite), and goes with the process
that holds it, however that ends. No clock is compared with another.
"""

from __future__ import annotations

import fcntl
import zlib
from contextlib import suppress
from typing import IO

from sqlalchemy import Connection, text
from sqlalchemy.exc import SQLAlchemyError

from fmhost.errors import FmhostError
from fmhost.model.database import Database


class Leadership:
    """A process's claim to lead; :meth:`hold` tells whether it does.

    :param name: what is led; others with the same name on the same database are rivals.
    """

    def __init__(self, database: Database, name: str) -> None:
        self._database = database
        self._name = name
        self._connection: Connection | None = None
        self._file: IO[bytes] | None = None

    def hold(self) -> bool:
        """Whether this process leads now; it becomes the leader where there is none.

        :raises DatabaseNotReady: where the database cannot be reached.
        """
        if self._database.dialect == "sqlite":
            return self._hold_file()
        if self._connection is not None:
            if self._lives(self._connection):
                return True
            self.release()
        return self._hold_connection()

    def release(self) -> None:
        """Let somebody else lead."""
        if self._file is not None:
            self._file.close()
            self._file = None
        if self._connection is not None:
            # Its lock goes with the connection, which therefore must not return to the pool.
            with suppress(SQLAlchemyError, FmhostError):
                self._connection.execute(text("SELECT pg_advisory_unlock_all()"))
            with suppress(SQLAlchemyError, FmhostError):
                self._connection.invalidate()
            with suppress(SQLAlchemyError, FmhostError):
                self._connection.close()
            self._connection = None

    def _hold_file(self) -> bool:
        if self._file is not None:
            return True
        database = self._database.file
        assert database is not None
        file = database.with_name(f"{database.name}.{self._name}.lock").open("ab")
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            file.close()
            return False
        self._file = file
        return True

    def _hold_connection(self) -> bool:
        connection = self._database.engine.connect()
        connection = connection.execution_options(isolation_level="AUTOCOMMIT")
        try:
            taken = connection.execute(
                text("SELECT pg_try_advisory_lock(:kind, :name)"),
                # A pair of 32-bit numbers; the first is ours alone.
                {"kind": 0x464D4A, "name": zlib.crc32(self._name.encode()) - 2**31},
            ).scalar_one()
        except BaseException:
            connection.close()
            raise
        if not taken:
            connection.close()
            return False
        self._connection = connection
        return True

    @staticmethod
    def _lives(connection: Connection) -> bool:
        try:
            connection.execute(text("SELECT 1"))
        except (SQLAlchemyError, FmhostError):
            return False
        return True

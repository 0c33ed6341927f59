"""What differs between SQLite and PostgreSQL in moving columns in and out."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import AbstractContextManager
from typing import Any, Protocol

from sqlalchemy import Connection, Insert, Select, Table

from fmhost.beliefs.columns import Beliefs
from fmhost.beliefs.in_postgresql import PostgreSQL
from fmhost.beliefs.in_sqlite import SQLite
from fmhost.beliefs.incoming import Brought, Columns
from fmhost.domain.arrays import Integers


class BeliefEngine(Protocol):
    """How one kind of database takes and gives columns."""

    #: Whether it knows LATERAL.
    has_lateral: bool
    #: How many rows at most are quicker compared with the store one by one than brought in bulk.
    few: int

    def load(self, connection: Connection, table: Table, columns: Columns) -> None:
        """Add rows to a table; NaN becomes NULL, as does what a masked array masks.

        :raises IntegrityError: (SQLAlchemy's) where a constraint of the table does not hold.
        """

    def bring(self, connection: Connection, columns: Columns) -> Brought:
        """Make the rows of a batch something that statements can read, in this connection.

        :param columns: with ``sensor_id`` where they are about several sensors.
        """

    def looking_up(self, connection: Connection) -> AbstractContextManager[None]:
        """Within it, statements look rows of a large batch up in the store one by one."""

    def upsert(self, rows: Select[Any]) -> Insert:
        """The statement that stores rows of the table of beliefs, replacing values that differ."""

    def change(self, connection: Connection, statement: Insert, values: Mapping[str, Any]) -> int:
        """Execute a statement and tell how many rows it stored."""

    def fetch(self, connection: Connection, query: Select[Any]) -> Beliefs:
        """The rows of a query for the key and value of beliefs, in the order of the query."""

    def fetch_numbered(
        self, connection: Connection, query: Select[Any]
    ) -> tuple[Integers, Beliefs]:
        """The same of a query with a column ``number`` besides, and that column."""


def engine_of(connection: Connection) -> BeliefEngine:
    """How the database behind a connection takes and gives columns."""
    return _ENGINES[connection.dialect.name]


_ENGINES: Mapping[str, BeliefEngine] = {"postgresql": PostgreSQL(), "sqlite": SQLite()}

"""Beliefs in and out of SQLite, which takes and gives rows of plain numbers."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import AbstractContextManager, nullcontext
from typing import Any, ClassVar

import numpy as np
import numpy.typing as npt
from sqlalchemy import Connection, Insert, Select, Table, func, select
from sqlalchemy.dialects import sqlite
from sqlalchemy.schema import CreateTable

from fmhost.beliefs.columns import Beliefs
from fmhost.beliefs.incoming import KEY, Brought, Columns, batch_for, missing
from fmhost.domain.arrays import Integers
from fmhost.model.belief_table import beliefs


class SQLite:
    """Rows of plain numbers in and out, through the driver's own cursor."""

    has_lateral = False
    few = 0
    _ROW: ClassVar[list[tuple[str, str]]] = [
        ("event_start", "i8"),
        ("belief_horizon", "i8"),
        ("source_id", "i8"),
        ("cumulative_probability", "f8"),
        ("event_value", "f8"),
    ]

    def load(self, connection: Connection, table: Table, columns: Columns) -> None:
        names, places = ", ".join(columns), ", ".join("?" * len(columns))
        rows = zip(*(self._plain(column) for column in columns.values()), strict=True)
        connection.exec_driver_sql(
            f"INSERT INTO {table.name} ({names}) VALUES ({places})", list(rows)
        )

    def _plain(self, column: npt.NDArray[Any]) -> list[Any]:
        counted = np.ma.getdata(column)
        if counted.dtype.kind in "Mm":
            counted = counted.view(np.int64)
        plain: list[Any] = counted.tolist()
        for row in np.flatnonzero(missing(column)).tolist():
            plain[row] = None
        return plain

    def bring(self, connection: Connection, columns: Columns) -> Brought:
        wanted = batch_for(columns)
        connection.execute(CreateTable(wanted, if_not_exists=True))
        connection.exec_driver_sql(f"DELETE FROM {wanted.name}")
        self.load(connection, wanted, columns)
        return Brought(wanted, {})

    def looking_up(self, connection: Connection) -> AbstractContextManager[None]:
        return nullcontext()

    def upsert(self, rows: Select[Any]) -> Insert:
        new = sqlite.insert(beliefs).from_select(rows.selected_columns.keys(), rows)
        return new.on_conflict_do_update(
            index_elements=KEY, set_={"event_value": new.excluded.event_value}
        )

    def change(self, connection: Connection, statement: Insert, values: Mapping[str, Any]) -> int:
        connection.execute(statement, values)
        # The driver does not count the rows of statements that begin with WITH.
        return int(connection.scalar(select(func.changes())) or 0)

    def fetch(self, connection: Connection, query: Select[Any]) -> Beliefs:
        return self._beliefs(self._rows(connection, query, self._ROW))

    def fetch_numbered(
        self, connection: Connection, query: Select[Any]
    ) -> tuple[Integers, Beliefs]:
        found = self._rows(connection, query, [("number", "i8"), *self._ROW])
        return found["number"], self._beliefs(found)

    def _rows(
        self, connection: Connection, query: Select[Any], row: list[tuple[str, str]]
    ) -> npt.NDArray[Any]:
        result = connection.execute(query)
        # From the driver's own cursor: the columns are numbers already.
        rows = result.cursor.fetchall()
        result.close()
        return np.array(rows, dtype=row)

    def _beliefs(self, found: npt.NDArray[Any]) -> Beliefs:
        return Beliefs(
            found["event_start"].view("datetime64[us]"),
            found["belief_horizon"].view("timedelta64[us]"),
            found["source_id"],
            found["cumulative_probability"],
            found["event_value"],
        )

"""What differs between SQLite and PostgreSQL in moving columns in and out.

Rows become columns as early as possible: PostgreSQL takes rows in its binary `COPY` format, which
numpy writes in one go, and gives each column back as one string of bytes; SQLite takes and gives
rows of plain numbers.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass
from typing import Any, ClassVar, Protocol, cast

import numpy as np
import numpy.typing as npt
from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    ColumnElement,
    Connection,
    Double,
    FromClause,
    Insert,
    Integer,
    LargeBinary,
    MetaData,
    Select,
    String,
    Subquery,
    Table,
    bindparam,
    func,
    literal_column,
    select,
)
from sqlalchemy import cast as cast_to
from sqlalchemy import column as a_column
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import IntegrityError, OperationalError
from sqlalchemy.schema import CreateTable

from fmhost.beliefs.columns import Beliefs
from fmhost.domain.arrays import Flags, Integers
from fmhost.model.belief_table import beliefs
from fmhost.model.types import Timestamp

Columns = Mapping[str, npt.NDArray[Any]]
"""Columns of numbers and moments by the names of the table's columns."""

#: Beliefs on their way into the store, in the caller's connection only.
#: ``group_size``: rows of the belief; ``earlier_horizon``: horizon of the belief before it in the
#: same batch, of the same event, source and class, if any; ``same_as_earlier``: whether that one
#: says the same. The three are NULL where all beliefs are deterministic and about different events.
batch = Table(
    "belief_batch",
    MetaData(),
    Column("event_start", Timestamp()),
    Column("source_id", Integer()),
    Column("belief_horizon", BigInteger()),
    Column("cumulative_probability", Double()),
    Column("event_value", Double()),
    Column("group_size", Integer()),
    Column("earlier_horizon", BigInteger()),
    Column("same_as_earlier", Boolean()),
    prefixes=["TEMPORARY"],
    postgresql_on_commit="DELETE ROWS",
)

#: The same for deterministic beliefs about different events of several sensors.
joint_batch = Table(
    "joint_belief_batch",
    MetaData(),
    Column("sensor_id", Integer()),
    *(Column(each.name, each.type) for each in batch.columns[:5]),
    prefixes=["TEMPORARY"],
    postgresql_on_commit="DELETE ROWS",
)


_KEY = list(beliefs.primary_key.columns.keys())

#: The same for a few deterministic beliefs about different events, on PostgreSQL: its columns are
#: parameters of the statement, so nothing need be created, emptied or loaded. Each is the text of
#: an array, which costs a tenth of a list whose members are adapted one by one.
_LISTED = (
    func.unnest(
        *(
            cast_to(bindparam(f"batch_{each.name}", type_=String()), postgresql.ARRAY(each.type))
            for each in batch.columns[:5]
        )
    )
    .table_valued(*(a_column(each.name, each.type) for each in batch.columns[:5]))
    .render_derived(name="listed")
)

#: The columns of beliefs, in their order.
_FETCHED = (
    "event_start",
    "belief_horizon",
    "source_id",
    "cumulative_probability",
    "event_value",
)


@dataclass(frozen=True, slots=True)
class Brought:
    """A batch that statements can read.

    :param rows: what has its columns.
    :param parameters: what a statement about them is to be executed with.
    """

    rows: FromClause
    parameters: Mapping[str, Any]


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


class PostgreSQL:
    """Binary `COPY` in, one string of bytes per column out."""

    has_lateral = True
    few = 500
    #: PostgreSQL counts from 2000-01-01 UTC [us].
    EPOCH: ClassVar[int] = 946_684_800_000_000
    _HEADER: ClassVar[bytes] = b"PGCOPY\n\xff\r\n\0" + b"\0" * 8
    _TRAILER: ClassVar[bytes] = struct.pack(">h", -1)
    _WIRE: ClassVar[Mapping[str, str]] = {
        "sensor_id": ">i4",
        "event_start": ">i8",
        "source_id": ">i4",
        "belief_horizon": ">i8",
        "cumulative_probability": ">f8",
        "event_value": ">f8",
        "group_size": ">i4",
        "earlier_horizon": ">i8",
        "same_as_earlier": ">i1",
        "number": ">i4",
    }

    def load(self, connection: Connection, table: Table, columns: Columns) -> None:
        statement = f"COPY {table.name} ({', '.join(columns)}) FROM STDIN (FORMAT BINARY)"
        driver = connection.dialect.loaded_dbapi
        rows = self._rows(columns)
        try:
            with (
                cast(Any, connection.connection.driver_connection).cursor() as cursor,
                cursor.copy(statement) as copy,
            ):
                copy.write(self._HEADER)
                copy.write(rows)
                copy.write(self._TRAILER)
        except driver.IntegrityError as error:
            raise IntegrityError(statement, None, error) from error
        except driver.OperationalError as error:
            raise OperationalError(statement, None, error) from error

    def _rows(self, columns: Columns) -> bytes:
        """The rows in the binary format of `COPY`: for each field its length, then its bytes."""
        layout: list[tuple[str, str]] = [("fields", ">i2")]
        for name in columns:
            layout += [(f"{name} size", ">i4"), (name, self._WIRE[name])]
        rows = np.zeros(len(next(iter(columns.values()))), dtype=layout)
        rows["fields"] = len(columns)
        for name, column in columns.items():
            rows[f"{name} size"] = rows.dtype[name].itemsize
            rows[name] = self._counted(name, np.ma.getdata(column))
        missing = {name: _missing(column) for name, column in columns.items()}
        if not any(flags.any() for flags in missing.values()):
            return rows.tobytes()
        return _cut(rows, missing)

    def _counted(self, name: str, column: npt.NDArray[Any]) -> npt.NDArray[Any]:
        if column.dtype.kind in "Mm":
            counted = column.view(np.int64)
            return counted - self.EPOCH if name == "event_start" else counted
        return column

    def bring(self, connection: Connection, columns: Columns) -> Brought:
        if columns.keys() <= set(_LISTED.c.keys()) and len(columns["event_value"]) <= self.few:
            return Brought(_LISTED, {f"batch_{name}": _listed(columns[name]) for name in columns})
        wanted = _batch_for(columns)
        connection.execute(CreateTable(wanted, if_not_exists=True))
        connection.exec_driver_sql(f"TRUNCATE {wanted.name}")
        self.load(connection, wanted, columns)
        return Brought(wanted, {})

    @contextmanager
    def looking_up(self, connection: Connection) -> Iterator[None]:
        # Without knowledge of the batch, the planner takes scans of the whole table for cheaper.
        for kind in ("hashjoin", "mergejoin"):
            connection.exec_driver_sql(f"SET LOCAL enable_{kind} = off")
        yield
        for kind in ("hashjoin", "mergejoin"):
            connection.exec_driver_sql(f"SET LOCAL enable_{kind} TO DEFAULT")

    def upsert(self, rows: Select[Any]) -> Insert:
        new = postgresql.insert(beliefs).from_select(rows.selected_columns.keys(), rows)
        return new.on_conflict_do_update(
            index_elements=_KEY, set_={"event_value": new.excluded.event_value}
        )

    def change(self, connection: Connection, statement: Insert, values: Mapping[str, Any]) -> int:
        counted = {"preserve_rowcount": True}
        return connection.execute(statement, values, execution_options=counted).rowcount

    def fetch(self, connection: Connection, query: Select[Any]) -> Beliefs:
        return self._beliefs(*self._columns(connection, query.subquery(), _FETCHED))

    def fetch_numbered(
        self, connection: Connection, query: Select[Any]
    ) -> tuple[Integers, Beliefs]:
        numbers, *columns = self._columns(connection, query.subquery(), ("number", *_FETCHED))
        return numbers.astype(np.int64), self._beliefs(*columns)

    def _columns(
        self, connection: Connection, rows: Subquery, names: Sequence[str]
    ) -> list[npt.NDArray[Any]]:
        """Columns as they come over the wire."""
        # One row with a string of bytes per column: a tenth of the work of fetching rows.
        nothing: ColumnElement[bytes] = literal_column("''::bytea")
        sent = (
            func.string_agg(self._sent(rows, name), nothing, type_=LargeBinary()) for name in names
        )
        found = connection.execute(select(*sent)).one()
        return [
            np.frombuffer(column or b"", dtype=self._WIRE[name])
            for name, column in zip(names, found, strict=True)
        ]

    def _sent(self, rows: Subquery, name: str) -> ColumnElement[bytes]:
        column: ColumnElement[Any] = rows.c[name]
        if name == "event_start":
            return func.timestamptz_send(column)
        if name == "event_value":
            column = func.coalesce(column, literal_column("'NaN'::float8"))
        kind = {"f": "float", "i": "int"}[np.dtype(self._WIRE[name]).kind]
        send: ColumnElement[bytes] = getattr(func, f"{kind}{self._WIRE[name][-1]}send")(column)
        return send

    def _beliefs(self, *columns: npt.NDArray[Any]) -> Beliefs:
        starts, horizons, sources, probabilities, values = columns
        return Beliefs(
            (starts.astype(np.int64) + self.EPOCH).view("datetime64[us]"),
            horizons.astype(np.int64).view("timedelta64[us]"),
            sources.astype(np.int64),
            probabilities.astype(np.float64),
            values.astype(np.float64),
        )


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
        missing = _missing(column)
        counted = np.ma.getdata(column)
        if counted.dtype.kind in "Mm":
            counted = counted.view(np.int64)
        plain: list[Any] = counted.tolist()
        for row in np.flatnonzero(missing).tolist():
            plain[row] = None
        return plain

    def bring(self, connection: Connection, columns: Columns) -> Brought:
        wanted = _batch_for(columns)
        connection.execute(CreateTable(wanted, if_not_exists=True))
        connection.exec_driver_sql(f"DELETE FROM {wanted.name}")
        self.load(connection, wanted, columns)
        return Brought(wanted, {})

    def looking_up(self, connection: Connection) -> AbstractContextManager[None]:
        return nullcontext()

    def upsert(self, rows: Select[Any]) -> Insert:
        new = sqlite.insert(beliefs).from_select(rows.selected_columns.keys(), rows)
        return new.on_conflict_do_update(
            index_elements=_KEY, set_={"event_value": new.excluded.event_value}
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


_ENGINES: Mapping[str, BeliefEngine] = {"postgresql": PostgreSQL(), "sqlite": SQLite()}


def _batch_for(columns: Columns) -> Table:
    return joint_batch if "sensor_id" in columns else batch


def _listed(column: npt.NDArray[Any]) -> str:
    """A column as PostgreSQL writes an array; NULL for NaN."""
    if column.dtype.kind == "M":
        members = np.datetime_as_string(column, timezone="UTC").tolist()
    else:
        plain = (column.view(np.int64) if column.dtype.kind == "m" else column).tolist()
        members = [repr(value) if value == value else "NULL" for value in plain]
    return f"{{{','.join(members)}}}"


def _missing(column: npt.NDArray[Any]) -> Flags:
    """The rows without a value: masked ones, and NaN."""
    missing = np.ma.getmaskarray(column)
    if column.dtype.kind == "f":
        missing = missing | np.isnan(np.ma.getdata(column))
    return missing


def _cut(rows: npt.NDArray[Any], missing: Mapping[str, Flags]) -> bytes:
    """Rows in the format of `COPY`, with a size of -1 and no bytes for each missing field."""
    kept = np.ones((len(rows), rows.dtype.itemsize), dtype=np.bool_)
    for name, flags in missing.items():
        rows[f"{name} size"][flags] = -1
        field, offset = rows.dtype.fields[name][:2]  # type: ignore[index]
        kept[flags, offset : offset + field.itemsize] = False
    return rows.view(np.uint8).reshape(kept.shape)[kept].tobytes()

"""Beliefs in and out of PostgreSQL.

Rows become columns as early as possible: PostgreSQL takes rows in its binary `COPY` format and
arrays in the format of its parameters, both of which numpy writes in one go, and gives each column
back as one string of bytes.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, ClassVar, cast

import numpy as np
import numpy.typing as npt
from sqlalchemy import (
    ColumnElement,
    Connection,
    Insert,
    LargeBinary,
    Select,
    Subquery,
    Table,
    bindparam,
    func,
    literal_column,
    select,
)
from sqlalchemy import cast as cast_to
from sqlalchemy import column as a_column
from sqlalchemy.dialects import postgresql
from sqlalchemy.exc import IntegrityError, OperationalError
from sqlalchemy.schema import CreateTable

from fmhost.beliefs.columns import Beliefs
from fmhost.beliefs.incoming import KEY, Brought, Columns, batch, batch_for, missing
from fmhost.domain.arrays import Flags, Integers
from fmhost.model.belief_table import beliefs
from fmhost.model.psycopg_parts import WiredArray

#: A few deterministic beliefs about different events, instead of a table on their way: the columns
#: are parameters of the statement, so nothing need be created, emptied or loaded.
_LISTED = (
    func.unnest(
        *(
            cast_to(bindparam(f"batch_{each.name}"), postgresql.ARRAY(each.type))
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

    #: PostgreSQL's own numbers of its types, of the columns that are sent as arrays.
    _TYPES: ClassVar[Mapping[str, int]] = {
        "event_start": 1184,  # timestamptz
        "source_id": 23,  # integer
        "belief_horizon": 20,  # bigint
        "cumulative_probability": 701,  # double precision
        "event_value": 701,
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
        """The rows in the binary format of `COPY`: the number of fields, then the fields."""
        return self._fields(columns, [("fields", ">i2")])

    def _array(self, name: str, column: npt.NDArray[Any]) -> WiredArray:
        """A column as an array of one dimension, whose members are counted from 1."""
        has_nulls = column.dtype.kind == "f" and bool(np.isnan(column).any())
        header = struct.pack(">5i", 1, has_nulls, self._TYPES[name], len(column), 1)
        return WiredArray(header + self._fields({name: column}, []))

    def _fields(self, columns: Columns, before: list[tuple[str, str]]) -> bytes:
        """Row by row, for each field its length, then its bytes.

        :param before: what each row begins with: how many fields there are, or nothing.
        """
        layout = list(before)
        for name in columns:
            layout += [(f"{name} size", ">i4"), (name, self._WIRE[name])]
        rows = np.empty(len(next(iter(columns.values()))), dtype=layout)
        for name, _kind in before:
            rows[name] = len(columns)
        for name, column in columns.items():
            rows[f"{name} size"] = rows.dtype[name].itemsize
            rows[name] = self._counted(name, np.ma.getdata(column))
        without = {name: missing(column) for name, column in columns.items() if _may_miss(column)}
        if not any(flags.any() for flags in without.values()):
            return rows.tobytes()
        return _cut(rows, without)

    def _counted(self, name: str, column: npt.NDArray[Any]) -> npt.NDArray[Any]:
        if column.dtype.kind in "Mm":
            counted = column.view(np.int64)
            return counted - self.EPOCH if name == "event_start" else counted
        return column

    def bring(self, connection: Connection, columns: Columns) -> Brought:
        if columns.keys() <= set(_LISTED.c.keys()) and len(columns["event_value"]) <= self.few:
            return Brought(
                _LISTED, {f"batch_{name}": self._array(name, columns[name]) for name in columns}
            )
        wanted = batch_for(columns)
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
            index_elements=KEY, set_={"event_value": new.excluded.event_value}
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


def _may_miss(column: npt.NDArray[Any]) -> bool:
    return column.dtype.kind == "f" or isinstance(column, np.ma.MaskedArray)


def _cut(rows: npt.NDArray[Any], missing: Mapping[str, Flags]) -> bytes:
    """Rows in the format of `COPY`, with a size of -1 and no bytes for each missing field."""
    kept = np.ones((len(rows), rows.dtype.itemsize), dtype=np.bool_)
    for name, flags in missing.items():
        rows[f"{name} size"][flags] = -1
        field, offset = rows.dtype.fields[name][:2]  # type: ignore[index]
        kept[flags, offset : offset + field.itemsize] = False
    return rows.view(np.uint8).reshape(kept.shape)[kept].tobytes()

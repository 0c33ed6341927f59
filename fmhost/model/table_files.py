"""Whole tables as text files, the same for every kind of database.

A file has one row a line: a JSON list of values in the order of the table's columns. What JSON has
no type for is text: moments in ISO 8601 with their offset, bytes in base64, numbers that are not
finite by name; durations are microseconds.
"""

from __future__ import annotations

import base64
import json
import math
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from functools import partial
from itertools import islice
from pathlib import Path
from typing import Any, cast
from uuid import UUID

from sqlalchemy import (
    JSON,
    Connection,
    Date,
    DateTime,
    Interval,
    LargeBinary,
    Numeric,
    Table,
    Time,
    Uuid,
    insert,
    select,
)
from sqlalchemy.exc import DBAPIError
from sqlalchemy.types import Float, TypeDecorator, TypeEngine

from fmhost.errors import UnreadableFile
from fmhost.model.types import MICROSECOND, Duration, Timestamp

#: Rows that are read or written at a time.
_BATCH = 10_000

_to_json = partial(json.dumps, ensure_ascii=False, separators=(",", ":"), allow_nan=False)

Row = list[Any]


def write(connection: Connection, table: Table, path: Path) -> int:
    """Write all rows of a table to a file, in the order of its key; returns how many there are."""
    number = 0
    documents = [isinstance(column.type, JSON) for column in table.columns]
    statement = select(table).order_by(*table.primary_key.columns)
    rows = connection.execute(statement, execution_options={"yield_per": _BATCH})
    with path.open("w", encoding="utf-8", newline="\n") as file:
        for row in rows:
            values = zip(row, documents, strict=True)
            line = [value if as_it_is else _as_json(value) for value, as_it_is in values]
            file.write(f"{_to_json(line)}\n")
            number += 1
    return number


def _as_json(value: Any) -> Any:
    if value is None or isinstance(value, bool | int | str):
        return value
    if isinstance(value, float):
        return value if math.isfinite(value) else str(value)
    if isinstance(value, datetime | date | time):
        return value.isoformat()
    if isinstance(value, timedelta):
        return value // MICROSECOND
    if isinstance(value, bytes):
        return base64.b64encode(value).decode()
    return str(value) if isinstance(value, Decimal | UUID) else value


def read(connection: Connection, table: Table, columns: Sequence[str], path: Path) -> int:
    """Add the rows of a file to a table; returns how many there are.

    :param columns: the columns of the file, in their order.
    :raises UnreadableFile: naming the file, the line and the column that cannot be read.
    """
    rows = _rows(table, columns, path)
    if connection.dialect.name == "postgresql":
        return _copy(connection, table, columns, rows)
    number = 0
    while batch := list(islice(rows, _BATCH)):
        connection.execute(insert(table), [dict(zip(columns, row, strict=True)) for row in batch])
        number += len(batch)
    return number


def _copy(connection: Connection, table: Table, columns: Sequence[str], rows: Iterable[Row]) -> int:
    """One statement, so that a row may refer to one that follows."""
    quote = connection.dialect.identifier_preparer.quote
    names = ", ".join(quote(name) for name in columns)
    statement = f"COPY {quote(table.name)} ({names}) FROM STDIN"
    processors = [_bind_processor(connection, table.columns[name].type) for name in columns]
    number = 0
    try:
        with (
            cast(Any, connection.connection.driver_connection).cursor() as cursor,
            cursor.copy(statement) as copy,
        ):
            for row in rows:
                values = zip(processors, row, strict=True)
                copy.write_row([process(value) for process, value in values])
                number += 1
    except connection.dialect.loaded_dbapi.Error as error:
        kind = connection.dialect.loaded_dbapi.Error
        raise DBAPIError.instance(
            statement, None, error, kind, dialect=connection.dialect
        ) from error
    return number


def _bind_processor(connection: Connection, kind: TypeEngine[Any]) -> Callable[[Any], Any]:
    """What turns a value into the one that the driver takes."""
    process = kind.dialect_impl(connection.dialect).bind_processor(connection.dialect)
    return process or (lambda value: value)


def _rows(table: Table, columns: Sequence[str], path: Path) -> Iterator[Row]:
    kinds = [table.columns[name].type for name in columns]
    with path.open(encoding="utf-8") as file:
        for number, line in enumerate(file, 1):
            place = f"{path.name}, line {number}"
            try:
                row = json.loads(line)
            except ValueError as error:
                raise UnreadableFile(f"{place} is not JSON: {error}.") from error
            if not isinstance(row, list) or len(row) != len(kinds):
                raise UnreadableFile(f"{place} is not a list of {len(kinds)} values.")
            yield [
                _from_json(kind, value, f"{place}, column {name}")
                for kind, value, name in zip(kinds, row, columns, strict=True)
            ]


def _from_json(kind: TypeEngine[Any], value: Any, place: str) -> Any:
    if value is None or isinstance(kind, JSON):
        return value
    try:
        return _reader(kind)(value)
    except (TypeError, ValueError, ArithmeticError) as error:
        raise UnreadableFile(f"{place}: {value!r} is not of the type {kind}.") from error


def _reader(kind: TypeEngine[Any]) -> Callable[[Any], Any]:
    """What makes a value of that type from JSON."""
    if isinstance(kind, Timestamp | DateTime):
        return datetime.fromisoformat
    if isinstance(kind, Duration | Interval):
        return lambda value: int(value) * MICROSECOND
    if isinstance(kind, TypeDecorator):
        return _reader(kind.impl_instance)
    for of, reader in _READERS:
        if isinstance(kind, of):
            return reader
    return lambda value: value


_READERS: tuple[tuple[type[TypeEngine[Any]], Callable[[Any], Any]], ...] = (
    (Date, date.fromisoformat),
    (Time, time.fromisoformat),
    (LargeBinary, base64.b64decode),
    (Uuid, UUID),
    (Float, float),
    (Numeric, Decimal),
)

"""Everything that a database holds: its tables, in an order in which they can be filled."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from sqlalchemy import Column, Connection, Inspector, MetaData, Table, delete, inspect, text
from sqlalchemy.exc import IntegrityError

from fmhost.model import Base
from fmhost.model.migrations import KERNEL
from fmhost.model.plugin_tables import VERSION_TABLE_SUFFIX


def tables(connection: Connection) -> list[Table]:
    """The tables of the kernel, then those of plugins, each after those that it refers to."""
    inspector = inspect(connection)
    found = [name for name, _ in inspector.get_sorted_table_and_fkc_names() if name is not None]
    return [
        *(table for table in Base.metadata.sorted_tables if table.name in found),
        *(
            _table(inspector, name)
            for name in found
            if name not in Base.metadata.tables and not _is_version(name)
        ),
    ]


def _table(inspector: Inspector, name: str) -> Table:
    """A table of a plugin, whose code need not be there: its columns."""
    key = inspector.get_pk_constraint(name)["constrained_columns"]
    columns = [
        Column(column["name"], column["type"], primary_key=column["name"] in key)
        for column in inspector.get_columns(name)
    ]
    return Table(name, MetaData(), *columns)


def _is_version(name: str) -> bool:
    return name == KERNEL.version_table or name.endswith(f"_{VERSION_TABLE_SUFFIX}")


def revisions(connection: Connection) -> dict[str, list[str]]:
    """The revisions of the kernel and of each plugin, by the table that holds them."""
    quote = connection.dialect.identifier_preparer.quote
    return {
        name: sorted(connection.scalars(text(f"SELECT version_num FROM {quote(name)}")))
        for name in sorted(inspect(connection).get_table_names())
        if _is_version(name)
    }


def empty(connection: Connection, found: Sequence[Table]) -> None:
    """Delete all rows of these tables, which are all that refer to each other."""
    if connection.dialect.name == "postgresql":
        quote = connection.dialect.identifier_preparer.quote
        connection.execute(text(f"TRUNCATE {', '.join(quote(table.name) for table in found)}"))
        return
    # Rows may refer to rows that follow: all is looked at when the transaction ends.
    connection.execute(text("PRAGMA defer_foreign_keys = ON"))
    for table in reversed(found):
        connection.execute(delete(table))


def require_intact(connection: Connection) -> None:
    """See that no row refers to one that is missing, which PostgreSQL has seen already.

    :raises IntegrityError: where one does.
    """
    if connection.dialect.name == "postgresql":
        return
    statement = "PRAGMA foreign_key_check"
    broken = connection.execute(text(statement)).first()
    if broken is not None:
        reason = f"a row of {broken[0]} refers to one of {broken[2]} that is missing"
        raise IntegrityError(statement, None, ValueError(reason))


def last_ids(connection: Connection, found: Iterable[Table]) -> dict[str, int]:
    """The last id that each table has given, of those that give ids; 0 where it gave none."""
    if connection.dialect.name == "postgresql":
        statement = "SELECT CASE WHEN is_called THEN last_value ELSE 0 END FROM {}"
        return {
            table: connection.scalars(text(statement.format(sequence))).one()
            for table, sequence in _sequences(connection, found)
        }
    given = connection.execute(text("SELECT name, seq FROM sqlite_sequence"))
    numbers = {name: int(number) for name, number in given}
    return {
        table.name: numbers.get(table.name, 0)
        for table in found
        if table.autoincrement_column is not None
    }


def set_last_ids(
    connection: Connection, found: Iterable[Table], numbers: Mapping[str, int]
) -> None:
    """Have each table go on after the last id that it has given: none is given twice."""
    if connection.dialect.name == "postgresql":
        statement = text("SELECT setval(:sequence, GREATEST(:number, 1), :number > 0)")
        for table, sequence in _sequences(connection, found):
            number = numbers.get(table, 0)
            connection.execute(statement, {"sequence": sequence, "number": number})
        return
    # There is a row for each table that counts, once it has given an id.
    update = text("UPDATE sqlite_sequence SET seq = :number WHERE name = :name")
    add = text("INSERT INTO sqlite_sequence (name, seq) VALUES (:name, :number)")
    for table_of in found:
        row = {"name": table_of.name, "number": numbers.get(table_of.name, 0)}
        counts = table_of.autoincrement_column is not None and row["number"]
        if connection.execute(update, row).rowcount == 0 and counts and _counts(table_of):
            connection.execute(add, row)


def _counts(table: Table) -> bool:
    """Whether SQLite keeps the last id of a table."""
    return bool(table.dialect_options["sqlite"]["autoincrement"])


def _sequences(connection: Connection, found: Iterable[Table]) -> Iterator[tuple[str, str]]:
    """On PostgreSQL, the tables that give ids, with their sequences."""
    quote = connection.dialect.identifier_preparer.quote
    for table in found:
        column = table.autoincrement_column
        if column is not None:
            owner = {"table": quote(table.name), "column": column.name}
            statement = text("SELECT pg_get_serial_sequence(:table, :column)")
            sequence = connection.scalars(statement, owner).one()
            if sequence is not None:
                yield table.name, sequence

"""What we add to psycopg, PostgreSQL's driver, for the sake of speed.

Whoever keeps to SQLite never loads the driver: it is imported in functions.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cache, cached_property
from typing import Any


class WiredArray(bytes):
    """An array in PostgreSQL's binary format, as the value of a parameter.

    An array of numbers as text is written here and read there number by number; its bytes are made
    by numpy at once, and taken as they are. The statement says of what type it is:
    ``CAST(:values AS DOUBLE PRECISION[])``.
    """


def accept_arrays(connection: Any) -> None:
    """Have a connection of psycopg send such arrays as they are."""
    connection.adapters.register_dumper(WiredArray, _dumper())


@cache
def _dumper() -> type[Any]:
    from psycopg.adapt import Dumper
    from psycopg.pq import Format

    class WiredDumper(Dumper):
        """Without a type of its own, so that the statement decides."""

        format = Format.BINARY

        def dump(self, obj: WiredArray) -> bytes:
            return obj

    return WiredDumper


@cache
def frugal_cursor() -> type[Any]:
    """A cursor of psycopg that describes the columns of a result when somebody looks at them.

    SQLAlchemy does so once for each statement; afterwards it only asks whether there are any.
    """
    from psycopg import Cursor

    class FrugalCursor(Cursor[Any]):
        """Describes columns late."""

        @property
        def description(self) -> Any:
            found = self.pgresult
            if found is None or not found.nfields:
                return super().description
            return _Columns(found.nfields, lambda: super(FrugalCursor, self).description or ())

    return FrugalCursor


class _Columns(Sequence[Any]):
    """So many columns, described by a function."""

    def __init__(self, number: int, describe: Callable[[], Sequence[Any]]) -> None:
        self._number = number
        self._describe = describe

    @cached_property
    def _described(self) -> Sequence[Any]:
        return self._describe()

    def __len__(self) -> int:
        return self._number

    def __getitem__(self, place: Any) -> Any:
        return self._described[place]

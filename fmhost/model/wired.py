"""Arrays that go to PostgreSQL as the bytes that it keeps them in.

An array of numbers as text is written here and read there number by number; its bytes are made by
numpy at once, and taken as they are.
"""

from __future__ import annotations

from functools import cache
from typing import Any


class WiredArray(bytes):
    """An array in PostgreSQL's binary format, as the value of a parameter.

    The statement says of what type it is: ``CAST(:values AS DOUBLE PRECISION[])``.
    """


def accept_arrays(connection: Any) -> None:
    """Have a connection of psycopg send such arrays as they are."""
    connection.adapters.register_dumper(WiredArray, _dumper())


@cache
def _dumper() -> type[Any]:
    # Whoever keeps to SQLite never loads the driver.
    from psycopg.adapt import Dumper
    from psycopg.pq import Format

    class WiredDumper(Dumper):
        """Without a type of its own, so that the statement decides."""

        format = Format.BINARY

        def dump(self, obj: WiredArray) -> bytes:
            return obj

    return WiredDumper

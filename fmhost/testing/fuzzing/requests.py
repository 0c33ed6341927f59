"""Valid requests, to begin with."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import groupby
from operator import attrgetter
from typing import Final

from fmhost.testing.access import kernel_rows
from fmhost.testing.access.estates import World
from fmhost.testing.access.rows import Ask, Row
from fmhost.testing.access.stage import Stage

_OPERATION: Final = attrgetter("operation")

#: Rows by operation, those that only servers in the mode ``play`` have included.
ROWS: Final[Mapping[str, Sequence[Row]]] = {
    operation: tuple(rows)
    for operation, rows in groupby(
        sorted((*kernel_rows.ROWS, *kernel_rows.PLAYING), key=_OPERATION), key=_OPERATION
    )
}


def valid_requests(world: World, operation: str) -> list[Ask]:
    """The requests of an operation's rows, about everything that they are about."""
    return [row.ask(world, owner) for row in ROWS[operation] for owner in row.owners or (None,)]


def granted_request(stage: Stage, person: str, operation: str) -> Ask:
    """The first of these requests that is met in somebody's name; the first of all, if none is."""
    asking = stage.people[person]
    granted = (
        row.ask(stage.world, owner)
        for row in ROWS[operation]
        for owner in row.owners or (None,)
        if row.expected(asking, owner) == row.allowed
    )
    return next(granted, valid_requests(stage.world, operation)[0])

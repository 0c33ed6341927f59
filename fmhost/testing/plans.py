"""How PostgreSQL executes what reads and writes beliefs, and whether it is a range scan."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, event

from fmhost.model.belief_table import beliefs
from fmhost.model.database import Database

_KEY = f"pk_{beliefs.name}"

#: Where the table is one of those from which a statement takes rows.
_LOOKS_INTO_BELIEFS = re.compile(rf"(\b(FROM|JOIN|UPDATE)\s+|,\s*){beliefs.name}\b(?!\.)")


@dataclass(frozen=True, slots=True)
class Plan:
    """How one statement on the table of beliefs is executed.

    :param statement: its first words.
    :param scans: each access to the table, in words: ``Index Scan on pk_timed_belief (...)``.
    :param others: accesses that are no range scan of the key, with the sensor and the event given.
    """

    statement: str
    scans: tuple[str, ...]
    others: tuple[str, ...]


@contextmanager
def recorded_plans(database: Database) -> Iterator[list[Plan]]:
    """The plan of each statement that looks into the table of beliefs within the block.

    Each statement is explained just before it is executed, with its own parameters.
    """
    plans: list[Plan] = []

    def explain(
        connection: Connection, cursor: Any, statement: str, parameters: Any, *_context: Any
    ) -> None:
        if not _LOOKS_INTO_BELIEFS.search(statement):
            return
        with cursor.connection.cursor() as own:
            own.execute(f"EXPLAIN (FORMAT JSON) {statement}", parameters)
            (answer,) = own.fetchone()
        document = json.loads(answer) if isinstance(answer, str) else answer
        scans = list(_scans(document[0]["Plan"]))
        plans.append(
            Plan(
                " ".join(statement.split())[:100],
                tuple(_in_words(scan) for scan in scans),
                tuple(_in_words(scan) for scan in scans if not _is_range_of_key(scan)),
            )
        )

    event.listen(database.engine, "before_cursor_execute", explain)
    try:
        yield plans
    finally:
        event.remove(database.engine, "before_cursor_execute", explain)


def _scans(plan: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """The nodes that get rows from the table of beliefs."""
    is_bitmap = plan["Node Type"] == "Bitmap Index Scan" and plan["Index Name"] == _KEY
    # The heap under a bitmap is read where the bitmap says, and the bitmap is looked at itself.
    if is_bitmap or (
        plan.get("Relation Name") == beliefs.name
        and plan["Node Type"] not in ("ModifyTable", "Bitmap Heap Scan")
    ):
        yield plan
    for child in plan.get("Plans", ()):
        yield from _scans(child)


def _is_range_of_key(scan: dict[str, Any]) -> bool:
    condition = scan.get("Index Cond", "")
    return (
        scan.get("Index Name") == _KEY
        and "sensor_id = " in condition
        and any(f"event_start {sign}" in condition for sign in ("=", "<", ">"))
    )


def _in_words(scan: dict[str, Any]) -> str:
    place = scan.get("Index Name", beliefs.name)
    return f"{scan['Node Type']} on {place} {scan.get('Index Cond', '(no condition)')}"

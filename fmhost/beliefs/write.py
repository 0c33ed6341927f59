"""Writing beliefs: a whole batch in a few statements, in the caller's transaction.

A belief that says what the most recent earlier belief said is not stored: earlier of the same
event, sensor and source, and of the same class, before or after the fact. A probabilistic belief
is compared as a whole. A belief is never replaced by another one with the same key, unless asked.

Where nothing is stored yet about the events of a batch, the batch goes straight into the table.
Otherwise, and where it has few rows, one statement compares it with the store and moves what is
new.
"""

from __future__ import annotations

from contextlib import nullcontext
from dataclasses import dataclass
from typing import Final

import numpy as np
from sqlalchemy import Connection, Insert
from sqlalchemy.exc import IntegrityError, OperationalError
from sqlalchemy.orm import Session

from fmhost.beliefs import news
from fmhost.beliefs.batches import Batch, prepare
from fmhost.beliefs.columns import Beliefs
from fmhost.beliefs.engines import engine_of
from fmhost.beliefs.incoming import Brought
from fmhost.beliefs.summaries import mark_changed, marks, storing_and_marking
from fmhost.domain.arrays import to_datetime
from fmhost.domain.zones import time_zone
from fmhost.errors import Conflict, NotFound, ReplacementNotAllowed
from fmhost.model.belief_table import beliefs as table
from fmhost.model.sensors import Sensor
from fmhost.telemetry.figures import BELIEFS_WRITTEN

_ATTEMPTS: Final = 5
#: States of PostgreSQL for a deadlock, and for transactions that cannot be put into an order.
_GAVE_WAY: Final = ("40P01", "40001")


@dataclass(frozen=True, slots=True)
class Saved:
    """What became of the rows of a batch.

    :param stored: new rows.
    :param unchanged: rows that say nothing new.
    :param replaced: rows whose value was overwritten.
    """

    stored: int = 0
    unchanged: int = 0
    replaced: int = 0


def save(
    session: Session,
    sensor: Sensor,
    beliefs: Beliefs,
    *,
    overwrite: bool = False,
    repeated: bool = False,
) -> Saved:
    """Store beliefs about the events of a sensor, in the session's transaction.

    A probabilistic belief must come as a whole, with all its rows in one call.

    :param overwrite: whether a belief replaces one with the same key and another value.
    :param repeated: whether the caller runs its whole transaction again where it had to give way to
        another one (see :mod:`fmhost.model.contention`); then no savepoint is needed.
    :raises InvalidInput: where the batch contradicts itself, or contains an infinite value or an
        impossible probability.
    :raises ReplacementNotAllowed: where a belief with the same key has another value and
        `overwrite` is off; nothing is stored then.
    :raises NotFound: where the sensor or a source does not exist (any more).
    """
    prepared = prepare(beliefs)
    if not len(prepared):
        return Saved(unchanged=len(beliefs))
    session.flush()
    connection = session.connection()
    writer = _Writer(connection, sensor, prepared)
    for _ in range(1 if repeated else _ATTEMPTS):
        try:
            with nullcontext() if repeated else connection.begin_nested():
                saved = writer.write(overwrite)
        except OperationalError as error:
            # Two writers waited for each other, and the database chose this one to give way. What
            # it did since the savepoint is undone, and its locks are released.
            if repeated or getattr(error.orig, "sqlstate", None) not in _GAVE_WAY:
                raise
        except IntegrityError as error:
            # Another transaction stored beliefs with the same key after we looked. When it has
            # finished, they are there to be seen.
            if not _is_duplicate(error):
                message = "The sensor or the source of these beliefs does not exist."
                raise NotFound(message) from error
        else:
            unchanged = len(beliefs) - saved.stored - saved.replaced
            BELIEFS_WRITTEN.add(saved.stored + saved.replaced)
            return Saved(saved.stored, unchanged, saved.replaced)
    raise Conflict(
        "Other writers keep storing the same beliefs at the same time.", hint="Try again later."
    )


def _is_duplicate(error: IntegrityError) -> bool:
    state = getattr(error.orig, "sqlstate", None)
    return state == "23505" if state else "UNIQUE" in str(error.orig)


class _Writer:
    """The statements that move one batch into the store."""

    def __init__(self, connection: Connection, sensor: Sensor, prepared: Batch) -> None:
        self._connection = connection
        self._sensor = sensor
        self._batch = prepared
        self._engine = engine_of(connection)
        first, last = (to_datetime(moment) for moment in prepared.span)
        self._parameters = news.parameters(sensor.id, first, last)
        self._marked = False

    def write(self, overwrite: bool) -> Saved:
        saved = self._write(overwrite)
        if saved.replaced or (saved.stored and not self._marked):
            mark_changed(self._connection, self._sensor, self._batch.beliefs)
        return saved

    def _write(self, overwrite: bool) -> Saved:
        if not self._is_small() and self._nothing_stored():
            new = self._batch.without_repetitions()
            ids = np.full(len(new), self._sensor.id, dtype=np.int64)
            self._engine.load(self._connection, table, {"sensor_id": ids, **new.columns()})
            return Saved(stored=len(new))
        columns = self._batch.columns() | self._batch.chain()
        brought = self._engine.bring(self._connection, columns)
        is_simple, has_lateral = self._batch.is_simple, self._engine.has_lateral
        stored = self._store(brought, news.insert_news(brought.rows, is_simple, has_lateral))
        if stored == len(self._batch):
            return Saved(stored=stored)  # none of the keys was there before
        # Afterwards, because the insertion passes over keys that another transaction stored just
        # before it; if they have other values, they are seen here.
        return Saved(stored=stored, replaced=self._replace(brought, overwrite))

    def _nothing_stored(self) -> bool:
        return self._connection.scalar(news.first_stored(), self._parameters) is None

    def _is_small(self) -> bool:
        """Whether the batch is quicker compared at once than by first asking what is stored."""
        return self._batch.is_simple and len(self._batch) <= self._engine.few

    def _replace(self, brought: Brought, overwrite: bool) -> int:
        """Overwrite what has another value, if that is allowed; the number of rows.

        :raises ReplacementNotAllowed: naming the first event.
        """
        if overwrite:
            upsert = self._engine.upsert(news.contradictions(brought.rows))
            return self._change(brought, upsert)
        parameters = {**self._parameters, **brought.parameters}
        first = self._connection.scalar(news.first_contradicted(brought.rows), parameters)
        if first is None:
            return 0
        start = first.astimezone(time_zone(self._sensor.timezone)).isoformat()
        raise ReplacementNotAllowed(
            f"A belief about the event at {start} of sensor {self._sensor.id} was recorded at the "
            "same time with another value.",
            hint="Give another recording time (prior or horizon), or allow overwriting.",
        )

    def _store(self, brought: Brought, statement: Insert) -> int:
        if not self._is_small():
            return self._change(brought, statement)
        self._marked = True
        periods = marks(self._sensor, self._batch.beliefs)
        parameters = {**self._parameters, **brought.parameters, **periods}
        return self._connection.execute(storing_and_marking(statement), parameters).scalar_one()

    def _change(self, brought: Brought, statement: Insert) -> int:
        parameters = {**self._parameters, **brought.parameters}
        return self._engine.change(self._connection, statement, parameters)

"""Column types that mean the same on SQLite and on PostgreSQL.

=============  ==========================================  =====================================
type           SQLite                                      PostgreSQL
=============  ==========================================  =====================================
Timestamp      INTEGER, microseconds since 1970-01-01 UTC  TIMESTAMP WITH TIME ZONE
Duration       BIGINT, microseconds                        BIGINT, microseconds
JSON document  JSON (text)                                 JSONB
=============  ==========================================  =====================================

Timestamps are integers on SQLite because they then sort, compare and index like numbers; durations
are integers on both, so that arithmetic on belief horizons is the same SQL everywhere.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import JSON, BigInteger, DateTime, Dialect, Integer
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.ext.mutable import Mutable, MutableDict, MutableList
from sqlalchemy.orm.attributes import flag_modified
from sqlalchemy.types import TypeDecorator, TypeEngine
from sqlalchemy.util import memoized_property

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)


def to_microseconds(moment: datetime) -> int:
    """Microseconds from 1970-01-01 UTC to an aware moment, exactly.

    :raises ValueError: where `moment` is naive.
    """
    if moment.utcoffset() is None:
        raise ValueError(f"{moment.isoformat()} has no time zone; moments are stored aware.")
    return (moment - EPOCH) // MICROSECOND


def from_microseconds(microseconds: int) -> datetime:
    """The moment, in UTC, so many microseconds after 1970-01-01 UTC."""
    return EPOCH + microseconds * MICROSECOND


class Timestamp(TypeDecorator[datetime]):
    """An aware moment with microsecond precision; comes back in UTC, whatever zone went in."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        if dialect.name == "sqlite":
            return dialect.type_descriptor(Integer())
        return dialect.type_descriptor(DateTime(timezone=True))

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> Any:
        if value is None:
            return None
        microseconds = to_microseconds(value)
        return microseconds if dialect.name == "sqlite" else value.astimezone(UTC)

    def process_result_value(self, value: Any, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if dialect.name == "sqlite":
            return from_microseconds(value)
        moment: datetime = value
        return moment.astimezone(UTC)


class Duration(TypeDecorator[timedelta]):
    """A length of time, of either sign, with microsecond precision."""

    impl = BigInteger
    cache_ok = True

    def process_bind_param(self, value: timedelta | None, dialect: Dialect) -> int | None:
        return None if value is None else value // MICROSECOND

    def process_result_value(self, value: Any, dialect: Dialect) -> timedelta | None:
        return None if value is None else int(value) * MICROSECOND


def json_document() -> TypeEngine[Any]:
    """Any JSON value; ``None`` is stored as SQL NULL."""
    return JSON(none_as_null=True).with_variant(JSONB(none_as_null=True), "postgresql")


def json_object() -> TypeEngine[Any]:
    """A JSON object; setting or removing one of its keys in place is noticed and saved.

    Changes deeper than the first level are not noticed: assign a new value to the key.
    """
    return _JsonObject.as_mutable(json_document())


def json_list() -> TypeEngine[Any]:
    """A JSON list; adding, removing or replacing an element in place is noticed and saved."""
    return _JsonList.as_mutable(json_document())


class _Watched(Mutable):
    """Tells the entities that it belongs to of its changes.

    An entity has up to eight such values, and thousands of entities are loaded at once. A weak
    dictionary for each of them, as the library makes, takes half of the time of that. A plain one
    closes no circle: what it refers to knows its entity weakly.
    """

    @memoized_property
    def _parents(self) -> dict[Any, str]:  # type: ignore[override]
        return {}

    def changed(self) -> None:
        for state, name in self._parents.items():
            entity = state.obj()
            if entity is not None:
                flag_modified(entity, name)


class _JsonObject(_Watched, MutableDict[str, Any]):
    pass


class _JsonList(_Watched, MutableList[Any]):
    pass

"""The statements that compare a batch with the store, and move what is new.

For each belief of the batch, the *previous* one is the belief with the next longer horizon of the
same event, sensor, source and class (before or after the fact): in the store, or in the batch
where that one is nearer. A belief is news unless its key is stored already, or its previous belief
has the same rows: as many, with the same probabilities and values.

All statements go through the rows of the batch and look each up in the store by its key. The batch
is a temporary table or, where the engine can, a list of parameters: any table with the columns of
:data:`~fmhost.beliefs.engines.batch`. They take the parameters that :func:`parameters` gives: the
sensor, and the span of the batch's events, which keeps the planner within that window. A batch
about several sensors has a column ``sensor_id`` instead. Statements are built once.
"""

from __future__ import annotations

from datetime import datetime
from functools import cache
from typing import Any, Final

from sqlalchemy import (
    CTE,
    ColumnElement,
    FromClause,
    Insert,
    Integer,
    Select,
    Subquery,
    and_,
    bindparam,
    case,
    cast,
    exists,
    func,
    insert,
    or_,
    select,
    true,
)

from fmhost.model.belief_table import beliefs as table
from fmhost.model.types import Timestamp

_EVENT: Final = ("event_start", "source_id")
_BELIEF: Final = (*_EVENT, "belief_horizon")
_KEY: Final = (*_BELIEF, "cumulative_probability")
_ROW: Final = (*_KEY, "event_value")

_SENSOR: Final = bindparam("of_sensor", type_=Integer())
_FIRST: Final = bindparam("first_event", type_=Timestamp())
_LAST: Final = bindparam("last_event", type_=Timestamp())


def parameters(sensor_id: int | None, first: datetime, last: datetime) -> dict[str, Any]:
    """What the statements of this module need to be executed.

    :param sensor_id: None where the batch has a column of it.
    :param first: start of the first event in the batch; `last` that of the last one.
    """
    of_sensor = {} if sensor_id is None else {_SENSOR.key: sensor_id}
    return {**of_sensor, _FIRST.key: first, _LAST.key: last}


@cache
def first_stored() -> Select[tuple[datetime]]:
    """The first event within the span of the batch's events of which a belief is stored."""
    # Not EXISTS: PostgreSQL then looks through the whole table, sure to come across one soon.
    start = table.c.event_start
    in_window = and_(table.c.sensor_id == _SENSOR, start.between(_FIRST, _LAST))
    return select(start).where(in_window).order_by(start).limit(1)


@cache
def first_contradicted(batch: FromClause) -> Select[Any]:
    """The first event of which a belief in the batch has the key, but not the value, of a row."""
    return select(func.min(batch.c.event_start)).where(_contradicts(batch))


@cache
def contradictions(batch: FromClause) -> Select[Any]:
    """The rows of the batch whose key is stored with another value, as rows of the table."""
    return _as_stored(batch).where(_contradicts(batch))


@cache
def insert_news(batch: FromClause, is_simple: bool, has_lateral: bool) -> Insert:
    """The statement that inserts what is new in the batch.

    :param is_simple: whether each belief of the batch is one row, and no two are about one event
        by one source; the statement then need not look for distributions or within the batch.
    :param has_lateral: whether the database knows LATERAL, with which one search is enough where
        else two are needed.
    """
    if not is_simple:
        judged = _judged(_with_previous(batch, select(batch)))
        news = _as_stored(judged).where(judged.c.repeats == 0, ~_is_stored(judged))
    elif has_lateral:
        searched = _with_row_before(batch)
        news = _as_stored(searched).where(~_repeats_row_before(searched))
    else:
        compared = _with_previous(batch, select(batch).where(~_is_stored(batch)))
        news = _as_stored(compared).where(~_repeats_stored(compared))
    return insert(table).from_select(["sensor_id", *_ROW], news)


def _as_stored(rows: FromClause) -> Select[Any]:
    return select(_sensor(rows).label("sensor_id"), *(rows.c[name] for name in _ROW))


def _sensor(rows: FromClause) -> ColumnElement[int]:
    """The sensor that rows of a batch are about."""
    return rows.c.sensor_id if "sensor_id" in rows.c else _SENSOR


def _same(ours: FromClause, theirs: FromClause, names: tuple[str, ...]) -> ColumnElement[bool]:
    """Whether two rows agree in these columns, which are never NULL."""
    return and_(*(ours.c[name] == theirs.c[name] for name in names))


def _in_window(stored: FromClause, rows: FromClause) -> ColumnElement[bool]:
    """Whether stored rows are about the sensor of the rows of a batch, within its span."""
    return and_(stored.c.sensor_id == _sensor(rows), stored.c.event_start.between(_FIRST, _LAST))


def _is_stored(rows: FromClause) -> ColumnElement[bool]:
    stored = table.alias("stored")
    return exists().where(_in_window(stored, rows), _same(stored, rows, _KEY))


def _contradicts(rows: FromClause) -> ColumnElement[bool]:
    stored = table.alias("stored")
    return exists().where(
        _in_window(stored, rows),
        _same(stored, rows, _KEY),
        stored.c.event_value.is_distinct_from(rows.c.event_value),
    )


def _is_before(earlier: FromClause, rows: FromClause) -> ColumnElement[bool]:
    """Whether a stored row belongs to an earlier belief of the same class as a row."""
    return and_(
        earlier.c.sensor_id == _sensor(rows),
        _same(earlier, rows, _EVENT),
        earlier.c.belief_horizon > rows.c.belief_horizon,
        or_(rows.c.belief_horizon > 0, earlier.c.belief_horizon <= 0),
    )


def _with_previous(batch: FromClause, query: Select[Any]) -> CTE:
    """Rows of the batch, each with the horizon of the previous belief that is stored."""
    earlier = table.alias("earlier")
    previous = select(func.min(earlier.c.belief_horizon)).where(_is_before(earlier, batch))
    compared = query.add_columns(previous.scalar_subquery().label("previous_horizon"))
    # Materialized, so that the previous horizon is looked up once a row.
    return compared.cte("compared").prefix_with("MATERIALIZED", dialect="postgresql")


def _with_row_before(batch: FromClause) -> Subquery:
    """Rows of the batch that are not stored, each with the first row of the previous belief."""
    earlier = table.alias("earlier")
    first = (
        select(earlier.c.belief_horizon, earlier.c.cumulative_probability, earlier.c.event_value)
        .where(_is_before(earlier, batch))
        .order_by(earlier.c.belief_horizon, earlier.c.cumulative_probability)
        .limit(1)
        .lateral("before")
    )
    found = select(
        _sensor(batch).label("sensor_id"),
        *(batch.c[name] for name in _ROW),
        first.c.belief_horizon.label("previous_horizon"),
        first.c.cumulative_probability.label("previous_probability"),
        first.c.event_value.label("previous_value"),
    )
    searched = found.select_from(batch.outerjoin(first, true())).where(~_is_stored(batch))
    return searched.subquery("compared")


def _at_previous(rows: FromClause, name: str) -> tuple[FromClause, ColumnElement[bool]]:
    """The table under another name, and the condition that its rows are the previous belief."""
    before = table.alias(name)
    condition = and_(
        _in_window(before, rows),
        _same(before, rows, _EVENT),
        before.c.belief_horizon == rows.c.previous_horizon,
    )
    return before, condition


def _repeats_stored(rows: FromClause) -> ColumnElement[bool]:
    """Whether the stored previous belief is one row, with the same probability and value."""
    return and_(_same_row_before(rows), ~_has_other_rows(rows))


def _repeats_row_before(rows: FromClause) -> ColumnElement[bool]:
    """The same, where the first row of the previous belief is known."""
    return and_(
        rows.c.previous_horizon.is_not(None),
        rows.c.previous_probability == rows.c.cumulative_probability,
        rows.c.previous_value.is_not_distinct_from(rows.c.event_value),
        ~_has_other_rows(rows),
    )


def _has_other_rows(rows: FromClause) -> ColumnElement[bool]:
    """Whether the stored previous belief has a row of another probability."""
    other, is_previous = _at_previous(rows, "other_row")
    other_probability = other.c.cumulative_probability != rows.c.cumulative_probability
    return exists().where(is_previous, other_probability)


def _same_row_before(rows: FromClause) -> ColumnElement[bool]:
    row, is_previous = _at_previous(rows, "same_row")
    return exists().where(
        is_previous,
        row.c.cumulative_probability == rows.c.cumulative_probability,
        row.c.event_value.is_not_distinct_from(rows.c.event_value),
    )


def _judged(rows: CTE) -> CTE:
    """Rows of the batch, each with whether its belief repeats the previous one as a whole."""
    sized, is_previous = _at_previous(rows, "sized")
    rows_before = select(func.count()).select_from(sized).where(is_previous).scalar_subquery()
    nearer_in_batch = and_(
        rows.c.earlier_horizon.is_not(None),
        or_(rows.c.previous_horizon.is_(None), rows.c.earlier_horizon <= rows.c.previous_horizon),
    )
    row_repeats = case(
        (nearer_in_batch, rows.c.same_as_earlier),
        else_=and_(_same_row_before(rows), rows_before == rows.c.group_size),
    )
    belief = [rows.c[name] for name in _BELIEF]
    repeats = func.min(cast(row_repeats, Integer)).over(partition_by=belief)
    return select(rows, repeats.label("repeats")).cte("judged")

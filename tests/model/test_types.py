"""Values come back from both engines as they went in."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta, timezone
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import cast, literal, select, text
from sqlalchemy.exc import StatementError

from fmhost.model import Account, TaskRun
from fmhost.model.database import Database
from fmhost.model.types import Duration, from_microseconds, to_microseconds
from fmhost.testing.databases import KINDS, fresh_database

ZONES = st.one_of(
    st.timezones(),
    st.integers(-1439, 1439).map(lambda minutes: timezone(timedelta(minutes=minutes))),
)
# Two days from the ends of the calendar, so that every zone can express them.
MOMENTS = st.datetimes(
    min_value=datetime(1, 1, 3), max_value=datetime(9999, 12, 29), timezones=ZONES
)
DURATIONS = st.timedeltas(
    min_value=timedelta(days=-100_000_000), max_value=timedelta(days=100_000_000)
)
JSON_VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**53), 2**53)
    # Larger ones come back from PostgreSQL as the integers that they round to.
    | st.floats(-1e15, 1e15)
    # PostgreSQL cannot keep the character NUL, and no engine keeps half a surrogate pair.
    | st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"])),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text("abc"), inner, max_size=3),
    max_leaves=8,
)


@pytest.fixture(scope="module", params=KINDS)
def shared(request: pytest.FixtureRequest) -> Iterator[Database]:
    """One database for all examples; each example rolls back."""
    with fresh_database(request.param) as database:
        yield database


def round_trip(database: Database, value: Any, column: Any, entity: Any) -> Any:
    with database.engine.connect() as connection:
        connection.execute(entity.__table__.insert(), value)
        result = connection.scalar(select(column))
        connection.rollback()
    return result


@given(MOMENTS)
@settings(max_examples=100)
def test_moments_come_back_equal_and_in_utc(shared: Database, moment: datetime) -> None:
    row = {"name": "task", "datetime": moment, "status": True}
    found = round_trip(shared, row, TaskRun.ran_at, TaskRun)
    assert found == moment.astimezone(UTC)
    assert found.tzinfo is UTC


@given(MOMENTS, MOMENTS)
@settings(max_examples=50)
def test_moments_are_ordered_by_time_and_not_by_clock(
    shared: Database, one: datetime, other: datetime
) -> None:
    with shared.engine.connect() as connection:
        connection.execute(
            TaskRun.__table__.insert(), {"name": "t", "datetime": one, "status": True}
        )
        earlier = connection.scalar(select(TaskRun.ran_at < other))
        connection.rollback()
    assert bool(earlier) == (one.astimezone(UTC) < other.astimezone(UTC))


def test_a_moment_inside_the_repeated_hour_keeps_its_fold(shared: Database) -> None:
    amsterdam = ZoneInfo("Europe/Amsterdam")
    second_time = datetime(2026, 10, 25, 2, 30, fold=1, tzinfo=amsterdam)
    row = {"name": "task", "datetime": second_time, "status": True}
    found = round_trip(shared, row, TaskRun.ran_at, TaskRun)
    assert found == datetime(2026, 10, 25, 1, 30, tzinfo=UTC)


def test_naive_moments_are_refused(shared: Database) -> None:
    row = {"name": "task", "datetime": datetime(2026, 1, 1), "status": True}
    with pytest.raises(StatementError, match="has no time zone"):
        round_trip(shared, row, TaskRun.ran_at, TaskRun)


@given(DURATIONS)
@settings(max_examples=100)
def test_durations_come_back_equal(shared: Database, duration: timedelta) -> None:
    given_duration = cast(literal(duration, Duration()), Duration())
    with shared.engine.connect() as connection:
        assert connection.scalar(select(given_duration)) == duration


@given(JSON_VALUES)
@settings(max_examples=100)
def test_json_comes_back_equal(shared: Database, value: Any) -> None:
    row = {"name": "a", "attributes": {"key": value}}
    found = round_trip(shared, row, Account.attributes, Account)
    assert found == {"key": value}


@given(MOMENTS)
def test_microseconds_since_1970_are_exact(moment: datetime) -> None:
    assert from_microseconds(to_microseconds(moment)) == moment.astimezone(UTC)


def test_not_a_number_is_no_json(shared: Database) -> None:
    with pytest.raises((StatementError, ValueError), match="not JSON compliant"):
        round_trip(shared, {"attributes": {"x": float("nan")}}, Account.attributes, Account)


def test_changes_of_json_in_place_are_saved(shared: Database) -> None:
    with shared.transaction() as session:
        session.add(Account(name="in place", attributes={"one": 1}))
    with shared.transaction() as session:
        account = session.scalars(select(Account).filter_by(name="in place")).one()
        account.attributes["two"] = 2
        del account.attributes["one"]
    with shared.reading() as session:
        account = session.scalars(select(Account).filter_by(name="in place")).one()
        assert account.attributes == {"two": 2}


def test_timestamps_are_integers_on_sqlite_and_timestamps_on_postgresql(shared: Database) -> None:
    moment = datetime(1970, 1, 1, 0, 0, 1, 5, tzinfo=UTC)
    with shared.engine.connect() as connection:
        connection.execute(
            TaskRun.__table__.insert(), {"name": "t", "datetime": moment, "status": True}
        )
        typeof = "typeof" if shared.dialect == "sqlite" else "pg_typeof"
        kind, raw = connection.execute(
            text(f"SELECT CAST({typeof}(datetime) AS TEXT), datetime FROM latest_task_run")
        ).one()
        connection.rollback()
    if shared.dialect == "sqlite":
        assert (kind, raw) == ("integer", 1_000_005)
    else:
        assert (kind, raw) == ("timestamp with time zone", moment)

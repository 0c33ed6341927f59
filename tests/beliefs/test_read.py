"""What is found of what was stored."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
import pytest
from sqlalchemy import event

from fmhost.beliefs import Beliefs, Query, read, read_several, save
from fmhost.domain.arrays import duration64, moment64
from fmhost.errors import InvalidInput
from fmhost.model import Account, Sensor, Source

TEN = datetime(2026, 3, 1, 10, tzinfo=UTC)
QUARTER = timedelta(minutes=15)
HOUR = 4 * QUARTER


def store(
    place: Any,
    sensor: Sensor,
    source: Source,
    values: list[float],
    horizon: timedelta = timedelta(0),
    start: datetime = TEN,
) -> None:
    step = duration64(sensor.event_resolution or QUARTER)
    starts = moment64(start) + np.arange(len(values)) * step
    save(
        place.session,
        sensor,
        Beliefs.of(starts, duration64(horizon), source.id, np.array(values)),
    )


def values(place: Any, **options: Any) -> list[float]:
    found: list[float] = read(place.session, Query(**options)).event_value.tolist()
    return found


def test_an_event_that_overlaps_the_edge_of_the_window_is_found(place: Any) -> None:
    sensor = place.sensor()
    store(place, sensor, place.source(), [1, 2, 3, 4])
    minute = timedelta(minutes=1)
    assert values(place, sensor=sensor, start=TEN + minute, end=TEN + 2 * QUARTER + minute) == [
        1,
        2,
        3,
    ]
    assert values(place, sensor=sensor, start=TEN + QUARTER, end=TEN + 2 * QUARTER) == [2]
    assert values(place, sensor=sensor, start=TEN + 3 * QUARTER) == [4]
    assert values(place, sensor=sensor, end=TEN) == []


def test_a_moment_is_found_from_the_start_of_the_window_on(place: Any) -> None:
    sensor = place.sensor(timedelta(0))
    store(place, sensor, place.source(), [1, 2, 3])
    assert values(place, sensor=sensor, start=TEN, end=TEN + QUARTER) == [1]
    assert values(place, sensor=sensor, start=TEN + QUARTER) == [2, 3]


def test_a_window_may_begin_with_the_calendar(place: Any) -> None:
    sensor = place.sensor()
    store(place, sensor, place.source(), [1, 2])
    first = datetime.min.replace(tzinfo=UTC)
    assert values(place, sensor=sensor, start=first, prior=TEN + HOUR) == [1, 2]
    assert values(place, sensor=sensor, start=first, end=first + HOUR) == []


def test_what_was_known_at_a_time_and_what_was_known_early(place: Any) -> None:
    sensor, source = place.sensor(), place.source()
    store(place, sensor, source, [1, 1, 1], 2 * HOUR)
    store(place, sensor, source, [2, 2, 2], HOUR)
    store(place, sensor, source, [3, 3, 3])
    assert values(place, sensor=sensor) == [3, 3, 3]
    assert values(place, sensor=sensor, horizon=HOUR) == [2, 2, 2]
    assert values(place, sensor=sensor, horizon=HOUR + QUARTER) == [1, 1, 1]
    assert values(place, sensor=sensor, horizon=3 * HOUR) == []
    assert values(place, sensor=sensor, horizon_at_most=timedelta(0), most_recent=False) == [
        3,
        3,
        3,
    ]
    # At 10:15 the first event was known, of the others only forecasts.
    assert values(place, sensor=sensor, prior=TEN + QUARTER) == [3, 2, 2]
    assert values(place, sensor=sensor, prior=TEN + QUARTER, start=TEN, end=TEN + HOUR) == [3, 2, 2]
    assert values(place, sensor=sensor, prior=TEN + QUARTER, horizon=2 * HOUR) == [1, 1, 1]
    assert values(place, sensor=sensor, since=TEN, most_recent=False) == [3, 3, 3]


def test_day_ahead_prices_are_known_at_noon_of_the_day_before(place: Any) -> None:
    sensor = place.sensor(
        HOUR,
        "EUR/MWh",
        knowledge_horizon_fnc="x_days_ago_at_y_oclock",
        knowledge_horizon_par={"x": 1, "y": 12, "z": "Europe/Paris"},
    )
    midnight = datetime(2026, 3, 28, 23, tzinfo=UTC)
    # Two local days; on the first of them the clock is set forward.
    store(place, sensor, place.source(), [1.0] * 23 + [2.0] * 24, start=midnight)
    noon = datetime(2026, 3, 28, 11, tzinfo=UTC)
    minute = timedelta(minutes=1)
    window = {"start": midnight, "end": midnight + timedelta(days=2)}
    for bounds in ({}, window):
        known = [
            len(values(place, sensor=sensor, prior=time, **bounds))
            for time in (noon - minute, noon, noon + 23 * HOUR - minute, noon + 23 * HOUR)
        ]
        assert known == [0, 23, 23, 47]


def test_sources_are_chosen_by_id_type_and_account(place: Any) -> None:
    account = Account(name="Acme")
    place.session.add(account)
    place.session.flush()
    sensor = place.sensor()
    sources = [
        place.source("meter"),
        place.source("acme", "forecasting script", model="a", account_id=account.id),
        place.source("acme", "forecaster", model="b"),
    ]
    for number, source in enumerate(sources):
        store(place, sensor, source, [number])

    def found(**options: Any) -> list[float]:
        return values(place, sensor=sensor, **options)

    assert found() == [0, 1, 2]
    assert found(one_source=True) == [2]
    assert found(source_ids=[sources[0].id, sources[2].id]) == [0, 2]
    assert found(source_ids=[]) == []
    assert found(source_types=["forecaster"]) == [1, 2]
    assert found(source_types=["forecasting script", "user"]) == [0, 1, 2]
    assert found(exclude_source_types=["forecaster"]) == [0]
    assert found(source_account_ids=[account.id]) == [1]
    assert found(source_types=["forecaster"], source_ids=[sources[1].id]) == [1]
    assert found(source_types=["scheduler"]) == []


def test_old_versions_of_a_source_give_way_where_the_new_one_has_something_to_say(
    place: Any,
) -> None:
    sensor = place.sensor()
    old = place.source("acme", "forecaster", model="naive", version="1.9")
    new = place.source("acme", "forecaster", model="naive", version="1.10")
    store(place, sensor, old, [1, 1, 1])
    store(place, sensor, new, [2], HOUR)
    assert values(place, sensor=sensor, latest_versions=True) == [2, 1, 1]
    assert values(place, sensor=sensor, latest_versions=True, one_source=True) == [2, 1, 1]
    assert values(place, sensor=sensor, one_source=True) == [1, 1, 1]


def test_one_statement_reads_however_many_beliefs_there_are(place: Any) -> None:
    sensor, source = place.sensor(), place.source()
    for number in range(5):
        store(place, sensor, source, [float(number)] * 500, -number * QUARTER)
    statements = []

    @event.listens_for(place.session.connection(), "before_cursor_execute")
    def note(*arguments: Any) -> None:
        statements.append(arguments[2])

    query = Query(sensor=sensor, start=TEN, end=TEN + timedelta(days=9), prior=TEN + 9 * HOUR)
    assert len(read(place.session, query)) > 30
    assert len(statements) == 1


def test_reading_nothing_gives_empty_columns(place: Any) -> None:
    found = read(place.session, Query(sensor=place.sensor()))
    assert len(found) == 0
    assert [column.dtype for column in found.columns] == [c.dtype for c in Beliefs.empty().columns]


def test_a_naive_moment_is_refused(place: Any) -> None:
    with pytest.raises(InvalidInput, match="aware"):
        Query(sensor=place.sensor(), prior=datetime(2026, 3, 1))


def columns(found: Beliefs) -> list[list[Any]]:
    # As text, so that what is missing equals what is missing.
    return [list(map(str, column.tolist())) for column in found.columns]


def test_several_queries_find_what_each_finds_alone(place: Any) -> None:
    quarters, moments, days = place.sensor(), place.sensor(timedelta(0)), place.sensor(24 * HOUR)
    first, second = place.source(version="1.9"), place.source(version="1.10")
    for sensor in (quarters, moments, days):
        store(place, sensor, first, [1, float("nan"), 3], 2 * HOUR)
        store(place, sensor, second, [4, 5], HOUR)
        store(place, sensor, first, [6])
    queries = [
        Query(sensor=quarters),
        Query(sensor=moments, start=TEN + QUARTER, most_recent=False),
        Query(sensor=days, start=TEN + HOUR, end=TEN + 48 * HOUR, one_source=True),
        Query(sensor=quarters, latest_versions=True),
        Query(sensor=quarters, prior=TEN - HOUR, since=TEN - 3 * HOUR),
        Query(sensor=moments, source_ids=[second.id]),
        Query(sensor=days, end=TEN - 48 * HOUR),
    ]
    found = read_several(place.session, queries)
    assert list(map(columns, found)) == [columns(read(place.session, query)) for query in queries]
    assert [len(each) for each in found] == [5, 3, 2, 3, 3, 2, 0]


def test_several_queries_take_one_statement(place: Any) -> None:
    sensors, source = [place.sensor() for _ in range(5)], place.source()
    for sensor in sensors:
        store(place, sensor, source, [1, 2])
    queries = [Query(sensor=sensor) for sensor in sensors]
    executed: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_others: Any) -> None:
        executed.append(statement)

    connection = place.session.connection()
    event.listen(connection, "before_cursor_execute", note)
    found = read_several(place.session, queries)
    event.remove(connection, "before_cursor_execute", note)
    assert [each.event_value.tolist() for each in found] == [[1, 2]] * 5
    assert len(executed) == 1
    assert read_several(place.session, []) == []
    many = read_several(place.session, queries * 50)
    assert [each.event_value.tolist() for each in many] == [[1, 2]] * 250


def test_no_more_is_read_than_is_allowed(place: Any) -> None:
    sensors, source = [place.sensor(), place.sensor()], place.source()
    for sensor in sensors:
        store(place, sensor, source, [1, 2, 3])
    queries = [Query(sensor=sensor) for sensor in sensors]
    assert sum(map(len, read_several(place.session, queries, at_most=6))) == 6
    with pytest.raises(InvalidInput, match="more than 5 beliefs"):
        read_several(place.session, queries, at_most=5)
    with pytest.raises(InvalidInput, match="more than 200 beliefs"):
        read_several(place.session, queries * 100, at_most=200)

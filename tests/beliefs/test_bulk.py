"""Beliefs about many sensors at once are stored like those about one after the other."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
import pytest
from sqlalchemy import event, select

from fmhost.beliefs import Beliefs, save
from fmhost.beliefs.bulk import save_all
from fmhost.beliefs.summaries import summarise
from fmhost.domain.arrays import duration64, moment64
from fmhost.errors import InvalidInput, NotFound, ReplacementNotAllowed
from fmhost.model import Sensor, Source, beliefs

TEN = datetime(2026, 3, 1, 10, tzinfo=UTC)
HOUR, QUARTER = timedelta(hours=1), timedelta(minutes=15)


def some(source: Source, values: list[float], horizon: timedelta = HOUR) -> Beliefs:
    steps = np.arange(len(values)) * duration64(QUARTER)
    return Beliefs.of(moment64(TEN) + steps, duration64(horizon), source.id, np.array(values))


def stored(place: Any, sensor: Sensor) -> list[tuple[Any, ...]]:
    columns = [each for each in beliefs.columns if each.name != "sensor_id"]
    query = select(*columns).where(beliefs.c.sensor_id == sensor.id)
    rows = place.session.execute(query.order_by(*columns[:4]))
    return [tuple(row) for row in rows]


def test_all_are_stored_where_there_is_nothing_yet(place: Any) -> None:
    sensors, source = [place.sensor() for _ in range(6)], place.source()
    parts = [(sensor, some(source, [sensor.id, 2.0, 3.0])) for sensor in sensors]
    assert save_all(place.session, parts) == 18
    one_by_one = place.sensor()
    save(place.session, one_by_one, some(source, [sensors[2].id, 2.0, 3.0]))
    assert stored(place, sensors[2]) == stored(place, one_by_one)
    found = summarise(place.session, sensors[2]).by_source[source.id]
    assert (found.number, found.total) == (3, sensors[2].id + 5)


def test_what_says_nothing_new_is_left_out_and_what_does_is_not(place: Any) -> None:
    sensors, source = [place.sensor() for _ in range(5)], place.source()
    save(place.session, sensors[0], some(source, [1.0, 2.0], 2 * HOUR))
    parts = [(sensor, some(source, [1.0, 5.0])) for sensor in sensors]
    assert save_all(place.session, parts) == 1 + 4 * 2
    assert [len(stored(place, sensor)) for sensor in sensors] == [3, 2, 2, 2, 2]
    assert save_all(place.session, parts) == 0
    changed = [(sensor, some(source, [1.0, 6.0])) for sensor in sensors]
    assert save_all(place.session, changed, overwrite=True) == 5


def test_two_batches_about_one_sensor_are_compared(place: Any) -> None:
    sensors, source = [place.sensor() for _ in range(4)], place.source()
    parts = [(sensor, some(source, [1.0], 2 * HOUR)) for sensor in sensors]
    assert save_all(place.session, [*parts, (sensors[0], some(source, [1.0]))]) == 4


def test_nothing_is_stored_of_nothing(place: Any) -> None:
    source = place.source()
    parts = [(place.sensor(), some(source, [])) for _ in range(5)]
    assert save_all(place.session, parts) == 0
    assert save_all(place.session, []) == 0


@pytest.mark.parametrize("earlier", [0, 1])
def test_a_sensor_that_is_gone_is_told(place: Any, earlier: int) -> None:
    sensors, source = [place.sensor() for _ in range(5)], place.source()
    for sensor in sensors[:earlier]:
        save(place.session, sensor, some(source, [1.0], 2 * HOUR))
    gone = Sensor(id=10_000, generic_asset_id=sensors[0].generic_asset_id, unit="kW")
    gone.event_resolution = QUARTER
    with pytest.raises(NotFound):
        save_all(place.session, [(each, some(source, [1.0])) for each in (*sensors, gone)])


def test_an_impossible_value_is_refused_before_anything_is_stored(place: Any) -> None:
    sensors, source = [place.sensor() for _ in range(4)], place.source()
    parts = [(sensor, some(source, [1.0])) for sensor in sensors]
    with pytest.raises(InvalidInput):
        save_all(place.session, [*parts[:3], (sensors[3], some(source, [np.inf]))])
    assert stored(place, sensors[0]) == []


@pytest.mark.parametrize("overwrite", [False, True])
def test_many_batches_are_compared_as_each_alone_would_be(place: Any, overwrite: bool) -> None:
    random = np.random.default_rng(5)
    source = place.source()
    together, alone = ([place.sensor() for _ in range(12)] for _ in range(2))
    # The last round comes at a moment of belief that is taken, before or after the fact.
    for horizon in (2 * HOUR, HOUR, -QUARTER, -HOUR, HOUR if overwrite else -2 * HOUR):
        values = [random.integers(0, 3, random.integers(1, 9)).astype(float) for _ in together]
        values[0][0] = np.nan
        given = [some(source, each, horizon) for each in values]
        number = save_all(
            place.session, list(zip(together, given, strict=True)), overwrite=overwrite
        )
        saved = [
            save(place.session, sensor, each, overwrite=overwrite)
            for sensor, each in zip(alone, given, strict=True)
        ]
        assert number == sum(each.stored + each.replaced for each in saved)
    for one, other in zip(together, alone, strict=True):
        assert repr(stored(place, one)) == repr(stored(place, other))
        ours, theirs = (summarise(place.session, each).by_source for each in (one, other))
        assert ours == theirs


def test_what_was_believed_before_is_not_looked_up_row_by_row(place: Any) -> None:
    sensors, source = [place.sensor() for _ in range(5)], place.source()
    save_all(place.session, [(each, some(source, [1.0, 2.0], 2 * HOUR)) for each in sensors])
    issued: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        issued.append(statement)

    engine = place.session.connection().engine
    event.listen(engine, "before_cursor_execute", note)
    assert save_all(place.session, [(each, some(source, [1.0, 2.0])) for each in sensors]) == 0
    event.remove(engine, "before_cursor_execute", note)
    assert [each for each in issued if "INSERT" in each.upper()] == []


def test_one_value_does_not_repeat_a_distribution_nor_what_another_source_says(place: Any) -> None:
    ours, theirs = place.source(), place.source("other")
    sensors = [place.sensor() for _ in range(5)]
    events = np.full(2, moment64(TEN))
    for sensor in sensors[:2]:
        save(place.session, sensor, some(theirs, [1.0], 2 * HOUR))
    quantiles = Beliefs.of(
        events, duration64(2 * HOUR), ours.id, np.array([1.0, 4.0]), np.array([0.5, 0.9])
    )
    save(place.session, sensors[2], quantiles)
    for sensor in sensors[3:]:
        save(place.session, sensor, some(ours, [1.0], 2 * HOUR))
    parts = [(sensor, some(ours, [1.0])) for sensor in sensors]
    assert save_all(place.session, parts) == 3
    assert [len(stored(place, sensor)) for sensor in sensors] == [2, 2, 3, 1, 1]


def test_a_long_history_is_compared_likewise(place: Any) -> None:
    sensors, source = [place.sensor() for _ in range(4)], place.source()
    for hours in range(9, 1, -1):
        parts = [(each, some(source, [hours, hours], hours * HOUR)) for each in sensors]
        assert save_all(place.session, parts) == 8
    parts = [(each, some(source, [2.0, 3.0])) for each in sensors]
    assert save_all(place.session, parts) == 4


def test_what_may_not_be_replaced_is_told_and_all_stays_as_it_was(place: Any) -> None:
    sensors, source = [place.sensor() for _ in range(5)], place.source()
    save_all(place.session, [(sensor, some(source, [1.0])) for sensor in sensors])
    with pytest.raises(ReplacementNotAllowed, match=f"sensor {sensors[0].id}"):
        save_all(place.session, [(sensor, some(source, [2.0, 3.0])) for sensor in sensors])
    assert [row[-1] for row in stored(place, sensors[0])] == [1.0]


def test_storing_again_takes_as_many_statements_for_many_as_for_few(place: Any) -> None:
    source = place.source()
    counts = []
    for number in (5, 25):
        sensors = [place.sensor() for _ in range(number)]
        save_all(place.session, [(each, some(source, [1.0, 2.0], 2 * HOUR)) for each in sensors])
        issued: list[str] = []
        engine = place.session.connection().engine

        def note(_connection: Any, _cursor: Any, statement: str, *_: Any, to: Any = issued) -> None:
            to.append(statement)

        event.listen(engine, "before_cursor_execute", note)
        assert save_all(place.session, [(s, some(source, [1.0, 3.0])) for s in sensors]) == number
        event.remove(engine, "before_cursor_execute", note)
        counts.append(len(issued))
    assert counts[0] == counts[1]

"""Beliefs about many sensors at once are stored like those about one after the other."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
import pytest
from sqlalchemy import select

from fmhost.beliefs import Beliefs, save
from fmhost.beliefs.bulk import save_all
from fmhost.beliefs.summaries import summarise
from fmhost.domain.arrays import duration64, moment64
from fmhost.errors import InvalidInput, NotFound
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

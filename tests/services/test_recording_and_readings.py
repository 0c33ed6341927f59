"""Series that scripts record, and windows that people look at."""

from __future__ import annotations

import math
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from fmhost.beliefs import Saved
from fmhost.domain.durations import parse_duration
from fmhost.errors import InvalidInput, NotFound
from fmhost.model import Sensor
from fmhost.services import readings, recording, sources

START = datetime(2026, 3, 3, tzinfo=UTC)


@pytest.fixture
def record(installation: Any, tenant: Any) -> Any:
    """Records values for a sensor, by default the prices, under the name of a script."""

    def record_it(
        values: list[float], *, sensor: Any = None, name: str = "script", hours_ago: int = 0
    ) -> Saved:
        with installation.database.transaction() as session:
            return recording.record(
                installation,
                session,
                session.get_one(Sensor, (sensor or tenant.prices).id),
                sources.source_meant(session, name),
                start=START,
                values=values,
                belief_time=installation.now() - timedelta(hours=hours_ago),
            )

    return record_it


@pytest.fixture
def show(installation: Any, tenant: Any) -> Any:
    """Reads a window of the prices."""

    def read(duration: str = "PT3H", sensor_id: int | None = None, **options: Any) -> Any:
        with installation.database.reading() as session:
            (found,) = readings.read_window(
                session,
                [sensor_id or tenant.prices.id],
                START,
                parse_duration(duration),
                readings.Selection(**options),
            )
        return found

    return read


def test_what_is_recorded_is_read(record: Any, show: Any) -> None:
    assert record([1.0, math.nan, 3.0]).stored == 2
    found = show()
    assert found.values[0] == 1.0
    assert math.isnan(found.values[1])
    assert found.known == [(START, 1.0), (START + timedelta(hours=2), 3.0)]
    assert found.moments == [START + n * timedelta(hours=1) for n in range(3)]
    assert found.step == timedelta(hours=1)


def test_the_same_again_is_nothing_new(record: Any) -> None:
    record([1.0, 2.0], hours_ago=2)
    assert record([1.0, 2.0]).stored == 0
    assert record([1.0, 9.0]).stored == 1


def test_selections_choose_by_time_and_source(record: Any, show: Any, installation: Any) -> None:
    record([1.0], hours_ago=2, name="early")
    record([2.0], name="late")
    assert show("PT1H").values == [2.0]
    an_hour_ago = installation.now() - timedelta(hours=1)
    assert show("PT1H", prior=an_hour_ago).values == [1.0]
    assert show("PT1H", sources=["early"]).values == [1.0]
    assert show("PT1H", sources=["early", "late"]).values == [2.0]
    assert show("PT1H", source_types=["CLI script"]).values == [2.0]
    assert show("PT1H", source_types=["forecaster"]).known == []
    assert show("PT1H", resolution=timedelta(minutes=30)).values == [2.0, 2.0]


def test_days_are_those_of_the_sensors_zone(show: Any, tenant: Any, installation: Any) -> None:
    change = datetime(2026, 3, 28, 23, tzinfo=UTC)  # midnight in Amsterdam, of a day with 23 hours
    with installation.database.reading() as session:
        (found,) = readings.read_window(session, [tenant.prices.id], change, parse_duration("P1D"))
    assert len(found.values) == 23


def test_impossible_questions_are_refused(show: Any, record: Any, tenant: Any) -> None:
    with pytest.raises(NotFound, match="No sensor found with ID 99"):
        show(sensor_id=99)
    with pytest.raises(NotFound, match="Failed to find source nobody"):
        show(sources=["nobody"])
    with pytest.raises(InvalidInput, match="longer than zero"):
        show("PT0H")
    with pytest.raises(InvalidInput, match="longer than zero"):
        show("-PT1H")
    with pytest.raises(InvalidInput, match="instantaneous"):
        record([1.0], sensor=tenant.level)

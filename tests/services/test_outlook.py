"""What is known about a sensor around now."""

from __future__ import annotations

import math
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
import pytest

from fmhost.beliefs import Beliefs, save
from fmhost.domain.arrays import moment64
from fmhost.model import Sensor
from fmhost.services import outlook, recording, sources

NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)  # Monday, 10:00 in Amsterdam
MIDNIGHT = datetime(2026, 3, 1, 23, tzinfo=UTC)
DAY = timedelta(days=1)


@pytest.fixture
def store(installation: Any, tenant: Any) -> Any:
    """Stores values of the power sensor, as believed by a source of some type."""

    def store_it(
        start: datetime, values: list[float], by: str = "user", name: str = "x", ago: int = 0
    ) -> None:
        with installation.database.transaction() as session:
            recording.record(
                installation,
                session,
                session.get_one(Sensor, tenant.power.id),
                sources.create_source(session, name=name, source_type=by),
                start=start,
                values=values,
                belief_time=NOW - timedelta(minutes=ago),
            )

    return store_it


@pytest.fixture
def around(installation: Any, tenant: Any) -> Any:
    """Reads the outlook of a sensor, by default the power."""

    def read(sensor: Any = None, now: datetime = NOW) -> outlook.Outlook:
        with installation.database.reading() as session:
            loaded = session.get_one(Sensor, (sensor or tenant.power).id)
            return outlook.around(session, loaded, now)

    return read


def test_nothing_is_known_of_an_unused_sensor(around: Any) -> None:
    found = around()
    assert (found.start, found.end) == (MIDNIGHT - DAY, MIDNIGHT + DAY)
    assert list(found.strands) == []


def test_it_reaches_from_yesterday_to_the_last_known_event(around: Any, store: Any) -> None:
    store(MIDNIGHT - 2 * DAY, [1.0] * 4)
    store(MIDNIGHT - DAY, [2.0])
    store(MIDNIGHT + 2 * DAY, [3.0], by="scheduler")
    found = around()
    assert (found.start, found.end) == (
        MIDNIGHT - DAY,
        MIDNIGHT + 2 * DAY + timedelta(minutes=15),
    )
    assert {strand.kind: strand.values for strand in found.strands} == {
        "recorded": [2.0],
        "scheduled": [3.0],
    }
    assert found.start.utcoffset() == timedelta(hours=1)


def test_what_lies_too_far_ahead_is_left_out(around: Any, store: Any) -> None:
    store(NOW + outlook.FARTHEST + DAY, [1.0])
    assert list(around().strands) == []


def test_old_values_are_shown_where_there_are_no_newer_ones(around: Any, store: Any) -> None:
    store(MIDNIGHT - 10 * DAY, [1.0, 2.0])
    found = around()
    assert found.end == MIDNIGHT - 10 * DAY + timedelta(minutes=30)
    assert found.start == MIDNIGHT - 12 * DAY
    assert [strand.values for strand in found.strands] == [[1.0, 2.0]]


def test_of_each_kind_the_latest_belief_counts(around: Any, store: Any) -> None:
    store(NOW, [1.0, 2.0], by="forecaster", ago=60)
    store(NOW, [5.0], by="forecaster", name="other", ago=30)
    store(NOW, [8.0], by="scheduling script")
    forecast, scheduled = around().strands
    assert (forecast.kind, forecast.values) == ("forecast", [5.0, 2.0])
    assert forecast.starts == [NOW, NOW + timedelta(minutes=15)]
    assert forecast.sources == ["forecast by x", "forecast by other"]
    assert (scheduled.kind, scheduled.values) == ("scheduled", [8.0])


def test_a_belief_that_there_is_no_value_is_no_value(
    around: Any, installation: Any, tenant: Any
) -> None:
    with installation.database.transaction() as session:
        source = sources.create_source(session, name="x", source_type="user")
        start = np.array([moment64(NOW)])
        beliefs = Beliefs.of(start, np.timedelta64(0, "us"), source.id, np.array([math.nan]))
        save(session, session.get_one(Sensor, tenant.power.id), beliefs)
    assert list(around().strands) == []


def test_moments_stay_where_they_are(around: Any, installation: Any, tenant: Any) -> None:
    moment = NOW + timedelta(seconds=7)
    with installation.database.transaction() as session:
        source = sources.create_source(session, name="x", source_type="user")
        beliefs = Beliefs.of(
            np.array([moment64(moment)]), np.timedelta64(0, "us"), source.id, np.array([4.0])
        )
        save(session, session.get_one(Sensor, tenant.level.id), beliefs)
    found = around(tenant.level)
    assert found.step == timedelta(0)
    assert found.strands[0].starts == [moment]


def test_too_many_events_are_averaged(around: Any, store: Any) -> None:
    store(MIDNIGHT, [0.0, 1.0, 2.0, 3.0] * 300)
    found = around()
    assert found.step == timedelta(minutes=30)
    (strand,) = found.strands
    assert strand.starts[:2] == [MIDNIGHT, MIDNIGHT + found.step]
    assert strand.values == [0.5, 2.5] * 300

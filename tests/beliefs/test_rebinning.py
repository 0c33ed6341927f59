"""Beliefs about events of one length become beliefs about events of another."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
import pytest

from fmhost.beliefs import Beliefs
from fmhost.beliefs.rebinning import rebinned
from fmhost.domain.arrays import duration64, moment64
from fmhost.errors import InvalidInput
from fmhost.model import Sensor

START = datetime(2026, 3, 2, tzinfo=UTC)
QUARTER, HOUR, DAY = timedelta(minutes=15), timedelta(hours=1), timedelta(days=1)
NAN = float("nan")


def sensor(resolution: timedelta, zone: str = "UTC") -> Sensor:
    return Sensor(name="power", event_resolution=resolution, timezone=zone)


def stored(resolution: timedelta, *rows: tuple[Any, ...]) -> Beliefs:
    """Rows: number of the event, when it was believed [h after the start], value, probability."""
    starts = [START + row[0] * resolution for row in rows]
    formed = [START + row[1] * HOUR for row in rows]
    horizons = [a + resolution - b for a, b in zip(starts, formed, strict=True)]
    return Beliefs(
        np.array([moment64(each) for each in starts]),
        np.array([duration64(each) for each in horizons]),
        np.array([7] * len(rows)),
        np.array([row[3] if len(row) > 3 else 0.5 for row in rows]),
        np.array([row[2] for row in rows], dtype=float),
    ).by_key()


def as_rows(beliefs: Beliefs, resolution: timedelta) -> list[tuple[float, float, float, float]]:
    """The inverse of :func:`stored`."""
    number = (beliefs.event_start - moment64(START)) / duration64(resolution)
    known = beliefs.event_start + duration64(resolution) - beliefs.belief_horizon
    formed = (known - moment64(START)) / duration64(HOUR)
    return sorted(
        zip(
            number.tolist(),
            formed.tolist(),
            beliefs.event_value.tolist(),
            beliefs.cumulative_probability.tolist(),
            strict=True,
        )
    )


def test_measurements_are_averaged_once_all_are_there() -> None:
    rows = [(n, (n + 1) / 4, float(n)) for n in range(8)]
    found = rebinned(sensor(QUARTER), stored(QUARTER, *rows), HOUR)
    assert as_rows(found, HOUR) == [(0, 1, 1.5, 0.5), (1, 2, 5.5, 0.5)]
    assert set(found.source_id.tolist()) == {7}


def test_what_was_believed_before_is_kept() -> None:
    forecast = [(n, -10.0, 1.0) for n in range(4)]
    correction = [(2, -5.0, 5.0)]
    found = rebinned(sensor(QUARTER), stored(QUARTER, *forecast, *correction), HOUR)
    assert as_rows(found, HOUR) == [(0, -10, 1.0, 0.5), (0, -5, 2.0, 0.5)]


def test_gaps_and_missing_values() -> None:
    rows = [(0, 2.0, 1.0), (1, 2.0, NAN), (3, 2.0, 3.0), (4, 2.0, NAN)]
    first, second = as_rows(rebinned(sensor(QUARTER), stored(QUARTER, *rows), HOUR), HOUR)
    assert first == (0, 2, 2.0, 0.5)
    assert second[0] == 1
    assert np.isnan(second[2])


def test_quantiles_stay_apart() -> None:
    rows = [(n, -1.0, n + share, share) for n in range(4) for share in (0.2, 0.8)]
    found = rebinned(sensor(QUARTER), stored(QUARTER, *rows), HOUR)
    assert [row[3] for row in as_rows(found, HOUR)] == [0.2, 0.8]
    assert [round(row[2], 9) for row in as_rows(found, HOUR)] == [1.7, 2.3]


def test_shorter_events_have_the_value_of_the_longer() -> None:
    found = rebinned(sensor(HOUR), stored(HOUR, (0, -3.0, 5.0), (1, 4.0, 6.0)), QUARTER)
    assert as_rows(found, QUARTER) == [
        *((n, -3, 5.0, 0.5) for n in range(4)),
        *((n, 4, 6.0, 0.5) for n in range(4, 8)),
    ]


@pytest.mark.parametrize(
    "day", [datetime(2026, 3, 29, tzinfo=UTC), datetime(2026, 7, 1, tzinfo=UTC)]
)
def test_days_are_those_of_the_zone(day: datetime) -> None:
    of_day = sensor(HOUR, "Europe/Amsterdam")
    starts = np.arange(moment64(day - DAY), moment64(day + 2 * DAY), duration64(HOUR))
    beliefs = Beliefs.of(starts, np.timedelta64(0, "us"), 1, np.ones(len(starts)))
    found = rebinned(of_day, beliefs, DAY)
    hours = [str(each)[11:13] for each in found.event_start]
    assert len(hours) == 4
    assert set(hours) <= {"22", "23"}
    again = rebinned(sensor(DAY, "Europe/Amsterdam"), found, HOUR)
    assert set(np.diff(again.event_start).tolist()) == {HOUR}


def test_a_round_trip_of_equal_values_changes_nothing() -> None:
    before = stored(HOUR, *((n, -5.0, float(n)) for n in range(5)))
    there = rebinned(sensor(HOUR), before, QUARTER)
    back = rebinned(sensor(QUARTER), there, HOUR)
    assert as_rows(back, HOUR) == as_rows(before, HOUR)


def test_what_does_not_fit() -> None:
    for before, after in ((QUARTER, timedelta(minutes=20)), (HOUR, timedelta(0))):
        with pytest.raises(InvalidInput):
            rebinned(sensor(before), Beliefs.empty(), after)
    assert len(rebinned(sensor(QUARTER), Beliefs.empty(), HOUR)) == 0

"""When beliefs were formed."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import numpy as np
import pytest

from fmhost.beliefs.timing import horizons, knowledge_of
from fmhost.domain.arrays import moment64
from fmhost.errors import InvalidInput
from fmhost.model import Sensor

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
QUARTER = timedelta(minutes=15)
HOUR = timedelta(hours=1)
# Known at 12:15, 12:30 and 12:45.
KNOWN = np.array([moment64(NOON + i * QUARTER) for i in (1, 2, 3)])


def test_without_further_word_beliefs_are_formed_now() -> None:
    found = horizons(KNOWN, now=NOON + 2 * QUARTER)
    assert found.tolist() == [-QUARTER, timedelta(0), QUARTER]


def test_a_prior_is_one_time_for_all_events() -> None:
    found = horizons(KNOWN, now=NOON, prior=NOON - HOUR)
    assert found.tolist() == [HOUR + i * QUARTER for i in (1, 2, 3)]


@pytest.mark.parametrize("horizon", [HOUR, timedelta(0), -QUARTER])
def test_a_horizon_is_the_same_before_each_event(horizon: timedelta) -> None:
    assert horizons(KNOWN, now=NOON, horizon=horizon).tolist() == [horizon] * 3


def test_of_prior_and_horizon_the_earlier_recording_time_counts_for_each_event() -> None:
    found = horizons(KNOWN, now=NOON, prior=NOON, horizon=2 * QUARTER)
    # An hour's quarter before 12:15 is after noon only for the last event.
    assert found.tolist() == [2 * QUARTER, 2 * QUARTER, 3 * QUARTER]


def test_in_play_mode_past_events_were_recorded_when_they_became_known() -> None:
    found = horizons(KNOWN, now=NOON + 2 * QUARTER, play=True)
    assert found.tolist() == [timedelta(0), timedelta(0), QUARTER]
    given = horizons(KNOWN, now=NOON + 2 * QUARTER, prior=NOON + HOUR, play=True)
    assert given.tolist() == [-3 * QUARTER, -2 * QUARTER, -QUARTER]


def test_a_sensor_says_when_its_events_are_known() -> None:
    starts = np.array([moment64(NOON)])
    sensor = Sensor(event_resolution=QUARTER)
    assert knowledge_of(sensor, starts)[0] == moment64(NOON + QUARTER)
    sensor.knowledge_horizon_fnc = "ex_ante"
    sensor.knowledge_horizon_par = {"ex_ante_horizon": "PT1H"}
    assert knowledge_of(sensor, starts)[0] == moment64(NOON - HOUR)
    sensor.knowledge_horizon_fnc = "no such function"
    with pytest.raises(InvalidInput, match="no such function"):
        knowledge_of(sensor, starts)

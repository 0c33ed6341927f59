"""Which beliefs only repeat what was said before, and how they are deleted."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
import pytest

from fmhost.beliefs import (
    Beliefs,
    Doomed,
    count,
    delete,
    delete_these,
    read,
    repetitions,
    save,
)
from fmhost.beliefs.read import Query
from fmhost.domain.arrays import duration64, moment64

START = datetime(2026, 3, 2, tzinfo=UTC)
HOUR = timedelta(hours=1)


def beliefs(*rows: tuple[int, float, float] | tuple[int, float, float, float]) -> Beliefs:
    """Rows of event [hours after the start], horizon [h], value, and probability."""
    return Beliefs(
        np.array([moment64(START + row[0] * HOUR) for row in rows]),
        np.array([duration64(row[1] * HOUR) for row in rows]),
        np.array([1] * len(rows)),
        np.array([row[3] if len(row) > 3 else 0.5 for row in rows]),
        np.array([row[2] for row in rows], dtype=float),
    ).by_key()


@pytest.mark.parametrize(
    ("rows", "repeated"),
    [
        ((), []),
        (((0, 2, 5.0), (0, 1, 5.0)), [True, False]),
        (((0, 2, 5.0), (0, 1, 6.0)), [False, False]),
        (((0, 3, 5.0), (0, 2, 6.0), (0, 1, 5.0)), [False, False, False]),
        (((0, 3, 5.0), (0, 2, 5.0), (0, 1, 5.0)), [True, True, False]),
        # what was forecast and what was measured are different statements
        (((0, 1, 5.0), (0, 0, 5.0)), [False, False]),
        (((0, 0, 5.0), (0, -1, 5.0)), [True, False]),
        # another event is another matter
        (((0, 1, 5.0), (1, 1, 5.0)), [False, False]),
        (((0, 2, float("nan")), (0, 1, float("nan"))), [True, False]),
        (((0, 2, float("nan")), (0, 1, 0.0)), [False, False]),
        # a distribution as a whole
        (
            ((0, 2, 1.0, 0.2), (0, 2, 3.0, 0.8), (0, 1, 1.0, 0.2), (0, 1, 3.0, 0.8)),
            [True, True, False, False],
        ),
        (
            ((0, 2, 1.0, 0.2), (0, 2, 3.0, 0.8), (0, 1, 1.0, 0.2), (0, 1, 4.0, 0.8)),
            [False] * 4,
        ),
        (((0, 2, 1.0, 0.2), (0, 2, 1.0, 0.8), (0, 1, 1.0, 0.2)), [False] * 3),
    ],
)
def test_what_repeats_the_belief_before(rows: Any, repeated: list[bool]) -> None:
    assert repetitions(beliefs(*rows)).tolist() == repeated


def test_another_source_says_it_anew() -> None:
    found = beliefs((0, 2, 5.0), (0, 1, 5.0))
    other = Beliefs.of(found.event_start, found.belief_horizon, np.array([1, 2]), found.event_value)
    assert not repetitions(other.by_key()).any()


def test_beliefs_are_deleted_by_what_they_are(place: Any) -> None:
    sensor, source = place.sensor(HOUR), place.source()
    rows = [(hour, horizon, hour) for hour in range(4) for horizon in (2, 0)]
    stored = beliefs(*rows, (5, 0, float("nan")))
    columns = (stored.event_start, stored.belief_horizon, source.id, stored.event_value)
    from_store = Beliefs.of(*columns)
    save(place.session, sensor, from_store)
    assert count(place.session, sensor) == 9
    assert count(place.session, sensor, Doomed(missing=True)) == 1
    assert delete(place.session, sensor, Doomed(missing=True)) == 1
    window = Doomed(start=START + HOUR, end=START + 2 * HOUR, horizon_over=timedelta(0))
    assert delete(place.session, sensor, window) == 1
    assert delete(place.session, sensor, Doomed(source_ids=[source.id + 1])) == 0
    assert count(place.session, sensor, Doomed(horizon_at_most=timedelta(0))) == 4
    found = read(place.session, Query(sensor=sensor, most_recent=False))
    assert delete_these(place.session, sensor, found.take(slice(0, 3))) == 3
    left = read(place.session, Query(sensor=sensor, most_recent=False))
    assert left.event_value.tolist() == found.event_value.tolist()[3:]

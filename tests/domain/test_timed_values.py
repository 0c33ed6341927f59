"""Lists of values that hold at moments or for a while."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from fmhost.domain.timed_values import timed_values
from fmhost.domain.zones import time_zone

AMSTERDAM = time_zone("Europe/Amsterdam")
#: The day on which clocks go forward there: it has 23 hours.
NINE, TEN = "2026-03-29T09:00:00+02:00", "2026-03-29T10:00:00+02:00"


@pytest.mark.parametrize(
    ("times", "start", "end"),
    [
        ({"datetime": NINE}, 7, 7),
        ({"start": NINE, "end": TEN}, 7, 8),
        ({"start": NINE, "duration": "PT2H"}, 7, 9),
        ({"duration": "PT1H", "end": TEN}, 7, 8),
    ],
)
def test_ways_to_say_when(times: Any, start: int, end: int) -> None:
    (found,) = timed_values([{"value": "5 kWh", **times}], AMSTERDAM)
    moments = [datetime(2026, 3, 29, hour, tzinfo=UTC) for hour in (start, end)]
    assert [found.start, found.end, found.said] == [*moments, "5 kWh"]


def test_days_last_as_the_calendar_says() -> None:
    midnight = "2026-03-29T00:00:00+01:00"
    (found,) = timed_values([{"value": 1, "start": midnight, "duration": "P1D"}], AMSTERDAM)
    assert found.end == datetime(2026, 3, 29, 22, tzinfo=UTC)


@pytest.mark.parametrize(
    "said",
    [
        None,
        {"sensor": 3},
        [None],
        [{"value": 1}],
        [{"datetime": NINE}],
        [{"value": True, "datetime": NINE}],
        [{"value": 1, "datetime": "noon"}],
        [{"value": 1, "duration": "PT1H"}],
        [{"value": 1, "start": TEN, "end": NINE}],
    ],
)
def test_what_nobody_understands_is_passed_over(said: Any) -> None:
    assert list(timed_values(said, AMSTERDAM)) == []

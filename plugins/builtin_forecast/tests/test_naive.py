"""The seasonal-naive forecaster repeats what was known, in local time."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from zoneinfo import ZoneInfo

import numpy as np
import pytest

from fmhost.plugin import ComputationFailed, ForecastTask
from fmhost_forecast.naive import SeasonalNaiveForecaster, earlier_events

HOUR = timedelta(hours=1)
AMSTERDAM = ZoneInfo("Europe/Amsterdam")


class History:
    """A reader over a function of time that is known from `since` on."""

    def __init__(self, since, value):
        self.since = since
        self.value = value

    def values(self, sensor, start, end, *, resolution, unit, **filters):
        steps = round((end - start) / resolution)
        moments = [start + resolution * step for step in range(steps)]
        return np.array(
            [self.value(moment) if moment >= self.since else np.nan for moment in moments]
        )


def forecaster(history, start, *, hours=48, belief_time=None):
    sensor = SimpleNamespace(id=7, name="load", unit="kW", timezone="Europe/Amsterdam")
    task = ForecastTask(sensor, start, start + hours * HOUR, HOUR, belief_time or start)
    return SeasonalNaiveForecaster(task, history)


def local_hour(moment):
    return float(moment.astimezone(AMSTERDAM).hour)


def test_a_week_of_history_is_repeated_by_weekday():
    start = datetime(2026, 6, 10, tzinfo=UTC)
    made = forecaster(
        History(start - timedelta(days=30), lambda moment: float(moment.weekday())), start
    )
    (result,) = made.compute()
    assert result.values.tolist() == [2.0] * 24 + [3.0] * 24
    assert made.info["period"] == "P7D"


def test_less_than_a_week_of_history_repeats_the_last_day():
    start = datetime(2026, 6, 10, tzinfo=UTC)
    made = forecaster(History(start - timedelta(days=2), local_hour), start)
    (result,) = made.compute()
    assert result.values.tolist() == [local_hour(start + step * HOUR) for step in range(48)]
    assert made.info["period"] == "P1D"


@pytest.mark.parametrize(
    "day", [datetime(2026, 3, 29, tzinfo=UTC), datetime(2026, 10, 25, tzinfo=UTC)]
)
def test_a_load_that_follows_the_clock_stays_in_step_across_daylight_saving(day):
    start = day + 4 * HOUR
    made = forecaster(History(start - timedelta(days=30), local_hour), start, hours=24)
    (result,) = made.compute()
    assert result.values.tolist() == [local_hour(start + step * HOUR) for step in range(24)]


def test_only_events_before_the_belief_time_are_repeated():
    start = datetime(2026, 6, 10, tzinfo=UTC)
    belief_time = start - timedelta(days=3)
    events = [start + step * HOUR for step in range(200)]
    for days in (1, 7):
        assert max(earlier_events(events, belief_time, days, AMSTERDAM)) < belief_time


def test_without_history_it_says_what_is_missing():
    start = datetime(2026, 6, 10, tzinfo=UTC)
    with pytest.raises(ComputationFailed, match=r"Sensor 7 .* has no values in the 7 days before"):
        forecaster(History(start, local_hour), start).compute()

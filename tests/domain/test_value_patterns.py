"""How values are distributed over their range, the hours of days, and of weeks."""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np

from fmhost.domain.value_patterns import heatmap, histogram
from fmhost.domain.zones import time_zone

AMSTERDAM = time_zone("Europe/Amsterdam")
QUARTER = np.timedelta64(15 * 60 * 1_000_000, "us")


def test_every_value_lies_in_one_of_at_most_sixty_bins() -> None:
    values = np.concatenate([np.arange(1000.0), [1e6]])
    edges, counts = histogram(values)
    assert counts.sum() == len(values)
    assert len(edges) == len(counts) + 1 <= 61


def test_a_day_has_the_means_of_its_hours_on_the_local_clock() -> None:
    starts = np.datetime64("2026-03-01T23:00", "us") + np.arange(8) * QUARTER  # local midnight
    found = heatmap(starts, timedelta(minutes=15), np.arange(8.0), AMSTERDAM, weekly=False)
    assert found.days == [date(2026, 3, 2)]
    assert found.hours == 24
    assert found.columns.tolist() == [0, 1]
    assert found.means.tolist() == [1.5, 5.5]


def test_a_week_begins_on_monday() -> None:
    sunday, monday = (
        np.datetime64("2026-03-01T11:00", "us"),
        np.datetime64("2026-03-02T11:00", "us"),
    )
    found = heatmap(
        np.array([sunday, monday]), timedelta(hours=1), np.array([1.0, 2.0]), AMSTERDAM, weekly=True
    )
    assert found.days == [date(2026, 2, 23), date(2026, 3, 2)]
    assert found.columns.tolist() == [6 * 24 + 12, 12]


def test_a_long_event_counts_in_each_of_its_hours() -> None:
    starts = np.array([np.datetime64("2026-03-01T23:00", "us")])
    found = heatmap(starts, timedelta(hours=3), np.array([7.0]), AMSTERDAM, weekly=False)
    assert found.columns.tolist() == [0, 1, 2]
    assert found.means.tolist() == [7.0] * 3


def test_an_hour_that_the_clock_shows_twice_is_one() -> None:
    starts = np.datetime64("2026-10-25T00:00", "us") + np.arange(2) * 4 * QUARTER  # 02:00, 02:00
    found = heatmap(starts, timedelta(hours=1), np.array([1.0, 3.0]), AMSTERDAM, weekly=False)
    assert found.columns.tolist() == [2]
    assert found.means.tolist() == [2.0]

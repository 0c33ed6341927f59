"""Windows and their steps."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fmhost.domain.arrays import moment64, to_datetime
from fmhost.domain.durations import Span
from fmhost.domain.windows import Window
from fmhost.errors import InvalidInput

AMSTERDAM = ZoneInfo("Europe/Amsterdam")
START = datetime(2026, 3, 1, 10, tzinfo=UTC)
QUARTER = timedelta(minutes=15)


def test_the_steps_of_a_window_are_counted_from_its_start() -> None:
    window = Window(START + timedelta(minutes=5), START + timedelta(minutes=55), QUARTER)
    assert len(window) == 3
    assert window.ticks.dtype == np.dtype("datetime64[us]")
    expected = [START + timedelta(minutes=m) for m in (5, 20, 35)]
    assert [to_datetime(tick) for tick in window.ticks] == expected
    assert to_datetime(window.edges()[-1]) == START + timedelta(minutes=50)


def test_an_empty_window_has_an_edge_and_no_steps() -> None:
    window = Window(START, START, QUARTER)
    assert len(window) == 0
    assert len(window.ticks) == 0
    assert len(Window(START, START, Span(days=1), AMSTERDAM)) == 0


def test_calendar_days_have_the_length_that_the_zone_gives_them() -> None:
    start = datetime(2026, 3, 28, tzinfo=AMSTERDAM)
    window = Window(start, datetime(2026, 3, 31, tzinfo=AMSTERDAM), Span(days=1), AMSTERDAM)
    assert len(window) == 3
    assert np.diff(window.edges()).astype("timedelta64[h]").astype(int).tolist() == [24, 23, 24]
    local = [to_datetime(tick).astimezone(AMSTERDAM).isoformat() for tick in window.ticks]
    assert local[-1] == "2026-03-30T00:00:00+02:00"


def test_a_window_of_hours_counts_those_that_pass_and_not_those_on_the_clock() -> None:
    day = Window(
        datetime(2026, 3, 29, tzinfo=AMSTERDAM),
        datetime(2026, 3, 30, tzinfo=AMSTERDAM),
        timedelta(hours=1),
    )
    assert len(day) == len(day.ticks) == 23
    assert day.length == timedelta(hours=23)
    twice = Window(
        datetime(2026, 10, 25, 2, 30, tzinfo=AMSTERDAM),
        datetime(2026, 10, 25, 2, 30, fold=1, tzinfo=AMSTERDAM),
        timedelta(minutes=15),
    )
    assert len(twice) == 4


def test_calendar_months_return_to_the_31st() -> None:
    start = datetime(2026, 1, 31, tzinfo=AMSTERDAM)
    window = Window(start, datetime(2026, 6, 1, tzinfo=AMSTERDAM), Span(months=1), AMSTERDAM)
    days = [to_datetime(edge).astimezone(AMSTERDAM).day for edge in window.edges()]
    assert days == [31, 28, 31, 30, 31]


@pytest.mark.parametrize(
    ("start", "end", "resolution", "field"),
    [
        (datetime(2026, 1, 1), START, QUARTER, "start"),
        (START, datetime(2027, 1, 1), QUARTER, "end"),
        (START, START - QUARTER, QUARTER, "end"),
        (START, START + QUARTER, timedelta(0), "resolution"),
        (START, START + QUARTER, -QUARTER, "resolution"),
        (START, START + QUARTER, Span(days=-1), "resolution"),
        (START, START + QUARTER, Span(), "resolution"),
        (START, START + timedelta(days=3650), timedelta(microseconds=1), "resolution"),
    ],
)
def test_impossible_windows_are_refused(
    start: datetime, end: datetime, resolution: timedelta | Span, field: str
) -> None:
    with pytest.raises(InvalidInput) as refused:
        Window(start, end, resolution)
    assert refused.value.field == field


@given(st.integers(0, 10**8), st.integers(1, 10**6))
def test_steps_are_equal_whole_and_as_many_as_fit(length: int, step: int) -> None:
    window = Window(
        START, START + timedelta(milliseconds=length), timedelta(milliseconds=step + 1000)
    )
    edges = window.edges()
    assert len(edges) == len(window) + 1
    assert edges[0] == moment64(START)
    assert edges[-1] <= moment64(window.end) < edges[-1] + np.timedelta64(step + 1000, "ms")
    assert set(np.diff(edges).tolist()) <= {timedelta(milliseconds=step + 1000)}


@given(st.datetimes(datetime(2025, 1, 1), datetime(2027, 1, 1)), st.integers(0, 40))
def test_calendar_steps_agree_with_adding_days(naive: datetime, count: int) -> None:
    start = naive.replace(tzinfo=AMSTERDAM)
    end = Span(days=count).add_to(start, AMSTERDAM)
    window = Window(start, end, Span(days=1), AMSTERDAM)
    expected = [Span(days=i).add_to(start, AMSTERDAM) for i in range(count + 1)]
    # In UTC: a local time that occurs twice equals no moment of another zone.
    expected = [moment.astimezone(UTC) for moment in expected]
    assert [to_datetime(edge) for edge in window.edges()] == expected

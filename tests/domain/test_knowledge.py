"""Knowledge times of events."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fmhost.domain.arrays import moment64, to_datetime
from fmhost.domain.knowledge import belief_horizons, knowledge_rule, knowledge_times
from fmhost.errors import InvalidInput

HOUR = timedelta(hours=1)
START = datetime(2026, 3, 1, 10, tzinfo=UTC)
PARIS = {"x": 1, "y": 12, "z": "Europe/Paris"}


def known(start: datetime, name: str, parameters: dict[str, Any] | None = None) -> datetime:
    column = np.array([moment64(start)])
    return to_datetime(knowledge_times(column, HOUR, name, parameters)[0])


def test_by_default_an_event_is_known_when_it_ends() -> None:
    assert known(START, "ex_post") == START + HOUR
    assert known(START, "ex_post", {"ex_post_horizon": 0}) == START + HOUR


@pytest.mark.parametrize("half_an_hour", ["PT30M", 30])
def test_known_after_or_before_the_event_by_a_duration(half_an_hour: str | int) -> None:
    after, before = {"ex_post_horizon": half_an_hour}, {"ex_ante_horizon": half_an_hour}
    assert known(START, "ex_post", after) == START + 1.5 * HOUR
    assert known(START, "ex_ante", before) == START - HOUR / 2


@pytest.mark.parametrize("name", ["x_days_ago_at_y_oclock", "ex_ante_economics"])
def test_day_ahead_prices_are_known_at_noon_of_the_day_before(name: str) -> None:
    paris = ZoneInfo("Europe/Paris")
    for hour in (0, 12, 23):
        start = datetime(2026, 3, 2, hour, tzinfo=paris)
        assert known(start, name, PARIS) == datetime(2026, 3, 1, 12, tzinfo=paris)


def test_noon_of_the_day_before_follows_clock_changes() -> None:
    paris = ZoneInfo("Europe/Paris")
    for day in (datetime(2026, 3, 29), datetime(2026, 3, 30), datetime(2026, 10, 25)):
        start = day.replace(hour=5, tzinfo=paris)
        noon = (day - timedelta(days=1)).replace(hour=12, tzinfo=paris)
        assert known(start, "x_days_ago_at_y_oclock", PARIS) == noon


def test_the_day_of_an_event_is_that_of_the_rules_zone() -> None:
    # 19:00 UTC is already the next day in Kathmandu.
    start = datetime(2026, 3, 1, 19, tzinfo=UTC)
    noon = datetime(2026, 3, 1, 12, tzinfo=ZoneInfo("Asia/Kathmandu"))
    parameters = {"x": 1, "y": 12, "z": "Asia/Kathmandu"}
    assert known(start, "x_days_ago_at_y_oclock", parameters) == noon


@given(
    st.lists(st.datetimes(datetime(2000, 1, 1), datetime(2050, 1, 1)), min_size=1, max_size=8),
    st.integers(0, 3),
    st.integers(0, 23) | st.just(14.5),
    st.sampled_from(["Europe/Paris", "Asia/Kathmandu", "Australia/Lord_Howe", "America/St_Johns"]),
)
def test_a_column_is_known_like_its_events_one_by_one(
    naive: list[datetime], days: int, hour: float, name: str
) -> None:
    zone = ZoneInfo(name)
    starts = [moment.replace(tzinfo=UTC) for moment in naive]
    expected = []
    for start in starts:
        midnight = start.astimezone(zone).replace(hour=0, minute=0, second=0, microsecond=0)
        clock = midnight.replace(tzinfo=None) - timedelta(days=days) + timedelta(hours=hour)
        expected.append(clock.replace(tzinfo=zone).astimezone(UTC))
    column = np.array([moment64(start) for start in starts])
    parameters = {"x": days, "y": hour, "z": name}
    found = knowledge_times(column, HOUR, "x_days_ago_at_y_oclock", parameters)
    assert [to_datetime(moment) for moment in found] == expected


def test_horizons_are_knowledge_time_minus_belief_time() -> None:
    starts = np.array([moment64(START), moment64(START + HOUR)])
    known_at = knowledge_times(starts, HOUR, "ex_post")
    horizons = belief_horizons(known_at, START)
    assert horizons.dtype == np.dtype("timedelta64[us]")
    assert horizons.tolist() == [HOUR, 2 * HOUR]
    assert belief_horizons(known_at, known_at).tolist() == [timedelta(0), timedelta(0)]


@pytest.mark.parametrize(
    ("name", "parameters"),
    [
        ("ex_machina", {}),
        ("ex_post", {"ex_ante_horizon": 0}),
        ("ex_post", {"ex_post_horizon": "soon"}),
        ("ex_post", {"ex_post_horizon": None}),
        ("ex_ante", {"ex_ante_horizon": True}),
        ("ex_ante", {"ex_ante_horizon": "P1M"}),
        ("x_days_ago_at_y_oclock", {"x": 1.5, "y": 12, "z": "UTC"}),
        ("x_days_ago_at_y_oclock", {"x": 1, "y": 25, "z": "UTC"}),
        ("x_days_ago_at_y_oclock", {"x": 1, "y": 12, "z": "Mars/Olympus"}),
        ("x_days_ago_at_y_oclock", {"x": 1, "y": 12, "zone": "UTC"}),
    ],
)
def test_unknown_functions_and_parameters_are_refused(
    name: str, parameters: dict[str, Any]
) -> None:
    with pytest.raises(InvalidInput):
        knowledge_rule(name, parameters)

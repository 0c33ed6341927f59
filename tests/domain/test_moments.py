"""Moments: reading, writing and flooring."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fmhost.domain.arrays import moment64
from fmhost.domain.moments import (
    floor_all,
    floor_moment,
    format_moment,
    parse_moment,
    require_aware,
    round_moment,
)
from fmhost.errors import InvalidInput

AMSTERDAM = ZoneInfo("Europe/Amsterdam")
KATHMANDU = ZoneInfo("Asia/Kathmandu")
SANTIAGO = ZoneInfo("America/Santiago")
LORD_HOWE = ZoneInfo("Australia/Lord_Howe")
zones = st.sampled_from(
    [
        ZoneInfo(name)
        for name in (
            "UTC",
            "Europe/Amsterdam",
            "Asia/Kathmandu",
            "America/St_Johns",
            "America/Santiago",
            "Australia/Lord_Howe",
            "Pacific/Chatham",
        )
    ]
)
steps = st.sampled_from([1, 5, 7, 15, 30, 45, 48, 60, 90, 120, 720, 1440, 2880, 10080]).map(
    lambda minutes: timedelta(minutes=minutes)
)
moments = st.datetimes(datetime(2000, 1, 1), datetime(2060, 1, 1)).map(
    lambda naive: naive.replace(tzinfo=UTC)
)
# Moments within two days of the clock changes of 2026, where flooring is hard; many begin steps.
near_changes = st.builds(
    lambda change, seconds: change + timedelta(seconds=seconds),
    st.sampled_from(
        [
            datetime(2026, 3, 29, 1, tzinfo=UTC),
            datetime(2026, 10, 25, 1, tzinfo=UTC),
            datetime(2026, 4, 4, 15, tzinfo=UTC),
            datetime(2026, 10, 3, 15, 30, tzinfo=UTC),
            datetime(2026, 9, 6, 4, tzinfo=UTC),
            datetime(2026, 4, 5, 3, tzinfo=UTC),
            datetime(2026, 3, 8, 5, 30, tzinfo=UTC),
        ]
    ),
    st.integers(-172800, 172800) | st.integers(-576, 576).map(lambda number: 300 * number),
)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2026-03-01T10:00:00+01:00", datetime(2026, 3, 1, 9, tzinfo=UTC)),
        ("2026-03-01T10:00+01", datetime(2026, 3, 1, 9, tzinfo=UTC)),
        ("2026-03-01T10:00Z", datetime(2026, 3, 1, 10, tzinfo=UTC)),
        ("2026-03-01 10:00:00.5+05:45", datetime(2026, 3, 1, 4, 15, 0, 500000, tzinfo=UTC)),
        (" 20260301T1000Z ", datetime(2026, 3, 1, 10, tzinfo=UTC)),
    ],
)
def test_aware_moments_are_read(text: str, expected: datetime) -> None:
    assert parse_moment(text) == expected


@pytest.mark.parametrize("text", ["2026-03-01T10:00:00", "2026-03-01"])
def test_a_naive_moment_is_refused_with_the_remedy(text: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        parse_moment(text, field="start")
    assert refused.value.message == "Not a valid aware datetime."
    assert "+01:00" in str(refused.value)
    assert refused.value.field == "start"


@pytest.mark.parametrize(
    "text", ["tomorrow", "", "2026-13-01T00:00Z", "2026-02-30T00:00Z", "10:00Z"]
)
def test_what_is_not_a_moment_is_refused(text: str) -> None:
    with pytest.raises(InvalidInput, match="Not a valid datetime"):
        parse_moment(text)


def test_a_plus_sign_lost_in_a_url_is_recognised() -> None:
    with pytest.raises(InvalidInput, match="%2B"):
        parse_moment("2021-06-07T00:00:00 02:00")


def test_a_moment_beyond_the_calendar_is_refused() -> None:
    with pytest.raises(InvalidInput, match="9999"):
        parse_moment("0001-01-01T00:00+14:00")
    with pytest.raises(InvalidInput, match="aware"):
        require_aware(datetime(2026, 1, 1), field="start")


def test_moments_are_written_on_the_clock_of_a_zone() -> None:
    moment = datetime(2026, 7, 1, 10, tzinfo=UTC)
    assert format_moment(moment, AMSTERDAM) == "2026-07-01T12:00:00+02:00"
    assert format_moment(moment, KATHMANDU) == "2026-07-01T15:45:00+05:45"


@pytest.mark.parametrize(
    ("zone", "text"),
    [(AMSTERDAM, "1800-01-01T00:19:00+00:19"), (SANTIAGO, "1799-12-31T19:18:00-04:42")],
)
def test_offsets_are_written_in_whole_minutes(zone: ZoneInfo, text: str) -> None:
    moment = datetime(1800, 1, 1, tzinfo=UTC)
    assert format_moment(moment, zone) == text
    assert parse_moment(text) == moment


@given(moments, zones)
def test_a_written_moment_reads_back_the_same(moment: datetime, zone: ZoneInfo) -> None:
    assert parse_moment(format_moment(moment, zone)) == moment


@pytest.mark.parametrize(
    ("text", "minutes", "zone", "floored"),
    [
        ("2026-01-01T10:07:00+01:00", 15, AMSTERDAM, "2026-01-01T10:00:00+01:00"),
        ("2026-01-01T10:59:00+05:45", 60, KATHMANDU, "2026-01-01T10:00:00+05:45"),
        ("2026-01-01T10:59:00+05:45", 1440, KATHMANDU, "2026-01-01T00:00:00+05:45"),
        # A local day of 23 and one of 25 hours.
        ("2026-03-29T23:00:00+02:00", 1440, AMSTERDAM, "2026-03-29T00:00:00+01:00"),
        ("2026-10-25T23:30:00+01:00", 1440, AMSTERDAM, "2026-10-25T00:00:00+02:00"),
        # Both occurrences of an hour that the clock shows twice.
        ("2026-10-25T02:40:00+02:00", 60, AMSTERDAM, "2026-10-25T02:00:00+02:00"),
        ("2026-10-25T02:40:00+01:00", 60, AMSTERDAM, "2026-10-25T02:00:00+01:00"),
        ("2026-04-05T01:50:00+10:30", 15, LORD_HOWE, "2026-04-05T01:45:00+10:30"),
        # The step begins at 02:00, which the clock skips.
        ("2026-03-29T03:10:00+02:00", 120, AMSTERDAM, "2026-03-29T03:00:00+02:00"),
        # There is no midnight on this day.
        ("2026-09-06T12:00:00-03:00", 1440, SANTIAGO, "2026-09-06T01:00:00-03:00"),
        # Weeks begin on Mondays.
        ("2026-10-28T12:00:00+01:00", 10080, AMSTERDAM, "2026-10-26T00:00:00+01:00"),
        # Steps that do not divide a day are counted from 1970 in UTC.
        ("1970-01-01T01:08:00+01:00", 7, AMSTERDAM, "1970-01-01T01:07:00+01:00"),
    ],
)
def test_flooring(text: str, minutes: int, zone: ZoneInfo, floored: str) -> None:
    moment = floor_moment(parse_moment(text), timedelta(minutes=minutes), zone)
    assert format_moment(moment, zone) == floored


def floored_in_utc(moment: datetime, step: timedelta, zone: ZoneInfo) -> datetime:
    """In UTC, because two moments of one zone would be compared by their clocks."""
    return floor_moment(moment, step, zone).astimezone(UTC)


@given(moments | near_changes, steps, zones)
def test_a_step_begins_no_later_than_what_lies_in_it_and_is_its_own_begin(
    moment: datetime, step: timedelta, zone: ZoneInfo
) -> None:
    floored = floored_in_utc(moment, step, zone)
    assert floored <= moment
    assert moment - floored < step + timedelta(hours=1)
    assert floored_in_utc(floored, step, zone) == floored


@given(moments | near_changes, st.integers(0, 10**10), steps, zones)
def test_flooring_keeps_the_order_of_moments(
    moment: datetime, microseconds: int, step: timedelta, zone: ZoneInfo
) -> None:
    later = moment + timedelta(microseconds=microseconds)
    assert floored_in_utc(moment, step, zone) <= floored_in_utc(later, step, zone)


@given(st.lists(moments | near_changes, max_size=8), steps, zones)
def test_a_column_is_floored_like_its_moments(
    several: list[datetime], step: timedelta, zone: ZoneInfo
) -> None:
    column = np.array([moment64(moment) for moment in several], dtype="datetime64[us]")
    expected = [moment64(floor_moment(moment, step, zone)) for moment in several]
    assert floor_all(column, step, zone).tolist() == [m.item() for m in expected]


def test_a_resolution_of_zero_leaves_moments_alone_and_a_negative_one_is_refused() -> None:
    moment = datetime(2026, 1, 1, 0, 0, 1, tzinfo=UTC)
    assert floor_moment(moment, timedelta(0), AMSTERDAM) == moment
    with pytest.raises(InvalidInput, match="negative"):
        floor_moment(moment, timedelta(-1), AMSTERDAM)


@pytest.mark.parametrize(
    ("change", "text", "zone"),
    [
        (floor_moment, "0001-01-01T00:00:00Z", AMSTERDAM),
        (floor_moment, "0001-01-01T00:00:00Z", SANTIAGO),
        (floor_moment, "9999-12-31T23:59:59Z", AMSTERDAM),
        (round_moment, "9999-12-31T23:59:59Z", SANTIAGO),
    ],
)
def test_steps_outside_of_the_calendar_are_refused(
    change: Callable[..., datetime], text: str, zone: ZoneInfo
) -> None:
    with pytest.raises(InvalidInput, match="outside the years 1 to 9999") as caught:
        change(parse_moment(text), timedelta(days=1), zone, field="start")
    assert caught.value.field == "start"


def test_rounding_goes_to_the_nearest_step() -> None:
    for minute, rounded in ((7, 0), (8, 15), (22, 15), (23, 30)):
        moment = datetime(2026, 1, 1, 10, minute, tzinfo=UTC)
        expected = datetime(2026, 1, 1, 10, rounded, tzinfo=UTC)
        assert round_moment(moment, timedelta(minutes=15), AMSTERDAM) == expected

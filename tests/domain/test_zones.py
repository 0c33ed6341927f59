"""Local clocks of whole columns, compared with the standard library's one datetime at a time."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fmhost.domain.arrays import moment64, to_datetime
from fmhost.domain.zones import skipped, time_zone, to_local, to_utc
from fmhost.errors import InvalidInput

ZONES = [
    "UTC",
    "Europe/Amsterdam",
    "America/New_York",
    "America/St_Johns",
    "America/Santiago",
    "Asia/Kathmandu",
    "Asia/Kolkata",
    "Asia/Seoul",
    "Africa/Casablanca",
    "Australia/Lord_Howe",
    "Pacific/Chatham",
    "Pacific/Apia",
]
zones = st.sampled_from([ZoneInfo(name) for name in ZONES])
naive_times = st.datetimes(datetime(1935, 1, 1), datetime(2090, 1, 1))


def column(naive: list[datetime]) -> np.ndarray:
    return np.array([np.datetime64(moment, "us") for moment in naive], dtype="datetime64[us]")


@given(st.lists(naive_times, max_size=10), zones)
def test_local_clocks_are_those_of_the_standard_library(
    naive: list[datetime], zone: ZoneInfo
) -> None:
    expected = [t.replace(tzinfo=UTC).astimezone(zone).replace(tzinfo=None) for t in naive]
    np.testing.assert_array_equal(to_local(column(naive), zone), column(expected))


@given(st.lists(naive_times, max_size=10), zones, st.booleans())
def test_moments_of_local_clocks_are_those_of_the_standard_library(
    naive: list[datetime], zone: ZoneInfo, later: bool
) -> None:
    expected = [t.replace(tzinfo=zone, fold=later).astimezone(UTC) for t in naive]
    found = [to_datetime(moment) for moment in to_utc(column(naive), zone, later=later)]
    assert found == expected


@pytest.mark.parametrize("name", ZONES)
def test_each_minute_around_each_clock_change_of_two_years_agrees(name: str) -> None:
    zone = ZoneInfo(name)
    hour = timedelta(hours=1)
    hours = [datetime(2025, 12, 30) + i * hour for i in range(2 * 366 * 24)]
    offsets = [t.replace(tzinfo=UTC).astimezone(zone).utcoffset() for t in hours]
    changes = [t for t, a, b in zip(hours, offsets, offsets[1:], strict=False) if a != b]
    assert (
        name in ("UTC", "Asia/Kathmandu", "Asia/Kolkata", "Asia/Seoul", "Pacific/Apia") or changes
    )
    for change in changes:
        naive = [change + timedelta(minutes=i) for i in range(-900, 900)]
        expected = [t.replace(tzinfo=UTC).astimezone(zone).replace(tzinfo=None) for t in naive]
        np.testing.assert_array_equal(to_local(column(naive), zone), column(expected))
        for later in (False, True):
            back = [t.replace(tzinfo=zone, fold=later).astimezone(UTC) for t in naive]
            assert [to_datetime(t) for t in to_utc(column(naive), zone, later=later)] == back


@given(st.lists(naive_times, max_size=10), zones)
def test_a_moment_comes_back_from_the_local_clock_by_one_of_the_two_readings(
    naive: list[datetime], zone: ZoneInfo
) -> None:
    moments = column(naive)
    local = to_local(moments, zone)
    first, last = to_utc(local, zone), to_utc(local, zone, later=True)
    assert np.all((first == moments) | (last == moments))
    assert np.all(np.isnat(skipped(local, zone)))


def test_skipped_times_are_found_with_the_moment_of_the_change() -> None:
    local = column(
        [datetime(2026, 3, 29, 1, 59), datetime(2026, 3, 29, 2), datetime(2026, 3, 29, 2, 59)]
    )
    found = skipped(local, ZoneInfo("Europe/Amsterdam"))
    change = moment64(datetime(2026, 3, 29, 1, tzinfo=UTC))
    assert np.isnat(found[0])
    assert (found[1], found[2]) == (change, change)
    assert np.all(np.isnat(skipped(local, ZoneInfo("Asia/Kolkata"))))


def test_a_day_that_a_zone_skipped_altogether() -> None:
    # Samoa went from 29 to 31 December 2011.
    apia = ZoneInfo("Pacific/Apia")
    noon = column([datetime(2011, 12, 30, 12)])
    assert to_datetime(skipped(noon, apia)[0]) == datetime(2011, 12, 30, 10, tzinfo=UTC)


def test_the_ends_of_the_calendar_do_not_fail() -> None:
    zone = ZoneInfo("America/New_York")
    for ends in ([datetime(1, 1, 2), datetime(9999, 12, 30)], [datetime(9999, 12, 30)]):
        moments = column(ends)
        np.testing.assert_array_equal(to_utc(to_local(moments, zone), zone), moments)


def test_an_unknown_zone_is_refused_by_name() -> None:
    for name in ("Mars/Olympus", "", "../etc/passwd", "Europe"):
        with pytest.raises(InvalidInput) as refused:
            time_zone(name, field="timezone")
        assert refused.value.message == f"Invalid timezone '{name}'. Example: Asia/Seoul."
        assert refused.value.field == "timezone"

"""Durations in ISO 8601, nominal and fixed."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fmhost.domain.durations import Span, format_duration, format_span, parse_duration
from fmhost.errors import InvalidInput

AMSTERDAM = ZoneInfo("Europe/Amsterdam")
KATHMANDU = ZoneInfo("Asia/Kathmandu")
LORD_HOWE = ZoneInfo("Australia/Lord_Howe")


@pytest.mark.parametrize(
    ("text", "span"),
    [
        ("PT15M", Span(time=timedelta(minutes=15))),
        ("-PT10M", Span(time=timedelta(minutes=-10))),
        ("+PT1H", Span(time=timedelta(hours=1))),
        ("R/PT6H", Span(time=timedelta(hours=6))),
        ("R5/-PT6H", Span(time=timedelta(hours=-6))),
        ("PT24H", Span(time=timedelta(hours=24))),
        ("P1D", Span(days=1)),
        ("-P1D", Span(days=-1)),
        ("P2W", Span(days=14)),
        ("P1M", Span(months=1)),
        ("P1Y2M3DT4H", Span(months=14, days=3, time=timedelta(hours=4))),
        ("P0.5D", Span(time=timedelta(hours=12))),
        ("P1.5D", Span(days=1, time=timedelta(hours=12))),
        ("PT0.5S", Span(time=timedelta(seconds=0.5))),
        ("PT1,5H", Span(time=timedelta(minutes=90))),
        ("PT0H", Span()),
        ("PT90M", Span(time=timedelta(minutes=90))),
    ],
)
def test_durations_are_read(text: str, span: Span) -> None:
    assert parse_duration(text) == span


@pytest.mark.parametrize(
    "text",
    [
        "",
        "P",
        "PT",
        "P1DT",
        "15",
        "15 min",
        "PT-1H",
        "P1.5M",
        "P0.5Y",
        "PT1D",
        "P1H",
        "pt1h",
        "P٣D",
        "P999999999999D",
        "PT1E3S",
        "P0001-01-01T00:00:00",
        "P1M-1D",
        None,
        15,
    ],
)
def test_what_is_not_a_duration_is_refused_with_an_example(text: object) -> None:
    with pytest.raises(InvalidInput, match="PT15M") as refused:
        parse_duration(text, field="duration")  # type: ignore[arg-type]
    assert refused.value.field == "duration"


@pytest.mark.parametrize(
    ("duration", "text"),
    [
        (timedelta(hours=24), "PT24H"),
        (timedelta(0), "PT0H"),
        (timedelta(minutes=15), "PT15M"),
        (timedelta(minutes=90), "PT1H30M"),
        (timedelta(minutes=-10), "-PT10M"),
        (timedelta(days=-2, hours=1), "-PT47H"),
        (timedelta(seconds=10), "PT10S"),
        (timedelta(microseconds=1), "PT0.000001S"),
        (timedelta(seconds=3600.5), "PT1H0.5S"),
    ],
)
def test_durations_are_written_without_nominal_days(duration: timedelta, text: str) -> None:
    assert format_duration(duration) == text


@given(st.timedeltas(timedelta(days=-10000), timedelta(days=10000)))
def test_a_written_duration_reads_back_the_same(duration: timedelta) -> None:
    assert parse_duration(format_duration(duration)) == Span(time=duration)


@given(st.integers(0, 500), st.integers(0, 500), st.timedeltas(timedelta(0), timedelta(days=9)))
def test_a_written_span_reads_back_the_same(months: int, days: int, time: timedelta) -> None:
    span = Span(months, days, time)
    assert parse_duration(format_span(span)) == span
    assert parse_duration(format_span(span.times(-1))) == span.times(-1)


def test_a_span_of_mixed_signs_has_no_notation() -> None:
    with pytest.raises(InvalidInput, match="sign"):
        format_span(Span(days=1, time=timedelta(hours=-1)))


def test_a_day_lasts_as_long_as_its_zone_says() -> None:
    spring = datetime(2026, 3, 28, 12, tzinfo=AMSTERDAM)
    autumn = datetime(2026, 10, 24, 12, tzinfo=AMSTERDAM)
    day = parse_duration("P1D")
    assert day.length_from(spring, AMSTERDAM) == timedelta(hours=23)
    assert day.length_from(autumn, AMSTERDAM) == timedelta(hours=25)
    assert day.length_from(spring, KATHMANDU) == timedelta(hours=24)
    assert day.add_to(autumn, AMSTERDAM) == datetime(2026, 10, 25, 12, tzinfo=AMSTERDAM)
    assert parse_duration("PT24H").length_from(spring, AMSTERDAM) == timedelta(hours=24)


def test_a_clock_change_of_half_an_hour_counts_too() -> None:
    before = datetime(2026, 4, 4, 12, tzinfo=LORD_HOWE)
    assert parse_duration("P1D").length_from(before, LORD_HOWE) == timedelta(hours=24.5)


def test_the_zone_given_counts_and_not_that_of_the_start() -> None:
    start = datetime(2026, 3, 28, 11, tzinfo=UTC)
    assert parse_duration("P1D").length_from(start, AMSTERDAM) == timedelta(hours=23)


def test_months_are_cut_to_their_last_day() -> None:
    start = datetime(2027, 12, 31, 10, tzinfo=AMSTERDAM)
    assert parse_duration("P2M").add_to(start, AMSTERDAM).date().isoformat() == "2028-02-29"
    assert parse_duration("-P1Y10M").add_to(start, AMSTERDAM).date().isoformat() == "2026-02-28"


def test_a_local_time_that_is_skipped_counts_by_the_offset_before() -> None:
    start = datetime(2026, 3, 28, 2, 30, tzinfo=AMSTERDAM)
    end = parse_duration("P1D").add_to(start, AMSTERDAM)
    assert end.isoformat() == "2026-03-29T03:30:00+02:00"


def test_a_duration_beyond_the_calendar_is_refused() -> None:
    start = datetime(9999, 1, 1, tzinfo=UTC)
    for text in ("P2Y", "P900D", "PT90000H"):
        with pytest.raises(InvalidInput, match="9999"):
            parse_duration(text).add_to(start, AMSTERDAM)


@pytest.mark.parametrize("text", ["P999999Y", "-P999999Y", f"P{'9' * 30}Y", "P99999999W"])
def test_a_duration_longer_than_the_calendar_is_refused(text: str) -> None:
    with pytest.raises(InvalidInput, match="longer than the calendar") as caught:
        parse_duration(text, field="resolution")
    assert caught.value.field == "resolution"


def test_days_without_a_start_have_24_hours_and_months_none() -> None:
    assert parse_duration("P1DT1H").fixed() == timedelta(hours=25)
    with pytest.raises(InvalidInput, match="no length of its own"):
        parse_duration("P1M").fixed()


@given(
    st.datetimes(datetime(1950, 1, 1), datetime(2100, 1, 1)),
    st.timedeltas(timedelta(days=-400), timedelta(days=400)),
    st.sampled_from([AMSTERDAM, KATHMANDU, LORD_HOWE]),
)
def test_a_fixed_duration_is_added_to_the_moment_in_every_zone(
    naive: datetime, length: timedelta, zone: ZoneInfo
) -> None:
    start = naive.replace(tzinfo=UTC)
    end = Span(time=length).add_to(start, zone)
    # In UTC: a local time that occurs twice equals no moment of another zone.
    assert end.astimezone(UTC) == start + length
    assert end.tzinfo is zone

"""Cron expressions and intervals, across clock changes."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from fmhost.domain.recurrence import Cron, Every
from fmhost.errors import InvalidInput

ZONE = ZoneInfo("Europe/Amsterdam")


def local(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=ZONE)


def occurrences(recurrence: Cron | Every, after: datetime, count: int) -> list[str]:
    found = []
    for _ in range(count):
        after = recurrence.next_after(after, ZONE)
        assert after.tzinfo is UTC
        found.append(after.astimezone(ZONE).isoformat(timespec="minutes"))
    return found


@pytest.mark.parametrize(
    ("text", "after", "expected"),
    [
        ("0 6 * * *", "2026-03-02T06:00", "2026-03-03T06:00+01:00"),
        ("*/15 * * * *", "2026-03-02T06:14:59", "2026-03-02T06:15+01:00"),
        ("30 6,18 * * *", "2026-03-02T07:00", "2026-03-02T18:30+01:00"),
        ("0 0 1 * *", "2026-03-02T00:00", "2026-04-01T00:00+02:00"),
        ("0 9 * * mon-fri", "2026-03-06T09:00", "2026-03-09T09:00+01:00"),
        ("0 9 * * 7", "2026-03-02T00:00", "2026-03-08T09:00+01:00"),
        ("0 0 29 feb *", "2026-03-02T00:00", "2028-02-29T00:00+01:00"),
        ("0 0 13 * 5", "2026-03-02T00:00", "2026-03-06T00:00+01:00"),  # either day
        ("5/20 8 * * *", "2026-03-02T08:06", "2026-03-02T08:25+01:00"),
        ("@daily", "2026-03-02T08:06", "2026-03-03T00:00+01:00"),
    ],
)
def test_the_next_occurrence(text: str, after: str, expected: str) -> None:
    assert occurrences(Cron.parse(text), local(after), 1) == [expected]


def test_a_time_that_is_skipped_is_made_up_for() -> None:
    assert occurrences(Cron.parse("30 2 * * *"), local("2026-03-28T12:00"), 2) == [
        "2026-03-29T03:30+02:00",
        "2026-03-30T02:30+02:00",
    ]


def test_a_time_that_occurs_twice_counts_once() -> None:
    assert occurrences(Cron.parse("30 2 * * *"), local("2026-10-24T12:00"), 2) == [
        "2026-10-25T02:30+02:00",
        "2026-10-26T02:30+01:00",
    ]


def test_what_comes_every_hour_follows_real_time() -> None:
    hourly = Cron.parse("0 * * * *")
    assert occurrences(hourly, local("2026-10-25T01:00"), 3) == [
        "2026-10-25T02:00+02:00",
        "2026-10-25T02:00+01:00",
        "2026-10-25T03:00+01:00",
    ]
    assert occurrences(hourly, local("2026-03-29T01:00"), 2) == [
        "2026-03-29T03:00+02:00",
        "2026-03-29T04:00+02:00",
    ]


@pytest.mark.parametrize(
    "text",
    [
        *("", "* * * *", "60 * * * *", "* 24 * * *", "0 0 31 2 *", "a * * * *", "*/0 * * * *"),
        *("5-1 * * * *", "0 0 0 * *", "0 0 * 13 *", "0 0 * * 8", "1,,2 * * * *"),
    ],
)
def test_what_is_no_expression_is_refused(text: str) -> None:
    with pytest.raises(InvalidInput, match="is not a cron expression") as caught:
        Cron.parse(text, field="cron")
    assert caught.value.field == "cron"


def test_fixed_intervals_follow_real_time_and_days_the_clock() -> None:
    start = local("2026-03-28T12:00")
    daily, hours = Every.parse("P1D", start), Every.parse("PT24H", start)
    assert occurrences(daily, start, 2) == ["2026-03-29T12:00+02:00", "2026-03-30T12:00+02:00"]
    assert occurrences(hours, start, 2) == ["2026-03-29T13:00+02:00", "2026-03-30T13:00+02:00"]
    assert daily.next_after(start - timedelta(days=9), ZONE) == start


@pytest.mark.parametrize("text", ["PT15M", "P1D", "P1W", "P1M", "P1Y", "P1DT1H"])
def test_far_ahead_the_next_one_is_still_the_first_after(text: str) -> None:
    every = Every.parse(text, local("2020-01-31T00:15"))
    moment = local("2026-07-07T07:07")
    found = every.next_after(moment, ZONE)
    assert found > moment
    before = [every.span.times(n).add_to(every.start, ZONE) for n in range(0, 2400)]
    assert text == "PT15M" or found == min(at for at in before if at > moment)
    assert found - moment <= timedelta(days=366)


@pytest.mark.parametrize("text", ["PT59S", "-PT1H", "P0D", "tomorrow"])
def test_intervals_are_a_minute_or_more(text: str) -> None:
    with pytest.raises(InvalidInput):
        Every.parse(text, local("2026-01-01T00:00"), field="interval")

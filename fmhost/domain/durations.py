"""Durations in the notation of ISO 8601, with calendar parts that depend on where they start.

`PT24H` is a fixed length of time. `P1D` and `P1M` are nominal: a day lasts 23 hours where daylight
saving begins, and a month as long as the calendar says. They become fixed once the start and its
time zone are known.
"""

from __future__ import annotations

import calendar
import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Final
from zoneinfo import ZoneInfo

import isodate

from fmhost.errors import InvalidInput

_NOTATION: Final = re.compile(
    r"(?:R[0-9]*/)?(?P<sign>[+-]?)P(?P<date>[^T]*)(?:T(?P<time>.+))?", re.ASCII
)

#: From the first year of the calendar to its last.
_MOST_MONTHS: Final = 9999 * 12
_MOST_DAYS: Final = 9999 * 366


@dataclass(frozen=True, slots=True)
class Span:
    """A duration: months and days of the calendar, then a fixed length of time.

    :param months: nominal months; a year counts twelve.
    :param days: nominal days; a week counts seven.
    :param time: the fixed part.
    """

    months: int = 0
    days: int = 0
    time: timedelta = timedelta(0)

    @property
    def is_nominal(self) -> bool:
        """Whether the length depends on where the duration starts."""
        return bool(self.months or self.days)

    def add_to(self, start: datetime, zone: ZoneInfo) -> datetime:
        """The moment at which a duration from `start` ends, on the calendar of `zone`.

        Months go first (the day of the month is cut to the month's last day), then days, on the
        local clock; then the fixed part. A local time that a clock change skips counts by the
        offset before the change; one that occurs twice counts as its first occurrence.

        :raises InvalidInput: where the result lies outside the calendar (years 1 to 9999).
        """
        try:
            if not self.is_nominal:
                return (start.astimezone(UTC) + self.time).astimezone(zone)
            local = start.astimezone(zone)
            clock = _plus_months(local.replace(tzinfo=None), self.months)
            moved = (clock + timedelta(days=self.days)).replace(tzinfo=zone)
            return (moved.astimezone(UTC) + self.time).astimezone(zone)
        except (OverflowError, ValueError) as error:
            raise InvalidInput("A duration leads outside the years 1 to 9999.") from error

    def length_from(self, start: datetime, zone: ZoneInfo) -> timedelta:
        """The fixed length of the duration that begins at `start`, on the calendar of `zone`."""
        return self.add_to(start, zone).astimezone(UTC) - start.astimezone(UTC)

    def fixed(self) -> timedelta:
        """The length where there is no start to resolve it from: a day counts 24 hours.

        :raises InvalidInput: where the duration has months or years.
        """
        if self.months:
            raise InvalidInput(
                "A duration in months or years has no length of its own.",
                hint="Give days, hours, minutes or seconds, such as P30D or PT6H.",
            )
        return timedelta(days=self.days) + self.time

    def times(self, count: int) -> Span:
        """The duration taken `count` times."""
        return Span(self.months * count, self.days * count, self.time * count)


def _plus_months(clock: datetime, months: int) -> datetime:
    if not months:
        return clock
    year, month = divmod(clock.year * 12 + clock.month - 1 + months, 12)
    last = calendar.monthrange(year, month + 1)[1]
    return clock.replace(year=year, month=month + 1, day=min(clock.day, last))


def parse_duration(text: str, *, field: str | None = None) -> Span:
    """A duration such as `PT15M`, `P1D`, `-PT10M` or (the older notation) `R/PT6H`.

    :param field: name of the field, for the message.
    :raises InvalidInput: where the text is not a duration, or one longer than the calendar.
    """
    try:
        span = _parse(text)
    except (ValueError, ArithmeticError, AttributeError, TypeError) as error:
        raise InvalidInput(
            f"Cannot parse duration '{text}'.",
            field=field,
            hint="Give an ISO 8601 duration, such as PT15M, PT24H or P1D.",
        ) from error
    if abs(span.months) > _MOST_MONTHS or abs(span.days) > _MOST_DAYS:
        raise InvalidInput(f"The duration '{text}' is longer than the calendar.", field=field)
    return span


def _parse(text: str) -> Span:
    match = _NOTATION.fullmatch(text.strip())
    if match is None or not (match["date"] or match["time"]):
        raise ValueError("not a duration")
    sign = -1 if match["sign"] == "-" else 1
    months, days, rest = _calendar_part(match["date"]) if match["date"] else (0, 0, timedelta(0))
    if match["time"] is not None:
        rest += _fixed(isodate.parse_duration(f"PT{match['time']}"))
    return Span(months, days, rest).times(sign)


def _calendar_part(text: str) -> tuple[int, int, timedelta]:
    """Months, whole days, and what a fraction of a day leaves."""
    found = isodate.parse_duration(f"P{text}")
    months = Decimal(0)
    if isinstance(found, isodate.Duration):
        if re.search(r"[.,][0-9]*[YM]", text):
            raise ValueError("years and months are whole numbers")
        months = found.years * 12 + found.months
        found = found.tdelta
    return int(months), found.days, found - timedelta(days=found.days)


def _fixed(found: object) -> timedelta:
    if not isinstance(found, timedelta):
        raise ValueError("not a time")
    return found


def format_duration(duration: timedelta) -> str:
    """A fixed duration without nominal days: `PT24H`, `PT1H30M`, `-PT10M`, `PT0.5S`, `PT0H`."""
    sign = "-" if duration < timedelta(0) else ""
    size = abs(duration)
    hours, rest = divmod(size, timedelta(hours=1))
    minutes, rest = divmod(rest, timedelta(minutes=1))
    text = f"{hours}H" if hours else ""
    text += f"{minutes}M" if minutes else ""
    if rest:
        text += f"{rest.seconds}.{rest.microseconds:06d}".rstrip("0").rstrip(".") + "S"
    return f"{sign}PT{text or '0H'}"


def format_span(span: Span) -> str:
    """A duration in ISO 8601, with its calendar parts: `P1M`, `P1DT2H`; without them as fixed."""
    if not span.is_nominal:
        return format_duration(span.time)
    negative = max(span.months, span.days, key=abs) < 0
    size = span.times(-1) if negative else span
    if min(size.months, size.days) < 0 or size.time < timedelta(0):
        raise InvalidInput("A duration whose parts differ in sign has no notation in ISO 8601.")
    text = (f"{size.months}M" if size.months else "") + (f"{size.days}D" if size.days else "")
    time = format_duration(size.time).removeprefix("P") if size.time else ""
    return ("-P" if negative else "P") + text + time


def in_words(duration: timedelta) -> str:
    """A length as people say it, to the second: `2 hours and 15 minutes`, `0 seconds`."""
    rest = round(duration.total_seconds())
    parts = []
    for name, seconds in (("day", 86400), ("hour", 3600), ("minute", 60), ("second", 1)):
        count, rest = divmod(rest, seconds)
        if count:
            parts.append(f"{count} {name}{'' if count == 1 else 's'}")
    if not parts:
        return "0 seconds"
    return parts[0] if len(parts) == 1 else f"{', '.join(parts[:-1])} and {parts[-1]}"

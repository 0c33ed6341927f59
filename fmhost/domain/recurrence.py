"""When something recurs: by a cron expression or every so often, on the clock of a time zone."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from fmhost.domain.durations import Span, parse_duration
from fmhost.errors import InvalidInput

_WEEKDAYS: Final = ("sun", "mon", "tue", "wed", "thu", "fri", "sat")
_MONTHS: Final = (
    *("jan", "feb", "mar", "apr", "may", "jun"),
    *("jul", "aug", "sep", "oct", "nov", "dec"),
)
_SHORTHANDS: Final = {
    "@hourly": "0 * * * *",
    "@daily": "0 0 * * *",
    "@midnight": "0 0 * * *",
    "@weekly": "0 0 * * 0",
    "@monthly": "0 0 1 * *",
    "@yearly": "0 0 1 1 *",
    "@annually": "0 0 1 1 *",
}
#: Every possible day comes within that: 29 February does, around 2100, too.
_LONGEST: Final = timedelta(days=8 * 366)
#: Nothing recurs more often than that.
SHORTEST: Final = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Cron:
    """A cron expression with five fields: minute, hour, day of month, month, day of week.

    Lists, ranges, steps, names of months and days, and shorthands such as ``@daily`` are
    understood. Where both days are restricted, either is enough, as in every cron.

    A time that daylight saving skips is made up for at the moment the clocks change by; one that
    occurs twice counts once, unless the hour is ``*`` (or ``*/n``), which follows real time.
    """

    minutes: frozenset[int]
    hours: frozenset[int]
    days: frozenset[int]
    months: frozenset[int]
    weekdays: frozenset[int]
    any_hour: bool
    any_day: bool
    any_weekday: bool

    @classmethod
    def parse(cls, text: str, *, field: str | None = None) -> Cron:
        """Read an expression such as ``*/15 6-18 * * mon-fri``.

        :raises InvalidInput: where it is none, or has no occurrence.
        """
        parts = _SHORTHANDS.get(text.strip().lower(), text).lower().split()
        try:
            if len(parts) != 5:
                raise ValueError(f"it has {len(parts)} fields instead of five")
            weekdays = _values(parts[4], 0, 7, _WEEKDAYS)
            made = cls(
                minutes=_values(parts[0], 0, 59),
                hours=_values(parts[1], 0, 23),
                days=_values(parts[2], 1, 31),
                months=_values(parts[3], 1, 12, _MONTHS, first=1),
                weekdays=frozenset(day % 7 for day in weekdays),
                any_hour=parts[1].startswith("*"),
                any_day=parts[2].startswith("*"),
                any_weekday=parts[4].startswith("*"),
            )
            made.next_after(datetime(2024, 1, 1, tzinfo=UTC), ZoneInfo("UTC"))
        except ValueError as error:
            raise InvalidInput(
                f"'{text}' is not a cron expression: {error}.",
                field=field,
                hint="Give minute, hour, day of month, month and day of week, such as "
                "'0 6 * * mon-fri'.",
            ) from error
        return made

    def next_after(self, moment: datetime, zone: ZoneInfo) -> datetime:
        """The first occurrence after `moment`; aware, in UTC.

        :raises ValueError: where there is none within eight years.
        """
        first = moment.astimezone(zone).date() - timedelta(days=1)
        for offset in range(_LONGEST.days):
            day = first + timedelta(days=offset)
            if self._on(day):
                found = min((at for at in self._of(day, zone) if at > moment), default=None)
                if found is not None:
                    return found
        raise ValueError("there is no such day")

    def _on(self, day: date) -> bool:
        if day.month not in self.months:
            return False
        by_month, by_week = day.day in self.days, day.isoweekday() % 7 in self.weekdays
        if self.any_day or self.any_weekday:
            return by_month and by_week
        return by_month or by_week

    def _of(self, day: date, zone: ZoneInfo) -> Iterator[datetime]:
        """The occurrences on a local day, in UTC."""
        for hour in self.hours:
            for minute in self.minutes:
                local = datetime.combine(day, time(hour, minute), tzinfo=zone)
                at = local.astimezone(UTC)
                # A local time that is skipped counts by the offset before the change.
                exists = at.astimezone(zone).replace(tzinfo=None) == local.replace(tzinfo=None)
                if exists or not self.any_hour:
                    yield at
                if self.any_hour:
                    again = local.replace(fold=1).astimezone(UTC)
                    if exists and again != at:
                        yield again


@dataclass(frozen=True, slots=True)
class Every:
    """Every so often from a start on.

    :param span: fixed, or nominal: ``P1D`` keeps its local time when the clocks change.
    :param start: the first occurrence.
    """

    span: Span
    start: datetime

    @classmethod
    def parse(cls, text: str, start: datetime, *, field: str | None = None) -> Every:
        """Read a duration such as ``PT15M`` or ``P1D``.

        :raises InvalidInput: where it is none, or shorter than a minute.
        """
        span = parse_duration(text, field=field)
        shortest = timedelta(days=28 * span.months + span.days) + span.time
        if shortest < SHORTEST or min(span.months, span.days) < 0 or span.time < timedelta(0):
            raise InvalidInput(
                f"'{text}' is shorter than a minute.", field=field, hint="Give PT1M or more."
            )
        return cls(span, start)

    def next_after(self, moment: datetime, zone: ZoneInfo) -> datetime:
        """The first occurrence after `moment`; aware, in UTC."""
        if moment < self.start:
            return self.start.astimezone(UTC)
        longest = timedelta(days=31 * self.span.months + self.span.days) + self.span.time
        # Nominal days and months are shorter than that by a clock change or some days.
        number = max(0, int((moment - self.start) / (longest + timedelta(hours=1))))
        if not self.span.is_nominal:
            number = (moment - self.start) // self.span.time
        while True:
            at = self.span.times(number).add_to(self.start, zone).astimezone(UTC)
            if at > moment:
                return at
            number += 1


Recurrence = Cron | Every


def _values(
    text: str, low: int, high: int, names: Sequence[str] = (), *, first: int = 0
) -> frozenset[int]:
    """The numbers that a field names.

    :param names: words for the numbers from `first` on.
    """
    found: set[int] = set()
    for part in text.split(","):
        span, _, step = part.partition("/")
        begin, dash, end = span.partition("-")
        if span == "*":
            lowest, highest = low, high
        else:
            lowest = _number(begin, names, first)
            highest = _number(end, names, first) if dash else high if step else lowest
        if not low <= lowest <= highest <= high:
            raise ValueError(f"'{part}' is not within {low} to {high}")
        stride = int(step) if step else 1
        if stride < 1:
            raise ValueError(f"'{part}' has no step")
        found.update(range(lowest, highest + 1, stride))
    return frozenset(found)


def _number(text: str, names: Sequence[str], first: int) -> int:
    if text in names:
        return names.index(text) + first
    if not text.isdecimal():
        raise ValueError(f"'{text}' is no number")
    return int(text)

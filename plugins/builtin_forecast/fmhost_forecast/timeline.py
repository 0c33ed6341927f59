"""A grid of events with their local time: where the same time of another day is."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cached_property
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]

DAY = timedelta(days=1)
_US = timedelta(microseconds=1)
_DAY_US = DAY // _US


@dataclass(frozen=True)
class Timeline:
    """Events of equal length, one after another.

    :param start: start of the first event; aware, in UTC.
    :param step: length of an event.
    :param size: number of events.
    :param zone: of local time.
    """

    start: datetime
    step: timedelta
    size: int
    zone: ZoneInfo

    @classmethod
    def between(cls, start: datetime, end: datetime, step: timedelta, zone: ZoneInfo) -> Timeline:
        """The events from `start` on that begin before `end`."""
        return cls(start.astimezone(UTC), step, max(0, -((start - end) // step)), zone)

    @property
    def end(self) -> datetime:
        """End of the last event."""
        return self.start + self.step * self.size

    @property
    def steps_a_day(self) -> int:
        """Number of events in 24 hours, at least one."""
        return max(1, round(DAY / self.step))

    @cached_property
    def ticks(self) -> Integers:
        """Starts of the events [µs since the epoch, UTC]."""
        first = (self.start - datetime(1970, 1, 1, tzinfo=UTC)) // _US
        return first + np.arange(self.size, dtype=np.int64) * (self.step // _US)

    @cached_property
    def offsets(self) -> Integers:
        """Offset of local time from UTC at the start of each event [µs]."""
        offsets: Integers = np.empty(self.size, dtype=np.int64)
        chunk = self.steps_a_day
        for begin in range(0, self.size, chunk):
            end = min(begin + chunk, self.size)
            first, last = self._offset(begin), self._offset(end - 1)
            offsets[begin:end] = first
            if first != last:
                offsets[begin:end] = [self._offset(position) for position in range(begin, end)]
        return offsets

    def _offset(self, position: int) -> int:
        moment = (self.start + self.step * position).astimezone(self.zone)
        return (moment.utcoffset() or timedelta(0)) // _US

    @cached_property
    def local(self) -> Integers:
        """Local time of the starts [µs since the epoch of local time]."""
        return self.ticks + self.offsets

    @property
    def hour(self) -> Floats:
        """Local time of the day [h]."""
        return (self.local % _DAY_US) / 3.6e9

    @property
    def weekday(self) -> Integers:
        """Local day of the week; 0 is Monday."""
        return (self.local // _DAY_US + 3) % 7

    @property
    def year_share(self) -> Floats:
        """Which part of the (mean) year has passed."""
        return self.local / (_DAY_US * 365.2425) % 1.0

    def days_before(self, days: int) -> Integers:
        """Position of the event at the same local time so many days earlier; -1 where outside."""
        plain = np.arange(self.size, dtype=np.int64) - round(days * DAY / self.step)
        inside = np.maximum(plain, 0)
        shift = (self.offsets - self.offsets[inside]) // (self.step // _US)
        found = np.where(plain >= 0, plain + np.where(plain >= 0, shift, 0), -1)
        limit = np.arange(self.size)
        return np.where((found >= 0) & (found < np.maximum(limit, 1)), found, -1)

    def before(self, series: Floats, days: int) -> Floats:
        """What `series` says at the same local time so many days earlier; NaN where outside."""
        positions = self.days_before(days)
        return np.where(positions >= 0, series[positions], np.nan)

"""Days on which drivers are tried: an ordinary one, and those of 23 and 25 hours."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fmhost.domain.zones import time_zone


@dataclass(frozen=True, slots=True)
class Day:
    """A day by the clock of a time zone."""

    zone: str
    date: date

    @property
    def start(self) -> datetime:
        """The midnight at its begin, in UTC."""
        midnight = datetime.combine(self.date, time(), time_zone(self.zone))
        return midnight.astimezone(UTC)

    @property
    def end(self) -> datetime:
        """The midnight at its end, in UTC."""
        return Day(self.zone, self.date + timedelta(days=1)).start

    @property
    def length(self) -> timedelta:
        """23, 24 or 25 hours."""
        return self.end - self.start

    @property
    def local_start(self) -> datetime:
        """Its begin with the zone's offset, as somebody there would write it."""
        return self.start.astimezone(time_zone(self.zone))

    def events(self, resolution: timedelta) -> NDArray[np.datetime64]:
        """The starts of all steps of the day, datetime64[us] in UTC."""
        steps: NDArray[Any] = np.arange(self.length // resolution) * np.timedelta64(resolution)
        return np.datetime64(self.start.replace(tzinfo=None), "us") + steps

    def __str__(self) -> str:
        hours = self.length / timedelta(hours=1)
        return f"{self.date} in {self.zone} ({hours:g} hours)"


ORDINARY = Day("Europe/Amsterdam", date(2026, 3, 3))

#: Clocks jump ahead and back, in a zone of full hours and in one of half hours.
CLOCK_CHANGES = (
    Day("Europe/Amsterdam", date(2026, 3, 29)),
    Day("Europe/Amsterdam", date(2026, 10, 25)),
    Day("Australia/Adelaide", date(2026, 10, 4)),
    Day("Australia/Adelaide", date(2026, 4, 5)),
)

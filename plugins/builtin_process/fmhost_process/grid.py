"""The time grid of a schedule: steps of equal length, counted from its start."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import numpy as np

from fmhost_process.allocation import BoolArray


@dataclass(frozen=True)
class Period:
    """From `start` to before `end`; a moment where they are equal. Aware."""

    start: datetime
    end: datetime


@dataclass(frozen=True)
class Grid:
    """Steps 0..N-1 of equal length; tick ``i`` is where step ``i`` begins, tick N is the end.

    Lengths are those of UTC, so that a day of 23 or 25 hours has as many hourly steps.

    :param start: moment of tick 0; aware.
    :param resolution: length of a step.
    :param steps: their number N.
    """

    start: datetime
    resolution: timedelta
    steps: int

    @classmethod
    def within(cls, start: datetime, end: datetime, resolution: timedelta) -> Grid:
        """The whole steps between `start` and `end`: no process runs on after the end."""
        start = start.astimezone(UTC)
        return cls(start, resolution, (end.astimezone(UTC) - start) // resolution)

    @property
    def end(self) -> datetime:
        """Moment of tick N; aware, in UTC."""
        return self.moment(self.steps)

    @property
    def hours(self) -> float:
        """Length of a step [h]."""
        return self.resolution / timedelta(hours=1)

    def moment(self, tick: int) -> datetime:
        """The moment of a tick; aware, in UTC."""
        return self.start + int(tick) * self.resolution

    def steps_for(self, duration: timedelta) -> int:
        """The number of steps that a duration takes; a step begun counts."""
        return -(-duration // self.resolution)

    def steps_of(self, period: Period) -> slice:
        """The steps that a period overlaps, however little; for a moment the step it lies in."""
        first = (period.start.astimezone(UTC) - self.start) // self.resolution
        last = self.steps_for(period.end.astimezone(UTC) - self.start)
        if period.end == period.start:
            last = first + 1
        return slice(max(first, 0), max(last, 0))

    def free_of(self, periods: Iterable[Period]) -> BoolArray:
        """The steps that no period overlaps, shape (N,)."""
        free = np.ones(self.steps, dtype=np.bool_)
        for period in periods:
            free[self.steps_of(period)] = False
        return free

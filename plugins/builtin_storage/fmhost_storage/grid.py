"""The time grid of a schedule: steps of equal length, counted from its start."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import numpy as np

from fmhost_storage.arrays import FloatArray


@dataclass(frozen=True)
class Grid:
    """Steps 0..T-1 of equal length; tick ``t`` is where step ``t`` begins, tick T is the end.

    :param start: moment of tick 0; aware.
    :param resolution: length of a step.
    :param steps: their number T.
    """

    start: datetime
    resolution: timedelta
    steps: int

    @classmethod
    def covering(cls, start: datetime, end: datetime, resolution: timedelta) -> Grid:
        """The steps from `start` on of which the last contains or meets `end`.

        Lengths are those of UTC, so that a day of 23 or 25 hours has as many hourly steps.
        """
        start = start.astimezone(UTC)
        return cls(start, resolution, -((start - end.astimezone(UTC)) // resolution))

    @property
    def end(self) -> datetime:
        """Moment of tick T; aware."""
        return self.moment(self.steps)

    @property
    def hours(self) -> FloatArray:
        """Length of each step [h], shape (T,)."""
        return np.full(self.steps, self.resolution / timedelta(hours=1))

    def moment(self, tick: int) -> datetime:
        """The moment of a tick; aware."""
        return self.start + tick * self.resolution

    def tick_before(self, moment: datetime) -> int:
        """The last tick at or before a moment; may lie outside 0..T."""
        return (moment - self.start) // self.resolution

    def tick_after(self, moment: datetime) -> int:
        """The first tick at or after a moment; may lie outside 0..T."""
        return -((self.start - moment) // self.resolution)

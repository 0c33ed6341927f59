"""Windows: a span of time cut into steps."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

import numpy as np

from fmhost.domain.arrays import MOMENT, Moments, epoch_microseconds, microseconds, moment64
from fmhost.domain.durations import Span
from fmhost.domain.moments import require_aware
from fmhost.errors import InvalidInput

_UTC: Final = ZoneInfo("UTC")

MOST_STEPS: Final = 50_000_000
"""Longer windows are refused rather than filling the memory."""


@dataclass(frozen=True, slots=True)
class Window:
    """The whole steps within [start, end), counted from the start.

    :param start: aware; the begin of the first step.
    :param end: aware; what remains after the last whole step does not belong to the window.
    :param resolution: length of a step: fixed, or of the calendar (a :class:`Span` of days or
        months), in which case the steps have the length that the zone's calendar gives them.
    :param zone: the zone of calendar steps.
    :raises InvalidInput: where a moment is naive, the end lies before the start, the resolution is
        not longer than zero, or the steps are too many.
    """

    start: datetime
    end: datetime
    resolution: timedelta | Span
    zone: ZoneInfo = _UTC

    def __post_init__(self) -> None:
        require_aware(self.start, field="start")
        require_aware(self.end, field="end")
        if self.length < timedelta(0):
            raise InvalidInput("The end of a window cannot lie before its start.", field="end")
        shortest = self._shortest_step()
        if shortest <= timedelta(0):
            raise InvalidInput("A resolution must be longer than zero.", field="resolution")
        if self.length / shortest > MOST_STEPS:
            raise InvalidInput(
                f"The window has more than {MOST_STEPS} steps.",
                field="resolution",
                hint="Ask for a shorter window or a coarser resolution.",
            )

    def _shortest_step(self) -> timedelta:
        if isinstance(self.resolution, timedelta):
            return self.resolution
        if self.resolution.months < 0 or self.resolution.days < 0:
            return timedelta(0)
        days = self.resolution.months * 28 + self.resolution.days
        return timedelta(days=days) * (22 / 24) + self.resolution.time

    @property
    def length(self) -> timedelta:
        """The time between start and end, whatever their clocks do in between."""
        # Two moments of one zone would be subtracted by their clocks.
        return self.end.astimezone(UTC) - self.start.astimezone(UTC)

    def __len__(self) -> int:
        """The number of whole steps."""
        if isinstance(self.resolution, timedelta):
            return self.length // self.resolution
        return len(self.edges()) - 1

    @property
    def ticks(self) -> Moments:
        """The starts of the steps, `datetime64[us]` in UTC."""
        return self.edges()[:-1]

    def edges(self) -> Moments:
        """The starts of the steps and the end of the last one; `datetime64[us]` in UTC."""
        if isinstance(self.resolution, timedelta):
            steps = np.arange(len(self) + 1, dtype=np.int64) * microseconds(self.resolution)
            return (epoch_microseconds(self.start) + steps).view(MOMENT)
        found = [moment64(self.start)]
        end = moment64(self.end)
        while True:
            # From the start each time: adding month by month would lose the 31st for good.
            following = moment64(self.resolution.times(len(found)).add_to(self.start, self.zone))
            if following > end:
                return np.array(found, dtype=MOMENT)
            found.append(following)

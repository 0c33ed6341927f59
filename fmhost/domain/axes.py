"""Where axes have their ticks: round numbers, round moments."""

from __future__ import annotations

import math
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta, tzinfo
from itertools import pairwise


def nice_ticks(low: float, high: float, *, count: int) -> list[float]:
    """About `count` round numbers at equal distance, from at or below `low` to at or above `high`.

    :param low: smaller than `high`. What is too close to tell apart is set further apart.
    """
    span = max(high - low, 1e-12 * max(abs(low), abs(high)), 1e-300)
    rough = span / count
    magnitude = 10.0 ** math.floor(math.log10(rough))
    step = next(
        magnitude * factor for factor in (1, 2, 2.5, 5, 10) if magnitude * factor >= rough * 0.999
    )
    first = math.floor(low / step + 1e-9)
    last = max(math.ceil(high / step - 1e-9), first + 1)
    return [number * step for number in range(first, last + 1)]


def decimals(ticks: Sequence[float]) -> int:
    """Decimal places that tell the ticks apart, at most 12."""
    tolerance = 1e-6 * min((after - tick for tick, after in pairwise(ticks)), default=1.0)
    for places in range(12):
        if all(abs(tick - round(tick, places)) <= tolerance for tick in ticks):
            return places
    return 12


#: Distances between labels of the time axis.
_DISTANCES = [timedelta(minutes=minutes) for minutes in (1, 5, 15, 30, 60, 120, 180, 360, 720)]


def time_ticks(start: datetime, end: datetime, zone: tzinfo, *, at_most: int) -> list[datetime]:
    """Round moments in [start, end], at most `at_most`, in `zone` and counted from its midnight."""
    distances = [*_DISTANCES, *(timedelta(days=days) for days in (1, 2, 7, 14, 28, 91, 182, 364))]
    start, end = start.astimezone(UTC), end.astimezone(UTC)
    span = end - start
    distance = next((d for d in distances if span / d <= at_most), timedelta(days=364))
    while span / distance > at_most:
        distance *= 2
    local = start.astimezone(zone)
    midnight = local.replace(hour=0, minute=0, second=0, microsecond=0, tzinfo=None)
    ticks: list[datetime] = []
    number = 0
    while True:
        # Steps in local wall time, so that labels stay round when the clock changes.
        wall = (midnight + number * distance).replace(tzinfo=zone)
        number += 1
        moment = wall.astimezone(UTC)  # two moments of one zone subtract as wall times
        if moment > end:
            return ticks
        if moment >= start and len(ticks) < at_most + 1:
            ticks.append(wall)

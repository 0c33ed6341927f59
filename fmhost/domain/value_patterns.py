"""How values are distributed: over their range, over the hours of days, and of weeks."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final
from zoneinfo import ZoneInfo

import numpy as np

from fmhost.domain.arrays import Floats, Integers, Moments, duration64
from fmhost.domain.zones import to_local

_HOUR: Final = timedelta(hours=1)
_MOST_BINS: Final = 60
#: 1970-01-05, a Monday, in days since the epoch.
_A_MONDAY: Final = 4


def histogram(values: Floats) -> tuple[Floats, Integers]:
    """The edges of at most 60 bins, and how many values lie in each.

    :param values: all known.
    """
    edges = np.histogram_bin_edges(values, "auto") if len(values) else np.array([0.0, 1.0])
    if len(edges) > _MOST_BINS + 1:
        edges = np.histogram_bin_edges(values, _MOST_BINS)
    counts, edges = np.histogram(values, edges)
    return edges, counts.astype(np.int64)


@dataclass(frozen=True, slots=True, eq=False)
class Heatmap:
    """The mean of the values in each hour of each day (or week).

    :param days: the first day of each row, ascending, without rows of which nothing is known.
    :param hours: how many there are in a row: 24 or 168.
    :param rows: of each cell its row; likewise `columns`, its hour on the clock, and `means`.
    """

    days: list[date]
    hours: int
    rows: Integers
    columns: Integers
    means: Floats


def heatmap(
    starts: Moments, resolution: timedelta, values: Floats, zone: ZoneInfo, *, weekly: bool
) -> Heatmap:
    """The means of the values by the hours of the local clock.

    An event counts in the hour in which it starts; one that is longer than an hour in each hour
    that it lasts. An hour that the clock shows twice is one.

    :param values: all known.
    :param weekly: a row is a week, which begins on Monday.
    """
    if resolution > _HOUR:
        count = resolution // _HOUR
        starts = (starts[:, None] + np.arange(count) * duration64(_HOUR)).ravel()
        values = np.repeat(values, count)
    hours = to_local(starts, zone).astype("datetime64[h]").astype(np.int64)
    days, columns = np.divmod(hours, 24)
    if weekly:
        weekday = (days - _A_MONDAY) % 7
        days, columns = days - weekday, columns + 24 * weekday
    width = 168 if weekly else 24
    shown, rows = np.unique(days, return_inverse=True)
    cells, place = np.unique(rows * width + columns, return_inverse=True)
    means = np.bincount(place, values) / np.bincount(place)
    return Heatmap(
        [date(1970, 1, 1) + timedelta(days=day) for day in shown.tolist()],
        width,
        cells // width,
        cells % width,
        means,
    )

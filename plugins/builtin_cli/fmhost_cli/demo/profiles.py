"""The bundled week: day-ahead prices, sunshine and consumption by weekday and time of day.

The figures are shaped like those of a European market with much solar power (mornings and evenings
dear, middays cheap, Sundays below zero), of a roof in spring, and of a small office. They were made
for this program; none of them was copied from a market or a meter.
"""

from __future__ import annotations

import csv
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta, tzinfo
from functools import cache
from importlib.resources import files


@cache
def _week(name: str) -> Sequence[Sequence[float]]:
    """The rows of a file, from Monday to Sunday; each row divides its day evenly."""
    text = files("fmhost_cli.demo").joinpath(f"{name}.csv").read_text(encoding="utf-8")
    rows = list(csv.reader(text.splitlines()))[1:]
    return [[float(value) for value in row[1:]] for row in rows]


def series(
    name: str, start: datetime, end: datetime, resolution: timedelta, zone: tzinfo
) -> list[float]:
    """The profile for each step of [start, end).

    :param name: ``prices`` [EUR/MWh, hourly], ``solar`` [kW per installed kW, every 15 minutes] or
        ``load`` [kW, every 15 minutes].
    :param zone: on whose clock the day passes; where the clock changes, an hour of the profile is
        left out or comes twice.
    """
    week = _week(name)
    values = []
    moment = start.astimezone(UTC)
    while moment < end:
        local = moment.astimezone(zone)
        day = week[local.weekday()]
        passed = local.hour * 3600 + local.minute * 60 + local.second
        values.append(day[passed * len(day) // 86400])
        moment += resolution
    return values

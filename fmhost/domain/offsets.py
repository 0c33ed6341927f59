"""Moments relative to another one: ``-1D,DB`` is yesterday, at the begin of the day."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from fmhost.domain.durations import Span
from fmhost.domain.moments import floor_moment
from fmhost.errors import InvalidInput

_STEP: Final = re.compile(r"(?P<count>[+-]?[0-9]{0,6})(?P<unit>[A-Za-z]+)", re.ASCII)

_LENGTHS: Final[Mapping[str, Span]] = {
    "s": Span(time=timedelta(seconds=1)),
    "min": Span(time=timedelta(minutes=1)),
    "h": Span(time=timedelta(hours=1)),
    "d": Span(days=1),
    "w": Span(days=7),
    "m": Span(months=1),
    "y": Span(months=12),
}
#: To the begin of the hour, day, week (Monday), month or year.
_BEGINS: Final = ("HB", "DB", "WB", "MB", "YB")


def moved(moment: datetime, offsets: str, zone: ZoneInfo, *, field: str | None = None) -> datetime:
    """The moment to which steps lead, one after another.

    :param offsets: separated by commas. A number of seconds, minutes, hours, days, weeks, months or
        years (``30min``, ``-3D``, ``1W``; without a number it is one), or the begin of the hour,
        day, week, month or year (``HB``, ``DB``, ``WB``, ``MB``, ``YB``).
    :param zone: on whose clock.
    :raises InvalidInput: naming `field`.
    """
    for step in offsets.split(","):
        moment = _step(moment, step.strip(), zone, field)
    return moment


def _step(moment: datetime, step: str, zone: ZoneInfo, field: str | None) -> datetime:
    match = _STEP.fullmatch(step)
    unit = match["unit"] if match else ""
    if match and unit in _BEGINS and not match["count"]:
        return _begin(moment, unit, zone, field)
    length = _LENGTHS.get(unit.lower())
    if match is None or length is None:
        raise InvalidInput(
            f"'{step}' is no offset in time.",
            field=field,
            hint="Such as -3D, 6h, 30min, 1W, -1M, or the begin of the hour, day, week, month or "
            "year: HB, DB, WB, MB, YB; several with commas: -1D,DB.",
        )
    count = match["count"]
    number = int(count) if count.lstrip("+-") else int(f"{count}1")
    try:
        return length.times(number).add_to(moment, zone)
    except InvalidInput as error:
        error.field = field
        raise


def _begin(moment: datetime, unit: str, zone: ZoneInfo, field: str | None) -> datetime:
    if unit in ("HB", "DB", "WB"):
        length = {"HB": timedelta(hours=1), "DB": timedelta(days=1), "WB": timedelta(days=7)}[unit]
        return floor_moment(moment, length, zone, field=field)
    day = moment.astimezone(zone).replace(day=1, hour=12, minute=0, second=0, microsecond=0)
    if unit == "YB":
        day = day.replace(month=1)
    return floor_moment(day, timedelta(days=1), zone, field=field)

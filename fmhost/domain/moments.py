"""Moments: reading, writing and flooring datetimes that know their offset from UTC."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta, timezone
from typing import Final
from zoneinfo import ZoneInfo

import numpy as np

from fmhost.domain.arrays import MOMENT, Moments, as_integers, microseconds, moment64, to_datetime
from fmhost.domain.zones import skipped, to_local, to_utc
from fmhost.errors import InvalidInput

_DAY: Final = 24 * 3600 * 10**6
_FIRST_MONDAY: Final = 4 * _DAY
"""1970-01-05, the first Monday after the epoch [us]."""
_LOST_PLUS: Final = re.compile(r".*[T ][0-9:.,]+ [0-9]{2}(:?[0-9]{2})?")
_REMEDY: Final = "Give it with its offset from UTC, such as 2026-03-01T10:00:00+01:00 or ...Z."


def parse_moment(text: str, *, field: str | None = None) -> datetime:
    """An aware datetime from ISO 8601 text, in the offset that the text has.

    :param field: name of the field, for the message.
    :raises InvalidInput: where the text is not a datetime, or does not say its offset from UTC.
    """
    try:
        moment = datetime.fromisoformat(text.strip())
    except (ValueError, AttributeError, TypeError) as error:
        hint = _REMEDY
        if isinstance(text, str) and _LOST_PLUS.fullmatch(text.strip()):
            hint = "In the query of a URL the sign + must be written as %2B."
        raise InvalidInput(f"Not a valid datetime: '{text}'.", field=field, hint=hint) from error
    if moment.tzinfo is None:
        raise InvalidInput("Not a valid aware datetime.", field=field, hint=_REMEDY)
    return require_aware(moment, field=field)


def require_aware(moment: datetime, *, field: str | None = None) -> datetime:
    """The moment itself, once it is known to have an offset and to exist in UTC.

    :raises InvalidInput: where it is naive, or its year in UTC is not one of 1 to 9999.
    """
    if moment.utcoffset() is None:
        raise InvalidInput("Not a valid aware datetime.", field=field, hint=_REMEDY)
    try:
        moment.astimezone(UTC)
    except OverflowError as error:
        raise _outside(f"The datetime {moment.isoformat()} lies", field) from error
    return moment


def format_moment(moment: datetime, zone: ZoneInfo) -> str:
    """A moment as ISO 8601 text on the clock of a zone: `2026-03-01T10:00:00+01:00`."""
    return moment_text(moment.astimezone(zone))


def moment_text(moment: datetime) -> str:
    """An aware moment as ISO 8601 text.

    Before there was standard time, the clocks of a zone differed from UTC by seconds, which the
    notation has no place for: there the text has an offset in whole minutes, for the same moment.
    """
    offset = moment.utcoffset() or timedelta(0)
    rest = abs(offset) % timedelta(minutes=1)
    if rest:
        # Nearer to UTC, so that it stays within the calendar.
        nearer = offset - rest if offset > timedelta(0) else offset + rest
        moment = moment.astimezone(timezone(nearer))
    return moment.isoformat()


def floor_all(moments: Moments, resolution: timedelta, zone: ZoneInfo) -> Moments:
    """The starts of the steps in which moments lie, on the clock of a zone.

    Steps that divide a day begin at local midnight and follow the local clock, so that hours are
    full hours in zones with an offset of :30 or :45, and days are local days of 23 to 25 hours.
    Steps of whole days begin at local midnights, counted from a Monday (so that weeks begin on
    Mondays). Other steps are counted from 1970-01-01T00:00Z. Where the clock shows a time twice,
    the step that began last counts, but a day begins once, with its first midnight; where the clock
    skips the begin of a step, the step begins with the change. A resolution of zero leaves moments
    as they are.

    :raises InvalidInput: where the resolution is negative.
    """
    step = microseconds(resolution)
    if step < 0:
        raise InvalidInput("A resolution cannot be negative.", field="resolution")
    if step == 0 or not len(moments):
        return moments.copy()
    if _DAY % step and step % _DAY:
        utc = as_integers(moments)
        return (utc - utc % step).view(MOMENT)
    clock = as_integers(to_local(moments, zone))
    since = clock - _FIRST_MONDAY if step > _DAY else clock
    local = (clock - since % step).view(MOMENT)
    floored = to_utc(local, zone)
    if step % _DAY:
        last = to_utc(local, zone, later=True)
        floored = np.where(last <= moments, np.maximum(floored, last), floored)
    changes = skipped(local, zone)
    return np.where(np.isnat(changes), floored, changes)


def floor_moment(
    moment: datetime, resolution: timedelta, zone: ZoneInfo, *, field: str | None = None
) -> datetime:
    """The start of the step in which a moment lies, in that zone, as in :func:`floor_all`.

    :param field: where the moment came from, for the message.
    :raises InvalidInput: where the step begins outside the years 1 to 9999, in UTC or in the zone.
    """
    try:
        clock = moment.astimezone(zone)
        if _begins_step(clock, microseconds(resolution)):
            return clock
        column = np.array([moment64(moment)])
        return to_datetime(floor_all(column, resolution, zone)[0]).astimezone(zone)
    except OverflowError as error:
        raise _outside(f"The step around {moment.isoformat()} begins", field) from error


def _begins_step(clock: datetime, step: int) -> bool:
    """Whether a step shorter than a day begins then, as most moments that are sent do."""
    if not 0 < step < _DAY or _DAY % step:
        return False
    seconds = (clock.hour * 60 + clock.minute) * 60 + clock.second
    return (seconds * 10**6 + clock.microsecond) % step == 0


def round_moment(
    moment: datetime, resolution: timedelta, zone: ZoneInfo, *, field: str | None = None
) -> datetime:
    """The nearest begin of a step, in that zone; the later one of two that are equally near.

    :param field: where the moment came from, for the message.
    :raises InvalidInput: where it lies outside the years 1 to 9999, in UTC or in the zone.
    """
    try:
        middle = moment.astimezone(UTC) + resolution / 2
    except OverflowError as error:
        raise _outside(f"The step around {moment.isoformat()} ends", field) from error
    return floor_moment(middle, resolution, zone, field=field)


def _outside(what: str, field: str | None) -> InvalidInput:
    return InvalidInput(f"{what} outside the years 1 to 9999.", field=field)

"""Time zones for whole columns of moments: local clocks and back, correct across clock changes.

The standard library converts one datetime at a time. Here the changes of a zone's offset within
the years of a column are looked up once (and kept); a column then converts by one search.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Final
from zoneinfo import ZoneInfo

import numpy as np

from fmhost.domain.arrays import (
    MOMENT,
    Integers,
    Moments,
    as_integers,
    epoch_microseconds,
    microseconds,
)
from fmhost.errors import InvalidInput

_DAY: Final = timedelta(days=1)
_SECOND: Final = timedelta(seconds=1)
# The local clock of every zone stays within the calendar in these years.
_YEARS: Final = range(2, 9998)
_MOST_YEARS_IN_A_ROW: Final = 100


def time_zone(name: str, *, field: str | None = None) -> ZoneInfo:
    """The IANA time zone of that name.

    :param field: name of the field, for the message.
    :raises InvalidInput: where there is no such zone.
    """
    try:
        return ZoneInfo(name)
    except (LookupError, ValueError, OSError, TypeError) as error:
        raise InvalidInput(
            f"Invalid timezone '{name}'. Example: Asia/Seoul.", field=field
        ) from error


@dataclass(frozen=True, slots=True, eq=False)
class _Offsets:
    """The offsets from UTC of one zone within some years [us]; `changes` are moments in UTC [us].

    `offsets` has one entry more than `changes`: before the first change, and after each.
    """

    changes: Integers
    offsets: Integers

    def at(self, utc: Integers) -> Integers:
        return self.offsets[np.searchsorted(self.changes, utc, side="right")]

    def at_local(self, local: Integers, *, later: bool) -> Integers:
        """Offsets by the local clock: the earlier or later of two where the clock is set back."""
        before, after = self.offsets[:-1], self.offsets[1:]
        edge = np.minimum(before, after) if later else np.maximum(before, after)
        return self.offsets[np.searchsorted(self.changes + edge, local, side="right")]


@lru_cache(maxsize=4096)
def _changes_in_year(zone: ZoneInfo, year: int) -> tuple[tuple[int, int], ...]:
    """When the zone's offset changes in a year, and to what [us]; the year's start comes first."""
    moment = datetime(year, 1, 1, tzinfo=UTC)
    end = datetime(year + 1, 1, 1, tzinfo=UTC)
    offset = _offset(moment, zone)
    found = [(epoch_microseconds(moment), offset)]
    while moment < end:
        following = min(moment + _DAY, end - _SECOND)
        if following <= moment:
            break
        if _offset(following, zone) != offset:
            change = _bisect(moment, following, zone)
            offset = _offset(change, zone)
            found.append((epoch_microseconds(change), offset))
            following = change
        moment = following
    return tuple(found)


def _bisect(before: datetime, after: datetime, zone: ZoneInfo) -> datetime:
    """The first second after `before` at which the offset differs from that at `before`."""
    offset = _offset(before, zone)
    while after - before > _SECOND:
        middle = before + ((after - before) // 2 // _SECOND) * _SECOND
        if _offset(middle, zone) == offset:
            before = middle
        else:
            after = middle
    return after


def _offset(moment: datetime, zone: ZoneInfo) -> int:
    offset = moment.astimezone(zone).utcoffset()
    assert offset is not None
    return microseconds(offset)


@lru_cache(maxsize=256)
def _offsets(zone: ZoneInfo, years: Sequence[int]) -> _Offsets:
    """The offsets within ascending years (a range, or a tuple with gaps)."""
    changes: list[int] = []
    offsets: list[int] = []
    for year in years:
        for moment, offset in _changes_in_year(zone, year):
            if not offsets:
                offsets.append(offset)
            elif offset != offsets[-1]:
                changes.append(moment)
                offsets.append(offset)
    return _Offsets(np.array(changes, dtype=np.int64), np.array(offsets, dtype=np.int64))


def _offsets_for(column: Moments, zone: ZoneInfo) -> _Offsets:
    first, last = _year(column.min()), _year(column.max())
    if last - first <= _MOST_YEARS_IN_A_ROW:
        # One year more on either side, for local clocks near the turn of a year.
        first = min(max(first - 1, _YEARS.start), _YEARS.stop - 1)
        return _offsets(zone, range(first, max(min(last + 2, _YEARS.stop), first + 1)))
    years = np.unique(column.astype("datetime64[Y]")).astype(int) + 1970
    near = {int(year) + step for year in years for step in (-1, 0, 1)}
    return _offsets(zone, tuple(sorted(near & set(_YEARS))))


def _year(moment: np.datetime64) -> int:
    return int(moment.astype("datetime64[Y]").astype(int)) + 1970


def to_local(moments: Moments, zone: ZoneInfo) -> Moments:
    """The local clocks of a column of moments, as `datetime64[us]` without a zone."""
    if not len(moments):
        return moments.copy()
    utc = as_integers(moments)
    return (utc + _offsets_for(moments, zone).at(utc)).view(MOMENT)


def to_utc(local: Moments, zone: ZoneInfo, *, later: bool = False) -> Moments:
    """The moments at which local clocks show these times.

    :param local: `datetime64[us]` without a zone.
    :param later: where the clock is set back and shows a time twice, take the second occurrence.
        Where the clock is set forward and skips a time, the offset before the change counts (with
        `later` the offset after it), as in the standard library.
    """
    if not len(local):
        return local.copy()
    clock = as_integers(local)
    return (clock - _offsets_for(local, zone).at_local(clock, later=later)).view(MOMENT)


def skipped(local: Moments, zone: ZoneInfo) -> Moments:
    """For local times that a clock change skips, the moment of that change; else `NaT`."""
    if not len(local):
        return local.copy()
    clock = as_integers(local)
    offsets = _offsets_for(local, zone)
    position = np.searchsorted(offsets.changes + offsets.offsets[:-1], clock, side="right") - 1
    change = offsets.changes[np.maximum(position, 0)] if len(offsets.changes) else clock
    after = offsets.offsets[1:][np.maximum(position, 0)] if len(offsets.changes) else clock
    is_skipped = (position >= 0) & (clock < change + after) if len(offsets.changes) else False
    return np.where(is_skipped, change.view(MOMENT), np.datetime64("NaT", "us"))

"""Cells of a CSV file as numbers and moments, column by column.

Each function takes a column of texts and reads it in one go; only when that fails does it look for
the cell to blame.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, NoReturn, TypeVar
from zoneinfo import ZoneInfo

import numpy as np

from fmhost.domain.arrays import MOMENT, Flags, Floats, Moments, epoch_microseconds
from fmhost.domain.durations import parse_duration
from fmhost.domain.moments import require_aware
from fmhost.domain.zones import skipped, to_utc
from fmhost.errors import InvalidInput, UnreadableFile

_Read = TypeVar("_Read")

#: Texts that stand for a missing value where the usual ones are wanted.
USUAL_MISSING: Final = frozenset(
    {"#N/A", "#NA", "N/A", "NA", "n/a", "nan", "NaN", "-nan", "-NaN", "NULL", "null", "None", "-"}
)
_DAY_FIRST: Final = re.compile(r"([0-9]{1,2})[-/.]([0-9]{1,2})[-/.]([0-9]{4})(?:[ T](.+))?")
_CLOCK: Final = re.compile(
    r"(?P<sign>-?)(?:(?P<days>[0-9]+) days?,? )?(?P<hours>[0-9]+):(?P<minutes>[0-5]?[0-9])"
    r"(?::(?P<seconds>[0-5]?[0-9](?:\.[0-9]+)?))?"
)


@dataclass(frozen=True, slots=True)
class Cells:
    """One column of a file.

    :param file: name of the file, for messages.
    :param column: what the column is called in messages.
    :param texts: the cells, without white space around them.
    :param lines: the line of the file on which each cell stands, from 1.
    """

    file: str
    column: str
    texts: Sequence[str]
    lines: Sequence[int]

    def blame(self, position: int, reason: str, hint: str | None = None) -> NoReturn:
        """:raises UnreadableFile: naming file, row, column and reason, also in its details."""
        line = self.lines[position]
        error = UnreadableFile(
            f"{self.file}, row {line}, {self.column}: {reason}", field="file", hint=hint
        )
        error.details = {"row": line, "column": self.column, "reason": reason, "hint": hint}
        raise error

    def read(self, read: Callable[[str], _Read], what: str, hint: str) -> list[_Read]:
        """Each cell read by a function.

        :raises UnreadableFile: for the first cell at which the function raises ValueError.
        """
        try:
            return list(map(read, self.texts))
        except (ValueError, OverflowError):
            for position, text in enumerate(self.texts):
                try:
                    read(text)
                except (ValueError, OverflowError):
                    self.blame(position, f"'{text}' is not {what}.", hint)
            raise


def missing(cells: Cells, words: frozenset[str]) -> Flags:
    """The cells that are empty or one of these words."""
    return np.array([not text or text in words for text in cells.texts], dtype=np.bool_)


def numbers(cells: Cells, decimal: str, thousands: str | None) -> Floats:
    """A column of numbers.

    :raises UnreadableFile: where a cell is not a finite number.
    """
    separators = f"The decimal sign is '{decimal}'" + (
        f" and '{thousands}' separates thousands." if thousands else "."
    )

    def read(text: str) -> float:
        if thousands:
            text = text.replace(thousands, "")
        if decimal != ".":
            if "." in text:
                raise ValueError("another decimal sign")
            text = text.replace(decimal, ".")
        if "_" in text:
            raise ValueError("not a number in a file")
        return float(text)

    found = np.array(cells.read(read, "a number", separators), dtype=np.float64)
    odd = np.flatnonzero(~np.isfinite(found))
    if len(odd):
        text = cells.texts[odd[0]]
        cells.blame(int(odd[0]), f"'{text}' is not a number.", "Declare it as a missing value.")
    return found


def moments(cells: Cells, zone: ZoneInfo, *, day_first: bool = False) -> Moments:
    """A column of moments, in UTC: either all with an offset, or all on the clock of `zone`.

    Where the clock of the zone is set back and shows a time twice, its second mention in the
    column means the second occurrence.

    :raises UnreadableFile: where a cell is not a datetime, some have an offset and some have not,
        or the clock of the zone never shows the time.
    """
    hint = "Write it as 31-12-2026 23:45." if day_first else "Write it as 2026-12-31T23:45:00."
    found = cells.read(_day_first if day_first else datetime.fromisoformat, "a datetime", hint)
    aware = np.array([moment.tzinfo is not None for moment in found], dtype=np.bool_)
    if aware.all():
        return _aware(cells, found)
    if aware.any():
        odd = int(np.flatnonzero(aware != aware[0])[0])
        has = "an" if aware[odd] else "no"
        cells.blame(
            odd,
            f"'{cells.texts[odd]}' has {has} offset from UTC, unlike those before.",
            "Give all datetimes with their offset, or all without and name their time zone.",
        )
    return _localised(cells, np.array(found, dtype=MOMENT), zone)


def _day_first(text: str) -> datetime:
    match = _DAY_FIRST.fullmatch(text)
    if match is None:
        raise ValueError("not a datetime")
    day, month, year, time = match.groups()
    return datetime.fromisoformat(f"{year}-{int(month):02}-{int(day):02}T{time or '00:00'}")


def _aware(cells: Cells, found: list[datetime]) -> Moments:
    for position, moment in enumerate(found):
        if not 1 < moment.year < 9999:
            try:
                require_aware(moment)
            except InvalidInput as error:
                cells.blame(position, error.message)
    return np.array([epoch_microseconds(moment) for moment in found], dtype=np.int64).view(MOMENT)


def _localised(cells: Cells, local: Moments, zone: ZoneInfo) -> Moments:
    never = np.flatnonzero(~np.isnat(skipped(local, zone)))
    if len(never):
        cells.blame(
            int(never[0]),
            f"the clock of {zone.key} never shows {cells.texts[never[0]]}.",
            "Name the time zone in which the file was written.",
        )
    first, second = to_utc(local, zone), to_utc(local, zone, later=True)
    twice = np.flatnonzero(first != second)
    mentioned: set[np.datetime64] = set()
    for position in twice.tolist():
        if local[position] in mentioned:
            first[position] = second[position]
        mentioned.add(local[position])
    return first


def durations(cells: Cells) -> Floats:
    """A column of durations as seconds: `1:30:00`, `2 days, 1:30:00` or ISO 8601.

    :raises UnreadableFile: where a cell is not a duration.
    """

    def read(text: str) -> float:
        match = _CLOCK.fullmatch(text)
        if match is None:
            try:
                return parse_duration(text).fixed().total_seconds()
            except InvalidInput as error:
                raise ValueError(error.message) from error
        size = timedelta(
            days=int(match["days"] or 0),
            hours=int(match["hours"]),
            minutes=int(match["minutes"]),
            seconds=float(match["seconds"] or 0),
        )
        return -size.total_seconds() if match["sign"] else size.total_seconds()

    return np.array(cells.read(read, "a duration", "Write it as 1:30:00 or PT1H30M."))

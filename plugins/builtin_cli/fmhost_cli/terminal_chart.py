"""Charts made of characters: panels below each other over one time axis.

Braille patterns give two dots a column and four a row. Where the output cannot show them, the
same chart is drawn with one ``#`` a cell.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo
from typing import TextIO

from fmhost.plugin import axes

#: Bits of a braille pattern by row and column of the dot.
_BRAILLE_BITS = ((0x01, 0x08), (0x02, 0x10), (0x04, 0x20), (0x40, 0x80))
_BRAILLE_BLANK = 0x2800
#: Least width of the labels at the left.
_LABEL_WIDTH = 8


@dataclass(frozen=True)
class Panel:
    """A series to draw.

    :param title: what it is, with its unit.
    :param values: one number per step of `resolution` from `start` on; NaN where nothing is known.
    :param filled: fill the area between the line and zero.
    """

    title: str
    start: datetime
    resolution: timedelta
    values: Sequence[float]
    filled: bool = False

    @property
    def end(self) -> datetime:
        """End of the last step."""
        return self.start.astimezone(UTC) + self.resolution * len(self.values)


class _Canvas:
    """A field of dots that becomes lines of text."""

    def __init__(self, columns: int, rows: int, *, braille: bool) -> None:
        self.across, self.down = (2, 4) if braille else (1, 1)
        self.width, self.height = columns * self.across, rows * self.down
        self._dots = [[False] * self.width for _ in range(self.height)]

    def mark(self, x: int, low: int, high: int) -> None:
        """Set the dots of column `x` from height `low` to `high`, counted from the bottom."""
        for y in range(max(0, low), min(self.height - 1, high) + 1):
            self._dots[self.height - 1 - y][x] = True

    def lines(self) -> list[str]:
        """The rows from top to bottom."""
        if self.across == 1:
            return ["".join("#" if dot else " " for dot in row) for row in self._dots]
        rows = []
        for top in range(0, self.height, 4):
            row = []
            for left in range(0, self.width, 2):
                bits = sum(
                    _BRAILLE_BITS[y][x]
                    for y in range(4)
                    for x in range(2)
                    if self._dots[top + y][left + x]
                )
                row.append(chr(_BRAILLE_BLANK + bits) if bits else " ")
            rows.append("".join(row))
        return rows


def is_braille_shown(stream: TextIO) -> bool:
    """Whether braille patterns and lines can be written to `stream`."""
    try:
        "⣿┤".encode(stream.encoding or "ascii")
    except (LookupError, UnicodeEncodeError):
        return False
    return True


def draw(
    panels: Sequence[Panel],
    zone: tzinfo,
    *,
    width: int = 80,
    rows: int = 8,
    braille: bool = True,
) -> list[str]:
    """The chart as lines of at most `width` characters.

    :param zone: time zone of the time axis.
    :param rows: height of each panel.
    :param braille: False for plain ASCII.
    """
    scales = [_Scale.of(panel, count=max(2, (rows + 1) // 2)) for panel in panels]
    margin = max(_LABEL_WIDTH, *(len(label) for scale in scales for label in scale.labels))
    columns = max(10, width - margin - 2)
    start = min(panel.start for panel in panels).astimezone(UTC)
    end = max(panel.end for panel in panels).astimezone(UTC)
    lines = []
    for panel, scale in zip(panels, scales, strict=True):
        canvas = _Canvas(columns, rows, braille=braille)
        lines.append(panel.title[:width])
        lines.extend(_draw_panel(panel, scale, canvas, margin, start, end))
    lines.extend(
        " " * (margin + 1) + line for line in _time_axis(start, end, zone, columns, braille=braille)
    )
    return [line.rstrip() for line in lines]


@dataclass(frozen=True)
class _Scale:
    """The vertical axis of a panel: ticks at round numbers, ascending, and their labels."""

    ticks: Sequence[float]
    labels: Sequence[str]

    @classmethod
    def of(cls, panel: Panel, *, count: int) -> _Scale:
        known = [value for value in panel.values if not math.isnan(value)]
        ticks = axes.nice_ticks(*_range(known, filled=panel.filled), count=count)
        places = axes.decimals(ticks)
        return cls(ticks, [f"{tick:.{places}f}" for tick in ticks])

    def height(self, value: float, canvas: _Canvas) -> int:
        """The dot row of a value, counted from the bottom."""
        bottom, top = self.ticks[0], self.ticks[-1]
        share = (min(max(value, bottom), top) - bottom) / (top - bottom)
        return round(share * (canvas.height - 1))


def _draw_panel(
    panel: Panel, scale: _Scale, canvas: _Canvas, margin: int, start: datetime, end: datetime
) -> list[str]:
    zero = scale.height(0.0, canvas)
    previous: int | None = None
    for x, value in enumerate(_sample(panel, start, end, canvas.width)):
        if math.isnan(value):
            previous = None
            continue
        y = scale.height(value, canvas)
        reaches = [y, zero] if panel.filled else [y, y if previous is None else previous]
        canvas.mark(x, min(reaches), max(reaches))
        previous = y
    rows = canvas.lines()
    labels = {
        len(rows) - 1 - scale.height(tick, canvas) // canvas.down: label
        for tick, label in zip(scale.ticks, scale.labels, strict=True)
    }
    edge, notch = ("│", "┤") if canvas.across > 1 else ("|", "+")
    return [
        f"{labels.get(number, ''):>{margin}} {notch if number in labels else edge}{drawn}"
        for number, drawn in enumerate(rows)
    ]


def _range(known: Sequence[float], *, filled: bool) -> tuple[float, float]:
    low, high = (min(known), max(known)) if known else (0.0, 1.0)
    if filled:
        low, high = min(low, 0.0), max(high, 0.0)
    if low == high:
        low, high = (low - 1, high + 1) if low else (0.0, 1.0)
    return low, high


def _sample(panel: Panel, start: datetime, end: datetime, width: int) -> list[float]:
    """One value per dot column: the mean of the known values whose steps overlap it."""
    span = (end - start) / width
    samples = []
    for x in range(width):
        first = int((start + x * span - panel.start) / panel.resolution + 1e-6)
        last = math.ceil((start + (x + 1) * span - panel.start) / panel.resolution - 1e-6)
        overlapping = panel.values[max(0, first) : max(0, last)]
        known = [value for value in overlapping if not math.isnan(value)]
        samples.append(sum(known) / len(known) if known else math.nan)
    return samples


def _time_axis(
    start: datetime, end: datetime, zone: tzinfo, columns: int, *, braille: bool
) -> list[str]:
    edge, notch, corner = ("─", "┬", "└") if braille else ("-", "+", "+")
    axis = [edge] * columns
    clock, dates = [" "] * columns, [" "] * columns
    within_days = end - start <= timedelta(days=10)
    shown = None
    for tick in axes.time_ticks(start, end, zone, at_most=max(2, columns // 8)):
        x = min(columns - 1, round((tick - start) / (end - start) * columns))
        axis[x] = notch
        _write(clock, x, tick.strftime("%H:%M" if within_days else "%d %b"))
        day = tick.strftime("%a %d %b %Y" if within_days else "%Y")
        if day != shown:
            _write(dates, x, day)
            shown = day
    return [corner + "".join(axis), " " + "".join(clock), " " + "".join(dates)]


def _write(line: list[str], at: int, text: str) -> None:
    """Put `text` into `line`, unless it does not fit or would touch what stands there."""
    around = line[max(0, at - 1) : at + len(text) + 1]
    if at + len(text) <= len(line) and all(character == " " for character in around):
        line[at : at + len(text)] = text

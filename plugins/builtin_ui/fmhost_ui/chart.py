"""Where the lines of a chart go; the template ``ui/chart.svg`` draws them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Literal

from fmhost.plugin import axes, outlook, time_zone
from fmhost_ui.wording import number

Point = tuple[float, float]

_TOP, _RIGHT, _BOTTOM = 26, 14, 46
#: About the width of a digit [px].
_DIGIT = 7.2
#: More moments than these are drawn as a line without dots.
_MOST_DOTS = 60


@dataclass(frozen=True, slots=True)
class Tick:
    """A line of the grid with its labels; `day` is written where a day begins.

    :param at: distance from the left or from the top.
    """

    at: float
    label: str
    kind: Literal["grid", "zero", "midnight"] = "grid"
    day: str = ""


@dataclass(frozen=True, slots=True)
class Line:
    """A strand as shapes.

    :param path: the line, as SVG path data.
    :param area: the same down to zero, or empty where zero is not on the chart.
    """

    kind: outlook.Kind
    path: str
    area: str
    dots: Sequence[Point]


@dataclass(frozen=True, slots=True)
class Spot:
    """A place that tells what is there when pointed at."""

    x: float
    width: float
    lines: Sequence[str]


@dataclass(frozen=True, slots=True)
class Drawing:
    """All that the template needs, in pixels of a picture of `width` by `height`."""

    width: int
    height: int
    left: float
    right: float
    top: float
    bottom: float
    unit: str
    values: Sequence[Tick]
    times: Sequence[Tick]
    lines: Sequence[Line]
    now: float | None
    spots: Sequence[Spot]


class _Frame:
    """What the axes mean."""

    def __init__(self, around: outlook.Outlook, width: int, height: int) -> None:
        known = [value for strand in around.strands for value in strand.values]
        self.ticks = _value_ticks(known)
        self.places = axes.decimals(self.ticks)
        longest = max(len(f"{tick:,.{self.places}f}") for tick in self.ticks)
        self.left, self.right = 14 + _DIGIT * longest, float(width - _RIGHT)
        self.top, self.bottom = float(_TOP), float(height - _BOTTOM)
        self.start, self.end = around.start.astimezone(UTC), around.end.astimezone(UTC)

    def x(self, moment: datetime) -> float:
        share = (moment - self.start) / (self.end - self.start)
        return round(self.left + min(max(share, 0.0), 1.0) * (self.right - self.left), 1)

    def y(self, value: float) -> float:
        low, high = self.ticks[0], self.ticks[-1]
        return round(self.bottom - (value - low) / (high - low) * (self.bottom - self.top), 1)


def draw(
    around: outlook.Outlook, now: datetime, *, width: int, height: int, most_times: int
) -> Drawing:
    """The chart of what is known about a sensor.

    :param most_times: how many labels the time axis has at most.
    """
    frame = _Frame(around, width, height)
    now = now.astimezone(UTC)
    return Drawing(
        width=width,
        height=height,
        left=frame.left,
        right=frame.right,
        top=frame.top,
        bottom=frame.bottom,
        unit=around.sensor.unit,
        values=[_value_tick(tick, frame) for tick in frame.ticks],
        times=list(_time_ticks(around, frame, most_times)),
        lines=[_line(strand, around.step, frame) for strand in around.strands],
        now=frame.x(now) if frame.start <= now <= frame.end else None,
        spots=list(_spots(around, frame)),
    )


def _value_ticks(known: Sequence[float]) -> list[float]:
    low, high = min(known, default=0.0), max(known, default=1.0)
    if not low > (high - low) > 0 and not high < (low - high) < 0:
        # Unless the values vary little and far from zero, they are seen against it.
        low, high = min(low, 0.0), max(high, 0.0)
    if low == high:
        high = low + 1
    return axes.nice_ticks(low, high, count=4)


def _value_tick(value: float, frame: _Frame) -> Tick:
    label = f"{value:,.{frame.places}f}".replace(",", "\u202f").replace("-", "−")
    return Tick(frame.y(value), label, "zero" if value == 0 else "grid")


def _time_ticks(around: outlook.Outlook, frame: _Frame, at_most: int) -> Iterator[Tick]:
    zone = time_zone(around.sensor.timezone)
    shown = None
    for moment in axes.time_ticks(frame.start, frame.end, zone, at_most=at_most):
        x = frame.x(moment.astimezone(UTC))
        if x > frame.right - 20:
            return
        is_new_day = moment.date() != shown and x < frame.right - 60
        shown = moment.date()
        yield Tick(
            x,
            f"{moment:%H:%M}",
            "midnight" if moment.hour == moment.minute == 0 else "grid",
            f"{moment:%a} {moment.day} {moment:%b}" if is_new_day else "",
        )


def _line(strand: outlook.Strand, step: timedelta, frame: _Frame) -> Line:
    runs = list(_runs(strand, step, frame))
    zero = frame.y(0.0)
    has_zero = frame.ticks[0] <= 0 <= frame.ticks[-1]
    path = "".join(f"M{'L'.join(f'{x} {y}' for x, y in run)}" for run in runs)
    area = "".join(
        f"M{run[0][0]} {zero}L{'L'.join(f'{x} {y}' for x, y in run)}L{run[-1][0]} {zero}Z"
        for run in runs
    )
    shows_dots = not step and len(strand.values) <= _MOST_DOTS
    return Line(
        strand.kind,
        path,
        area if has_zero else "",
        [point for run in runs for point in run] if shows_dots else (),
    )


def _runs(strand: outlook.Strand, step: timedelta, frame: _Frame) -> Iterator[list[Point]]:
    """The corners of each uninterrupted part; moments are joined by straight lines."""
    known = list(zip(strand.starts, strand.values, strict=True))
    if not step:
        yield [(frame.x(start), frame.y(value)) for start, value in known]
        return
    run: list[Point] = []
    end = None
    for start, value in known:
        if end is not None and start != end:
            yield run
            run = []
        end = start + step
        y = frame.y(value)
        if len(run) > 1 and run[-1][1] == y:
            run.pop()  # a level line needs no corner
        else:
            run.append((frame.x(start), y))
        run.append((frame.x(end), y))
    if run:
        yield run


def _spots(around: outlook.Outlook, frame: _Frame) -> Iterator[Spot]:
    zone = time_zone(around.sensor.timezone)
    told: dict[datetime, list[str]] = {}
    for strand in around.strands:
        for start, value in zip(strand.starts, strand.values, strict=True):
            told.setdefault(start, []).append(
                f"{strand.kind}: {number(value)} {around.sensor.unit}".rstrip()
            )
    for start, lines in sorted(told.items()):
        begin = frame.x(start)
        wide = frame.x(start + around.step) - begin if around.step else 6.0
        moment = start.astimezone(zone)
        yield Spot(begin, max(wide, 0.5), [f"{moment:%a} {moment.day} {moment:%b %H:%M}", *lines])

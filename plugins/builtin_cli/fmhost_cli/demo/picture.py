"""A standalone picture of a schedule: panels below each other over one time axis, as SVG.

Written by hand rather than with a plotting library: the picture needs no script and no font, it
follows the light or dark theme of whoever looks at it, and costs milliseconds.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo
from html import escape
from typing import Literal

from fmhost.plugin import axes

WIDTH = 960
_LEFT, _RIGHT, _HEAD, _FOOT = 64, 24, 104, 52
_PANEL, _GAP = 150, 46

_STYLE = """
svg { color-scheme: light dark; font-family: system-ui, -apple-system, 'Segoe UI', Roboto,
      'DejaVu Sans', sans-serif; }
.paper { fill: #ffffff; } .text { fill: #1f2933; } .soft { fill: #5b6875; }
.grid { stroke: #e4e8ec; } .day { stroke: #b4bec8; } .zero { stroke: #8a96a3; }
.title { font-size: 21px; font-weight: 650; } .subtitle { font-size: 14px; }
.name { font-size: 13px; font-weight: 600; } .label { font-size: 12px; }
.line { fill: none; stroke-width: 2; stroke-linejoin: round; } .area { opacity: .8; }
.veil { opacity: .13; } .hit { fill: transparent; } .hit:hover { fill: #8a96a3; opacity: .25; }
.price { stroke: #6d3fc9; } .solar { stroke: #c98a00; } .load { stroke: #7b8794; }
.soc { stroke: #1d6fd6; } .charge { stroke: #0c8f63; } .discharge { stroke: #dd5a1a; }
.f-price { fill: #6d3fc9; } .f-solar { fill: #c98a00; } .f-load { fill: #7b8794; }
.f-soc { fill: #1d6fd6; } .f-charge { fill: #0c8f63; } .f-discharge { fill: #dd5a1a; }
@media (prefers-color-scheme: dark) {
.paper { fill: #0f151c; } .text { fill: #e6ebf0; } .soft { fill: #9aa7b4; }
.grid { stroke: #222c36; } .day { stroke: #46535f; } .zero { stroke: #6c7986; }
.price { stroke: #b79cf5; } .solar { stroke: #f3c14b; } .load { stroke: #93a1ae; }
.soc { stroke: #6fb1ff; } .charge { stroke: #3fd09c; } .discharge { stroke: #ff9559; }
.f-price { fill: #b79cf5; } .f-solar { fill: #f3c14b; } .f-load { fill: #93a1ae; }
.f-soc { fill: #6fb1ff; } .f-charge { fill: #3fd09c; } .f-discharge { fill: #ff9559; }
}
"""

Colour = Literal["price", "solar", "load", "soc", "charge", "discharge"]


@dataclass(frozen=True)
class Trace:
    """One series of a panel.

    :param values: one number per step of `resolution` from the start of the picture on; where
        `joined`, one number per moment, which are joined by straight lines.
    :param shape: ``area`` is filled down to zero, ``veiled`` is a line over a pale area.
    """

    label: str
    colour: Colour
    resolution: timedelta
    values: Sequence[float]
    shape: Literal["line", "area", "veiled"] = "line"
    joined: bool = False


@dataclass(frozen=True)
class Panel:
    """Series that share a vertical axis; `title` names the quantity and its unit."""

    title: str
    traces: Sequence[Trace]


class _Frame:
    """Where a panel stands, and what its axes mean."""

    def __init__(self, panel: Panel, top: float, start: datetime, end: datetime) -> None:
        self.top, self.bottom = top, top + _PANEL
        self.start, self.end = start, end
        known = [v for trace in panel.traces for v in trace.values if not math.isnan(v)] or [0.0]
        low, high = min(0.0, *known), max(0.0, *known)
        self.ticks = axes.nice_ticks(low, high if high > low else low + 1, count=4)

    def x(self, moment: datetime) -> float:
        return _LEFT + (moment - self.start) / (self.end - self.start) * (WIDTH - _LEFT - _RIGHT)

    def y(self, value: float) -> float:
        low, high = self.ticks[0], self.ticks[-1]
        return self.bottom - (value - low) / (high - low) * _PANEL


def render(
    panels: Sequence[Panel],
    *,
    title: str,
    subtitle: str,
    start: datetime,
    end: datetime,
    zone: tzinfo,
) -> str:
    """The picture as the text of an SVG file.

    :param zone: time zone of the time axis.
    """
    start, end = start.astimezone(UTC), end.astimezone(UTC)
    height = _HEAD + len(panels) * (_PANEL + _GAP) - _GAP + _FOOT
    frames = [
        _Frame(panel, _HEAD + number * (_PANEL + _GAP), start, end)
        for number, panel in enumerate(panels)
    ]
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" '
        f'width="{WIDTH}" height="{height}" role="img" aria-label="{escape(title)}">',
        f"<title>{escape(title)}. {escape(subtitle)}</title>",
        f"<style>{_STYLE}</style>",
        f'<rect class="paper" width="{WIDTH}" height="{height}" rx="10"/>',
        f'<text class="text title" x="{_LEFT - 40}" y="34">{escape(title)}</text>',
        f'<text class="soft subtitle" x="{_LEFT - 40}" y="56">{escape(subtitle)}</text>',
    ]
    for panel, frame in zip(panels, frames, strict=True):
        parts.extend(_grid(frame, zone))
        parts.extend(_caption(panel, frame))
        for trace in panel.traces:
            parts.extend(_draw(trace, frame))
    parts.extend(_time_labels(frames[-1], zone))
    parts.extend(_tooltips(panels, frames, zone))
    parts.append("</svg>\n")
    return "\n".join(parts)


def _grid(frame: _Frame, zone: tzinfo) -> Iterator[str]:
    places = axes.decimals(frame.ticks)
    for tick in frame.ticks:
        y = frame.y(tick)
        kind = "zero" if tick == 0 else "grid"
        yield f'<path class="{kind}" d="M{_LEFT} {y:.1f}H{WIDTH - _RIGHT}"/>'
        text = f"{tick:.{places}f}".replace("-", "−")  # a minus sign, as wide as a digit
        yield (
            f'<text class="soft label" x="{_LEFT - 8}" y="{y + 4:.1f}" text-anchor="end">'
            f"{text}</text>"
        )
    for moment in axes.time_ticks(frame.start, frame.end, zone, at_most=9):
        kind = "day" if moment.hour == 0 and moment.minute == 0 else "grid"
        yield (
            f'<path class="{kind}" d="M{frame.x(moment):.1f} {frame.top:.1f}V{frame.bottom:.1f}"/>'
        )


def _caption(panel: Panel, frame: _Frame) -> Iterator[str]:
    y = frame.top - 12
    yield f'<text class="text name" x="{_LEFT}" y="{y:.1f}">{escape(panel.title)}</text>'
    if len(panel.traces) < 2:
        return
    x = float(WIDTH - _RIGHT)
    for trace in reversed(panel.traces):
        x -= 7.0 * len(trace.label)  # about the width of the text at this size
        yield f'<text class="soft label" x="{x:.1f}" y="{y:.1f}">{escape(trace.label)}</text>'
        x -= 17
        yield (
            f'<rect class="f-{trace.colour}" x="{x:.1f}" y="{y - 9:.1f}" width="11" height="9" '
            'rx="2"/>'
        )
        x -= 18


def _draw(trace: Trace, frame: _Frame) -> Iterator[str]:
    for points in _runs(trace, frame):
        path = "M" + "L".join(f"{x:.1f} {y:.1f}" for x, y in points)
        if trace.shape != "line":
            zero = frame.y(0.0)
            closed = f"{path}L{points[-1][0]:.1f} {zero:.1f}L{points[0][0]:.1f} {zero:.1f}Z"
            fill = "area" if trace.shape == "area" else "veil"
            yield f'<path class="f-{trace.colour} {fill}" d="{closed}"/>'
        if trace.shape != "area":
            yield f'<path class="line {trace.colour}" d="{path}"/>'


def _runs(trace: Trace, frame: _Frame) -> Iterator[list[tuple[float, float]]]:
    """The corners of each uninterrupted stretch of known values."""
    run: list[tuple[float, float]] = []
    for number, value in enumerate(trace.values):
        if math.isnan(value):
            if run:
                yield run
            run = []
            continue
        moment = frame.start + number * trace.resolution
        y = frame.y(value)
        if trace.joined:
            run.append((frame.x(moment), y))
        else:
            if run and run[-1][1] == y:
                run.pop()
            else:
                run.append((frame.x(moment), y))
            run.append((frame.x(min(moment + trace.resolution, frame.end)), y))
    if run:
        yield run


def _time_labels(frame: _Frame, zone: tzinfo) -> Iterator[str]:
    shown = None
    for moment in axes.time_ticks(frame.start, frame.end, zone, at_most=9):
        x = frame.x(moment)
        if x > WIDTH - _RIGHT - 30:
            return
        yield (
            f'<text class="soft label" x="{x:.1f}" y="{frame.bottom + 18:.1f}">'
            f"{moment:%H:%M}</text>"
        )
        if moment.date() != shown:
            shown = moment.date()
            yield (
                f'<text class="text label" x="{x:.1f}" y="{frame.bottom + 36:.1f}">'
                f"{moment:%a %d %b %Y}</text>"
            )


def _tooltips(panels: Sequence[Panel], frames: Sequence[_Frame], zone: tzinfo) -> Iterator[str]:
    """A column over all panels for each step, which tells its values when pointed at."""
    first, last = frames[0], frames[-1]
    step = min(trace.resolution for panel in panels for trace in panel.traces)
    moment = first.start
    while moment < first.end:
        x, right = first.x(moment), first.x(moment + step)
        lines = [moment.astimezone(zone).strftime("%a %d %b %H:%M")]
        for panel in panels:
            for trace in panel.traces:
                number = int((moment - first.start) / trace.resolution)
                if number < len(trace.values) and not math.isnan(trace.values[number]):
                    lines.append(f"{trace.label}: {trace.values[number]:.2f}")
        yield (
            f'<rect class="hit" x="{x:.1f}" y="{first.top:.1f}" width="{right - x:.1f}" '
            f'height="{last.bottom - first.top:.1f}"><title>{escape(chr(10).join(lines))}</title>'
            "</rect>"
        )
        moment += step

"""Charts as specifications in the Vega-Lite grammar, <https://vega.github.io/vega-lite/>.

A specification names its data sets; who embeds it fills them, unless they come with it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any, Final

from fmhost.domain import vega_marks
from fmhost.domain.chart_rows import FROM_ZERO
from fmhost.domain.common_units import quantity_title
from fmhost.domain.vega_marks import Json

#: Wide as what contains the chart.
CONTAINER: Final = "container"

#: What a data set of annotations is called, after that of the values.
ANNOTATIONS: Final = "_annotations"


class ChartKind(StrEnum):
    """What a chart looks like."""

    LINES = "chart_for_multiple_sensors"
    BARS = "bar_chart"
    HISTOGRAM = "histogram"
    DAILY_HEATMAP = "daily_heatmap"
    WEEKLY_HEATMAP = "weekly_heatmap"


_HEATMAPS: Final = {
    ChartKind.DAILY_HEATMAP: ("hours", "yearmonthdate"),
    ChartKind.WEEKLY_HEATMAP: ("dayhours", "yearweek"),
}


@dataclass(frozen=True, slots=True)
class FixedValue:
    """A line across a row.

    :param value: in `unit`, that of the axis on which it is shown.
    """

    label: str
    value: float
    unit: str


@dataclass(frozen=True, slots=True)
class ChartRow:
    """One row of a chart.

    :param sensors: the units of the axes by the ids of the sensors that are shown on them, in
        order. There is an axis for each unit.
    :param y_axis: see :class:`~fmhost.domain.chart_rows.Row`.
    """

    title: str
    sensors: Mapping[int, str]
    fixed: Sequence[FixedValue] = ()
    y_axis: Any = FROM_ZERO

    @property
    def units(self) -> list[str]:
        """The units of its axes."""
        return list(dict.fromkeys((*self.sensors.values(), *(each.unit for each in self.fixed))))


@dataclass(frozen=True, slots=True)
class ChartStyle:
    """What a chart looks like, and for what data.

    :param dataset: the name of the data set.
    :param height: of each row [pixels]; `width` too, or ``"container"``.
    :param window: begin and end of the time that is shown [ms since the epoch]; None for that of
        the data.
    :param combine_legend: have one legend for all rows, below them; else one beside each.
    :param color: what has a colour: ``"sensor.description"`` or ``"source.description"``.
    :param version: of the grammar.
    """

    dataset: str
    kind: ChartKind = ChartKind.LINES
    height: int = 200
    width: int | str = CONTAINER
    window: tuple[int, int] | None = None
    combine_legend: bool = True
    color: str = "sensor.description"
    version: int = 5


def chart(title: str, rows: Sequence[ChartRow], style: ChartStyle) -> Json:
    """The specification of a chart, without data.

    :param title: what the chart is about, for those who cannot see it.
    """
    frame: Json = {
        "$schema": f"https://vega.github.io/schema/vega-lite/v{style.version}.json",
        "description": title,
        "data": {"name": style.dataset},
        "config": {"legend": {"orient": "bottom" if style.combine_legend else "right"}},
    }
    drawn = [_drawn(row, style) for row in _divided(rows, style.kind)]
    if not drawn:
        empty: Json = {"title": "There is nothing to show.", "mark": "point", "encoding": {}}
        return {**frame, **_size(style), **empty}
    if len(drawn) == 1:
        return {**frame, "autosize": {"type": "fit-x", "contains": "padding"}, **drawn[0]}
    shared = "shared" if style.combine_legend and style.kind not in _HEATMAPS else "independent"
    scale = {"color": shared, "strokeDash": shared}
    if style.kind in (ChartKind.LINES, ChartKind.BARS):
        scale["x"] = "shared"
    return {**frame, "vconcat": drawn, "spacing": 30, "resolve": {"scale": scale}}


def with_data(
    specification: Json, dataset: str, records: Sequence[Json], annotations: Sequence[Json]
) -> Json:
    """The specification together with its data sets."""
    sets = {dataset: list(records), dataset + ANNOTATIONS: list(annotations)}
    return {**specification, "datasets": sets}


def _divided(rows: Sequence[ChartRow], kind: ChartKind) -> list[ChartRow]:
    """The rows as the kind of chart can draw them: some show one sensor, or one unit, each."""
    if kind in (ChartKind.LINES, ChartKind.BARS):
        return list(rows)
    divided = []
    for row in rows:
        if kind is ChartKind.HISTOGRAM:
            parts = [
                {each: unit for each, unit in row.sensors.items() if unit == one}
                for one in dict.fromkeys(row.sensors.values())
            ]
        else:
            parts = [{each: unit} for each, unit in row.sensors.items()]
        divided += [replace(row, sensors=part, fixed=()) for part in parts]
    return divided


def _drawn(row: ChartRow, style: ChartStyle) -> Json:
    drawn: Json = {"title": row.title, **_size(style)}
    if style.kind not in (ChartKind.LINES, ChartKind.BARS):
        ((ids, unit),) = _by_unit(row)
        transform = vega_marks.of_sensors(ids, unit)
        return {**drawn, "transform": transform, "layer": _statistics(unit, style)}
    groups = [_group(row, ids, unit, style) for ids, unit in _by_unit(row)]
    for group in groups[1:]:
        for mark in group["layer"]:
            mark["encoding"]["y"]["axis"] = {"orient": "right"}
    bands = vega_marks.bands(style.dataset + ANNOTATIONS, _domain(style))
    several = {"resolve": {"scale": {"y": "independent"}}} if len(groups) > 1 else {}
    return {**drawn, "layer": [bands, *groups], **several}


def _by_unit(row: ChartRow) -> list[tuple[list[int], str]]:
    return [
        ([each for each, own in row.sensors.items() if own == unit], unit) for unit in row.units
    ]


def _statistics(unit: str, style: ChartStyle) -> list[Json]:
    title = quantity_title(unit)
    if style.kind is ChartKind.HISTOGRAM:
        return vega_marks.histogram(style.color, title)
    return vega_marks.heatmap(*_HEATMAPS[style.kind], title)


def _group(row: ChartRow, sensor_ids: Sequence[int], unit: str, style: ChartStyle) -> Json:
    """What is shown on one axis."""
    y = {"type": "quantitative", "title": quantity_title(unit) or None, "scale": _scale(row.y_axis)}
    marks: list[Json] = []
    if sensor_ids:
        draw = vega_marks.lines if style.kind is ChartKind.LINES else vega_marks.bars
        prepared = vega_marks.of_sensors(sensor_ids, unit)
        for mark in draw(style.color, y):
            mark["transform"] = [*prepared, *mark.get("transform", [])]
            mark["encoding"]["x"] |= _domain(style)
            marks.append(mark)
    fixed = [(each.label, each.value) for each in row.fixed if each.unit == unit]
    return {"layer": [*marks, *vega_marks.fixed_values(fixed, unit, y)]}


def _scale(y_axis: Any) -> Json:
    if isinstance(y_axis, Mapping):
        return {"domain": [y_axis["min"], y_axis["max"]], "nice": False, "zero": False}
    if isinstance(y_axis, Sequence) and not isinstance(y_axis, str):
        return {"domain": {"unionWith": list(y_axis)}, "zero": False}
    return {"zero": y_axis == FROM_ZERO}


def _domain(style: ChartStyle) -> Json:
    """The time axis, as long as the window rather than as the data."""
    return {"scale": {"domain": list(style.window)}} if style.window else {}


def _size(style: ChartStyle) -> Json:
    return {"width": style.width, "height": style.height}

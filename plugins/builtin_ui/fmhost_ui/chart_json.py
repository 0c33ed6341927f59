"""Charts as JSON, for the scripts in ``static/charts``; columns rather than records.

Moments are milliseconds since the epoch, durations milliseconds.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

import numpy as np

from fmhost.plugin import Sensor, Source, plots, soc_limits, time_zone, value_patterns

Json = dict[str, Any]


def dump_chart(shown: Any, lines: Sequence[plots.Line]) -> Json:
    """Rows with their axes, and the lines of all rows."""
    return {
        "rows": [
            {
                "title": row.title,
                "units": row.units,
                "axes": {str(sensor): unit for sensor, unit in row.sensors.items()},
                "fixed": [
                    {"label": each.label, "value": each.value, "unit": each.unit}
                    for each in row.fixed
                ],
                "y_axis": row.y_axis,
            }
            for row in shown.rows
        ],
        "order": [sensor.id for sensor in shown.sensors],
        "sensors": {str(sensor.id): _sensor(sensor) for sensor in shown.sensors},
        "lines": [_line(line) for line in lines],
    }


def dump_limits(found: Iterable[soc_limits.LimitLine]) -> list[Json]:
    """Limits that change in time; of a value for a moment, start and end are the same."""
    return [
        {
            "sensor": each.sensor.id,
            "label": each.label,
            "unit": each.unit,
            "starts": _counted(each.starts),
            "ends": _counted(each.ends),
            "values": _numbers(each.values),
        }
        for each in found
    ]


def dump_frame(frame: plots.Frame, now: datetime, timezone: str) -> Json:
    """What time the chart is about."""
    return {
        "start": milliseconds(frame.start),
        "end": milliseconds(frame.end),
        "prior": None if frame.prior is None else milliseconds(frame.prior),
        "now": milliseconds(now),
        "timezone": timezone,
    }


def dump_remarks(annotations: Iterable[Any], frame: plots.Frame) -> list[Json]:
    """Annotations, cut at the edges of the frame."""
    return [
        {
            "start": milliseconds(max(each.start, frame.start)),
            "end": milliseconds(min(each.end, frame.end)),
            "content": each.content,
            "type": each.type,
            "source": each.source.label,
        }
        for each in annotations
    ]


def dump_histogram(line_values: Any) -> Json:
    """How many values lie in which bin."""
    edges, counts = value_patterns.histogram(line_values)
    return {"edges": edges.tolist(), "counts": counts.tolist()}


def dump_heatmap(lines: Sequence[plots.Line], sensor: Sensor, *, weekly: bool) -> Json:
    """The mean of each hour: ``cells`` are triples of column, row and value."""
    starts, values = joined(lines)
    found = value_patterns.heatmap(
        starts, sensor.event_resolution, values, time_zone(sensor.timezone), weekly=weekly
    )
    triples = (found.columns.tolist(), found.rows.tolist(), found.means.tolist())
    return {
        "days": [day.isoformat() for day in found.days],
        "hours": found.hours,
        "cells": [list(each) for each in zip(*triples, strict=True)],
    }


def joined(lines: Sequence[plots.Line]) -> tuple[Any, Any]:
    """Starts and values of the events, of each that which was believed last."""
    if not lines:
        return np.empty(0, "datetime64[us]"), np.empty(0)
    starts, values, formed = (
        np.concatenate([getattr(line, name) for line in lines])
        for name in ("starts", "values", "formed")
    )
    order = np.lexsort((formed, starts))
    starts, values = starts[order], values[order]
    last = np.append(starts[1:] != starts[:-1], True)
    return starts[last], values[last]


def milliseconds(moment: datetime) -> int:
    """Milliseconds since the epoch."""
    return round(moment.timestamp() * 1000)


def _sensor(sensor: Sensor) -> Json:
    asset = sensor.generic_asset
    return {
        "id": sensor.id,
        "name": sensor.name,
        "asset": asset.name,
        "asset_id": asset.id,
        "unit": sensor.unit,
        "step": int(sensor.event_resolution.total_seconds() * 1000),
    }


def _source(source: Source) -> Json:
    return {
        "id": source.id,
        "label": source.label,
        "name": source.name,
        "type": source.kind,
        "model": source.model or "",
        "version": source.version or "",
        "fallback": source.is_fallback,
    }


def _line(line: plots.Line) -> Json:
    gaps = np.flatnonzero(line.breaks)
    return {
        "sensor": line.sensor.id,
        "source": _source(line.source),
        "kind": line.kind,
        "events": line.events,
        "starts": _counted(line.starts),
        "values": _numbers(line.values),
        # After which points nothing is known, and when their events end.
        "gaps": [gaps.tolist(), _counted(line.ends[gaps])],
        "horizons": _once(_counted(line.horizons)),
        "recorded": _once(_counted(line.formed)),
        "bands": [
            {
                "low": band.low,
                "high": band.high,
                "lower": _numbers(band.lower),
                "upper": _numbers(band.upper),
            }
            for band in line.bands
        ],
    }


def _counted(column: Any) -> list[int]:
    counted: list[int] = (column.view(np.int64) // 1000).tolist()
    return counted


def _numbers(values: Any) -> list[float | None]:
    numbers: list[float | None] = values.tolist()
    for position in np.flatnonzero(~np.isfinite(values)).tolist():
        numbers[position] = None
    return numbers


def _once(column: list[int]) -> list[int] | int:
    """A column that has one value throughout as that value."""
    return column[0] if len(set(column)) == 1 else column

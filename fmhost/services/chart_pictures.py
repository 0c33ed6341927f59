"""Charts for pictures: a specification in the Vega-Lite grammar, together with its data."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy.orm import Session

from fmhost.domain.vega_lite import ChartStyle, chart, with_data
from fmhost.errors import InvalidInput
from fmhost.model import Asset, Sensor
from fmhost.schemas.chart_records import (
    dump_annotation,
    dump_records,
    dump_sensor,
    milliseconds,
)
from fmhost.services.chart_resampling import resampled
from fmhost.services.charted import ChartWindow, annotations_about, charted, clipped, sources_in
from fmhost.services.plotted import plotted_of_asset, plotted_of_sensor

Json = dict[str, Any]

#: Version of the grammar.
VERSION = 6


@dataclass(frozen=True, slots=True)
class Picture:
    """What a picture looks like.

    :param height: of each row [pixels]; `width` too.
    :param combine_legend: have one legend for all rows, below them; else one beside each.
    :param resolution: of what is shown; None for that of each sensor.
    """

    window: ChartWindow
    width: int = 500
    height: int = 200
    combine_legend: bool = True
    resolution: timedelta | None = None


def specification(session: Session, targets: Sequence[Sensor | Asset], picture: Picture) -> Json:
    """The chart of sensors and assets below each other, as the operator sees them, with data.

    What nothing is known about in the time is left out.

    :raises InvalidInput: where there is nothing to show, or more than a chart can take.
    """
    drawn = [each for each in (_of_target(session, one, picture) for one in targets) if each]
    if not drawn:
        raise InvalidInput(
            "Nothing is known about that time.",
            field="start",
            hint="`fmhost show data-sources --show-sensors` lists what is known of what.",
        )
    if len(drawn) == 1:
        return drawn[0]
    shared = "shared" if picture.combine_legend else "independent"
    outer = ("$schema", "config", "description", "autosize", "datasets")
    return {
        "$schema": drawn[0]["$schema"],
        "config": drawn[0]["config"],
        "datasets": {name: each for one in drawn for name, each in one["datasets"].items()},
        "vconcat": [{k: part for k, part in one.items() if k not in outer} for one in drawn],
        "spacing": 30,
        "resolve": {"scale": {"color": shared, "strokeDash": shared}},
    }


def _of_target(session: Session, target: Sensor | Asset, picture: Picture) -> Json:
    """The chart of one of them; empty where there is nothing to show."""
    window = picture.window
    if isinstance(target, Sensor):
        kind, color, asset = "sensor", "source.description", target.generic_asset
        shown = plotted_of_sensor(target)
    else:
        kind, color, asset = "asset", "sensor.description", target
        shown = plotted_of_asset(session, None, target)
    edges = None
    if window.start is not None and window.end is not None:
        edges = (int(milliseconds(window.start)), int(milliseconds(window.end)))
    style = ChartStyle(
        dataset=f"{kind}_{target.id}",
        height=picture.height,
        width=picture.width,
        window=edges,
        combine_legend=picture.combine_legend,
        color=color,
        version=VERSION,
    )
    found = charted(session, shown.sensors, window)
    parts = [(each.sensor, each.beliefs) for each in found if len(each.beliefs)]
    known = {sensor.id for sensor, _ in parts}
    rows = [row for row in shown.rows if known & row.sensors.keys()]
    if not rows:
        return {}
    step = picture.resolution
    if step is not None:
        parts = [(sensor, resampled(sensor, beliefs, step)) for sensor, beliefs in parts]
    records = dump_records(parts, sources_in(session, [each for _, each in parts]), shown.factors)
    if step is not None:
        described = {each.id: dump_sensor(each, step) for each, _ in parts}
        records = [{**each, "sensor": described[each["sensor"]["id"]]} for each in records]
    remarks = annotations_about(
        session,
        window,
        sensor=target if isinstance(target, Sensor) else None,
        asset=asset,
        account=asset.account,
    )
    return with_data(
        chart(target.name, rows, style),
        style.dataset,
        records,
        [dump_annotation(each, *clipped(each, window)) for each in remarks],
    )

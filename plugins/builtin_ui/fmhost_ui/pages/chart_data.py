"""The data of charts, for the scripts that draw them."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from flask import Response, jsonify, request

from fmhost.plugin import (
    Asset,
    FmhostError,
    Sensor,
    charted,
    plots,
    plotted,
    soc_limits,
    time_zone,
    web,
)
from fmhost_ui import chart_json
from fmhost_ui.blueprint import blueprint
from fmhost_ui.chart_request import asked_frame, asked_type, names_window

Answer = tuple[Response, int]

#: In a replay.
_MOST_MOMENTS = 1000


def _as_json(view: Callable[..., dict[str, Any]]) -> Callable[..., Answer]:
    """Tell scripts of errors in words rather than as a page."""

    @wraps(view)
    def answering(id: str) -> Answer:
        try:
            return jsonify(view(id)), 200
        except FmhostError as error:
            return jsonify(message=web.told(error)), error.http_status

    return answering


@blueprint.get("/ui/chart_data/assets/<id>")
@web.login_required
@_as_json
def chart_data_of_asset(id: str) -> dict[str, Any]:
    """What the graphs of an asset show of a window, in as many points as its pixels can tell."""
    asset = web.load_asset(id)
    shown = plotted.plotted_of_asset(web.session(), web.user(), asset)
    return _chart(asset, shown, zone_of(asset, shown.sensors))


@blueprint.get("/ui/chart_data/sensors/<id>")
@web.login_required
@_as_json
def chart_data_of_sensor(id: str) -> dict[str, Any]:
    """What is known about a sensor: over time, or as histogram or heatmap."""
    sensor = web.load_sensor(id)
    shown = plotted.plotted_of_sensor(sensor)
    kind = asked_type()
    if kind == "bar_chart":
        return _chart(sensor, shown, sensor.timezone)
    frame = _frame(shown, sensor.timezone)
    whole = plots.Frame(frame.start, frame.end, frame.prior)
    lines = plots.lines_of(web.session(), [sensor], shown.factors, whole)
    told = chart_json.dump_frame(frame, web.installation().now(), sensor.timezone)
    about = {**told, "unit": sensor.unit, "events": sum(line.events for line in lines)}
    if kind == "histogram":
        return {**about, **chart_json.dump_histogram(chart_json.joined(lines)[1])}
    weekly = kind == "weekly_heatmap"
    return {**about, **chart_json.dump_heatmap(lines, sensor, weekly=weekly)}


def zone_of(asset: Asset, sensors: Any) -> str:
    """The time zone in which the graphs of an asset tell the time."""
    if asset.common_timezone:
        return asset.common_timezone
    for sensor in sensors:
        zone: str = sensor.timezone
        return zone
    configured: str = web.installation().settings["FLEXMEASURES_TIMEZONE"]
    return configured


def _chart(target: Asset | Sensor, shown: Any, timezone: str) -> dict[str, Any]:
    session = web.session()
    frame = _frame(shown, timezone)
    if "moments" in request.args:
        found = plots.recorded_when(session, shown.sensors, frame, at_most=_MOST_MOMENTS)
        return {"moments": [chart_json.milliseconds(each) for each in found]}
    lines = plots.lines_of(session, shown.sensors, shown.factors, frame)
    now = web.installation().now()
    limits = soc_limits.limits_over_time(session, web.user(), shown, frame, now)
    window = charted.ChartWindow(frame.start, frame.end, prior=frame.prior)
    remarks = plotted.remarks_on(session, web.user(), target, window)
    return {
        **chart_json.dump_frame(frame, now, timezone),
        **chart_json.dump_chart(shown, lines),
        "limits": chart_json.dump_limits(limits),
        "annotations": chart_json.dump_remarks(remarks, frame),
    }


def _frame(shown: Any, timezone: str) -> plots.Frame:
    if names_window():
        return asked_frame(None)
    now = web.installation().now()
    zone = time_zone(timezone)
    return asked_frame(plotted.usual_window(web.session(), shown.sensors, now, zone))

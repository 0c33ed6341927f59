"""The pages: what assets there are, and what is known about a sensor."""

from __future__ import annotations

from flask import Response, render_template, request

from fmhost.plugin import NotFound, outlook, overview, web
from fmhost_ui.blueprint import blueprint
from fmhost_ui.chart import draw
from fmhost_ui.grouping import group_by_owner
from fmhost_ui.narrative import tell_all
from fmhost_ui.sensor_view import SensorView

__all__ = ["blueprint"]


@blueprint.get("/")
@blueprint.get("/dashboard")
@web.login_required
def home() -> str:
    """The assets that the user may read, and what is scheduled for them."""
    now = web.installation().now()
    found = web.readable_assets()
    sensors = [sensor for asset in found for sensor in asset.sensors]
    ahead = overview.schedules_ahead(web.session(), sensors, now)
    return render_template(
        "ui/home.html",
        groups=group_by_owner(found, web.user()),
        stories=tell_all(ahead, now),
    )


@blueprint.get("/sensors/<id>")
@web.login_required
def sensor(id: str) -> str:
    """The values of a sensor around now, as chart and as table."""
    now = web.installation().now()
    found = web.load_sensor(id)
    around = outlook.around(web.session(), found, now)
    ahead = overview.schedules_ahead(web.session(), [found], now)
    return render_template(
        "ui/sensor.html",
        stories=tell_all(ahead, now),
        view=SensorView(around, now),
        # One for screens, one for phones; the style sheet shows one of them.
        drawings={
            "wide": draw(around, now, width=1000, height=400, most_times=13),
            "narrow": draw(around, now, width=420, height=340, most_times=4),
        },
        panels=web.panels(found),
    )


@blueprint.get("/assets/<id>")
@web.login_required
def asset(id: str) -> str:
    """An asset with its sensors and properties, and the tabs of plugins."""
    found = web.load_asset(id)
    wanted = request.args.get("tab", "")
    tabs = dict(web.tabs(found, wanted))
    if wanted and wanted not in tabs:
        raise NotFound(f"The asset {found.name} has no tab named {wanted}.")
    sensors = list(found.sensors)
    now = web.installation().now()
    ahead = overview.schedules_ahead(web.session(), sensors, now)
    return render_template(
        "ui/asset.html",
        asset=found,
        tabs=tabs,
        shown=wanted,
        stories=tell_all(ahead, now),
        panels=[] if wanted else web.panels(found),
    )


@blueprint.get("/favicon.ico")
def favicon() -> Response:
    """The icon of the site."""
    return blueprint.send_static_file("favicon.ico")

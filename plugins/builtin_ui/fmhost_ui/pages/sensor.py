"""The page of a sensor: what is known about it."""

from __future__ import annotations

from flask import render_template

from fmhost.plugin import outlook, overview, web
from fmhost_ui.blueprint import blueprint
from fmhost_ui.chart import draw
from fmhost_ui.narrative import tell_all
from fmhost_ui.sensor_view import SensorView


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

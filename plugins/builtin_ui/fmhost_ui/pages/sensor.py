"""The page of a sensor: what is known about it."""

from __future__ import annotations

from flask import render_template

from fmhost.plugin import outlook, overview, statistics, web
from fmhost_ui.blueprint import blueprint
from fmhost_ui.chart_frame import frame_of_sensor
from fmhost_ui.narrative import tell_all
from fmhost_ui.sensor_view import SensorView


@blueprint.get("/sensors/<id>")
@web.login_required
def sensor(id: str) -> str:
    """The values of a sensor over time, and what each source recorded."""
    installation = web.installation()
    now = installation.now()
    found = web.load_sensor(id)
    around = outlook.around(web.session(), found, now)
    ahead = overview.schedules_ahead(web.session(), [found], now)
    recorded, summaries = statistics.statistics(web.session(), found)
    web.after_commit(lambda: statistics.keep(installation, summaries))
    return render_template(
        "ui/sensor.html",
        stories=tell_all(ahead, now),
        view=SensorView(around, recorded, now),
        frame=frame_of_sensor(found),
        panels=web.panels(found),
    )

"""Ask for a forecast of a sensor, and watch how it is computed."""

from __future__ import annotations

import math
from datetime import timedelta

from flask import redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from fmhost.plugin import Sensor, statistics, time_zone, web
from fmhost_ui.blueprint import blueprint
from fmhost_ui.forms import Form, entered
from fmhost_ui.job_view import find_job

_DAY = timedelta(days=1)
#: A forecast looks at most so far ahead here, and needs so much history.
_MOST_DAYS = 7
_LEAST_HISTORY = 2 * _DAY


@blueprint.get("/sensors/<id>/forecast")
@web.login_required
def forecast(id: str) -> str:
    """A form for a forecast from now on; ``job`` in the query is one that is watched."""
    sensor = web.load_sensor(id, "create-children")
    horizon = web.installation().settings["FLEXMEASURES_PLANNING_HORIZON"]
    days = min(max(math.ceil(horizon / _DAY), 1), _MOST_DAYS)
    return _page(sensor, Form({"duration": f"P{days}D"}))


@blueprint.post("/sensors/<id>/forecast/trigger")
@web.login_required
def trigger_forecast(id: str) -> str | Response | tuple[str, int]:
    """Ask for the forecast; the path has it counted like the requests of programs for one."""
    sensor = web.load_sensor(id, "create-children")
    values = entered(("duration", "probabilistic"))
    given = {"duration": values["duration"], "probabilistic": bool(values["probabilistic"])}
    try:
        body = web.perform("forecasts.trigger_forecast", given, id=id)
    except web.Refused as refused:
        return _page(sensor, Form(values, refused.messages)), refused.status
    return redirect(url_for("ui.forecast", id=id, job=body["forecast"]))


def _page(sensor: Sensor, form: Form) -> str:
    history = _history(sensor)
    return render_template(
        "ui/forecast.html",
        sensor=sensor,
        form=form,
        days=[(f"P{days}D", f"{days} day{'s' if days > 1 else ''}") for days in range(1, 8)],
        is_enough=history >= _LEAST_HISTORY,
        history=history / _DAY,
        job=find_job(request.args.get("job", ""), time_zone(sensor.timezone)),
    )


def _history(sensor: Sensor) -> timedelta:
    """How much time the data of a sensor cover up to now."""
    now = web.installation().now()
    found, _ = statistics.statistics(web.session(), sensor, None, now)
    if not found:
        return timedelta(0)
    ends = [min(each.last_event_end, now) for each in found]
    return max(ends) - min(each.first_event_start for each in found)

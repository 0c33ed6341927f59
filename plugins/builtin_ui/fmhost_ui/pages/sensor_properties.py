"""Create and change sensors."""

from __future__ import annotations

from functools import cache
from typing import Any
from zoneinfo import available_timezones

from flask import flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from fmhost.plugin import Sensor, format_duration, web
from fmhost_ui.blueprint import blueprint
from fmhost_ui.forms import Form, entered, is_rehearsal, pretty, rehearsed

_FIELDS = ("name", "unit", "event_resolution", "timezone", "attributes")

#: What is often chosen; anything else can be typed.
UNITS = ("kW", "MW", "kWh", "MWh", "EUR/MWh", "EUR/kWh", "%", "°C", "W/m²", "m/s", "kg/MWh")
RESOLUTIONS = ("PT0M", "PT1M", "PT5M", "PT15M", "PT30M", "PT1H", "P1D")


@blueprint.route("/assets/<id>/sensors/new", methods=["GET", "POST"])
@web.login_required
def new_sensor(id: str) -> str | Response | tuple[str, int]:
    """A form for a new sensor of an asset."""
    asset = web.load_asset(id, "create-children")
    if request.method == "GET":
        zone = asset.sensors[0].timezone if asset.sensors else ""
        zone = zone or web.installation().settings["FLEXMEASURES_TIMEZONE"]
        form = Form({"event_resolution": "PT15M", "timezone": zone, "attributes": "{}"})
    else:
        values = entered(_FIELDS)
        given = _given(values) | {"generic_asset_id": asset.id}
        if is_rehearsal():
            return rehearsed(web.rehearse("sensors.create_sensor", given))
        try:
            made = web.perform("sensors.create_sensor", given)
        except web.Refused as refused:
            form = Form(values, refused.messages)
        else:
            flash(f"{values['name']} is there. It has no data yet.", "success")
            return redirect(url_for("ui.sensor", id=made["id"]))
    page = render_template(
        "ui/sensor_new.html",
        asset=asset,
        form=form,
        tabs=dict(web.tabs(asset)),
        **_offered(),
    )
    return page, 422 if form.errors else 200


@blueprint.route("/sensors/<id>/properties", methods=["GET", "POST"])
@web.login_required
def sensor_properties(id: str) -> str | Response | tuple[str, int]:
    """The fields of a sensor, to change."""
    sensor = web.load_sensor(id, "update")
    before = _values(sensor)
    form = Form(before)
    if request.method == "POST":
        values = before | entered([name for name in _FIELDS if name in request.form])
        given = _given({name: each for name, each in values.items() if each != before[name]})
        if is_rehearsal():
            return rehearsed(web.rehearse("sensors.update_sensor", given, id=id))
        try:
            web.perform("sensors.update_sensor", given, id=id)
        except web.Refused as refused:
            form = Form(values, refused.messages)
        else:
            flash("Saved." if given else "Nothing has changed.", "success" if given else "info")
            return redirect(url_for("ui.sensor_properties", id=id))
    page = render_template(
        "ui/sensor_properties.html",
        sensor=sensor,
        form=form,
        horizon=_horizon(sensor),
        may_delete=web.allows(sensor, "delete"),
        **_offered(),
    )
    return page, 422 if form.errors else 200


def _given(values: dict[str, str]) -> dict[str, Any]:
    """What the API is sent; attributes that are empty are none, and so is a time zone."""
    given: dict[str, Any] = dict(values)
    if not given.get("attributes", "{}"):
        given["attributes"] = "{}"
    if not given.get("timezone", "UTC"):
        del given["timezone"]
    return given


def _values(sensor: Sensor) -> dict[str, str]:
    return {
        "name": sensor.name,
        "unit": sensor.unit,
        "event_resolution": format_duration(sensor.event_resolution),
        "timezone": sensor.timezone,
        "attributes": pretty(sensor.attributes),
    }


def _horizon(sensor: Sensor) -> str:
    """When events become known, as the sensor says it."""
    parameters = ", ".join(
        f"{name.replace('_', ' ')}: {value}" for name, value in sensor.knowledge_horizon_par.items()
    )
    return f"{sensor.knowledge_horizon_fnc} ({parameters})"


def _offered() -> dict[str, Any]:
    return {"units": UNITS, "resolutions": RESOLUTIONS, "zones": _zones()}


@cache
def _zones() -> list[str]:
    return sorted(name for name in available_timezones() if "/" in name or name == "UTC")

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

_FIELDS = (
    *("name", "unit", "event_resolution", "timezone", "attributes"),
    *("knowledge_horizon_fnc", "knowledge_horizon_par"),
)

#: When values are known: by function, in words, and with which parameters, for instance.
HORIZONS = (
    ("ex_post", "after the event", {"ex_post_horizon": "PT0H"}),
    ("ex_ante", "before the event", {"ex_ante_horizon": "PT1H"}),
    (
        "x_days_ago_at_y_oclock",
        "some days before it, at a time of day",
        {"x": 1, "y": 12, "z": "Europe/Paris"},
    ),
    (
        "ex_ante_economics",
        "like prices of a market of older sensors",
        {"x": 1, "y": 12, "z": "Europe/Paris"},
    ),
)

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
        form = Form(
            {
                "event_resolution": "PT15M",
                "timezone": zone,
                "attributes": "{}",
                "knowledge_horizon_fnc": "ex_post",
                "knowledge_horizon_par": pretty({"ex_post_horizon": 0}),
            }
        )
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
        changed = {name: each for name, each in values.items() if each != before[name]}
        if "knowledge_horizon_fnc" in changed:
            changed["knowledge_horizon_par"] = values["knowledge_horizon_par"]
        given = _given(changed)
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
        may_delete=web.allows(sensor, "delete"),
        **_offered(),
    )
    return page, 422 if form.errors else 200


def _given(values: dict[str, str]) -> dict[str, Any]:
    """What the API is sent; JSON that is empty is none, and so are a zone and a function."""
    given: dict[str, Any] = dict(values)
    for name in ("attributes", "knowledge_horizon_par"):
        if not given.get(name, "{}"):
            given[name] = "{}"
    for name in ("timezone", "knowledge_horizon_fnc"):
        if name in given and not given[name]:
            del given[name]
    return given


def _values(sensor: Sensor) -> dict[str, str]:
    return {
        "name": sensor.name,
        "unit": sensor.unit,
        "event_resolution": format_duration(sensor.event_resolution),
        "timezone": sensor.timezone,
        "attributes": pretty(sensor.attributes),
        "knowledge_horizon_fnc": sensor.knowledge_horizon_fnc,
        "knowledge_horizon_par": pretty(sensor.knowledge_horizon_par),
    }


def _offered() -> dict[str, Any]:
    return {
        "units": UNITS,
        "resolutions": RESOLUTIONS,
        "zones": _zones(),
        "horizons": [(name, words) for name, words, _ in HORIZONS],
        "examples": [(name, pretty(example)) for name, _, example in HORIZONS],
    }


@cache
def _zones() -> list[str]:
    return sorted(name for name in available_timezones() if "/" in name or name == "UTC")

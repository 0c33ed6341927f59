"""Delete assets, sensors and data, after having said what goes along."""

from __future__ import annotations

from flask import flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from fmhost.plugin import Sensor, removals, statistics, web
from fmhost_ui.blueprint import blueprint
from fmhost_ui.forms import Form, entered
from fmhost_ui.local_time import as_moment

_CONDITIONS = ("source", "start", "until")


@blueprint.route("/assets/delete_with_data/<id>", methods=["GET", "POST"])
@web.login_required
def delete_asset(id: str) -> str | Response | tuple[str, int]:
    """Ask whether an asset is to be deleted, and delete it."""
    asset = web.load_asset(id, "delete")
    name, above = asset.name, asset.parent_asset_id
    if request.method == "GET":
        removal = removals.of_asset(web.session(), asset)
        return render_template("ui/asset_delete.html", asset=asset, removal=removal)
    web.perform("assets.delete_asset", id=id)
    flash(f"{name} is deleted, with all data.", "success")
    home = url_for("ui.all_assets") if above is None else url_for("ui.asset", id=above)
    return redirect(home)


@blueprint.route("/sensors/<id>/delete", methods=["GET", "POST"])
@web.login_required
def delete_sensor(id: str) -> str | Response:
    """Ask whether a sensor is to be deleted, and delete it."""
    sensor = web.load_sensor(id, "delete")
    name, asset_id = sensor.name, sensor.generic_asset_id
    if request.method == "GET":
        removal = removals.of_sensor(web.session(), sensor)
        return render_template("ui/sensor_delete.html", sensor=sensor, removal=removal)
    web.perform("sensors.delete_sensor", id=id)
    flash(f"{name} is deleted, with all data.", "success")
    return redirect(url_for("ui.asset", id=asset_id))


@blueprint.route("/sensors/<id>/delete_data", methods=["GET", "POST"])
@web.login_required
def delete_data(id: str) -> str | Response | tuple[str, int]:
    """Delete data of a sensor: all, or those of a source or of some time."""
    sensor = web.load_sensor(id, "delete")
    form = Form(entered(_CONDITIONS) if request.method == "POST" else {})
    if request.method == "POST":
        given = {
            "source": form.value("source"),
            "start": as_moment(form.value("start"), sensor.timezone),
            "until": as_moment(form.value("until"), sensor.timezone),
        }
        given = {name: value for name, value in given.items() if value}
        try:
            web.perform("sensor_records.delete_sensor_data", given, id=id)
        except web.Refused as refused:
            form = Form(form.values, refused.messages)
        else:
            flash("The data are deleted.", "success")
            return redirect(url_for("ui.sensor", id=id))
    page = render_template(
        "ui/sensor_delete_data.html",
        sensor=sensor,
        form=form,
        removal=removals.of_sensor(web.session(), sensor),
        sources=[("", "any source"), *_sources(sensor)],
    )
    return page, 422 if form.errors else 200


def _sources(sensor: Sensor) -> list[tuple[str, str]]:
    """The sources that have recorded something on a sensor."""
    found, _ = statistics.statistics(web.session(), sensor)
    return [(str(each.source.id), each.source.description) for each in found]

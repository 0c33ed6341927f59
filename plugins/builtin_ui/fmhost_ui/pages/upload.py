"""Upload files with data of a sensor, after a look at what is in them."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from flask import flash, redirect, render_template, request, url_for
from werkzeug.datastructures import FileStorage
from werkzeug.wrappers import Response

from fmhost.plugin import Sensor, time_zone, upload_previews, uploads, web
from fmhost_ui.blueprint import blueprint
from fmhost_ui.forms import Form, entered
from fmhost_ui.job_view import find_job

_FIELDS = ("unit", "belief-time-measured-instantly")


@web.takes_files("FLEXMEASURES_MAX_SENSOR_DATA_INGESTION_BYTES")
@blueprint.route("/sensors/<id>/upload", methods=["GET", "POST"])
@web.login_required
def upload(id: str) -> str | Response | tuple[str, int]:
    """A form for a file; what is pressed says whether it is looked at (``look``) or stored.

    A script that asks with ``part=preview`` gets the preview alone.
    """
    sensor = web.load_sensor(id, "create-children")
    if request.method == "GET":
        return _page(sensor, Form({}))
    form = Form(entered(_FIELDS))
    if request.form.get("look"):
        preview = _preview(sensor, form)
        if request.args.get("part") == "preview":
            return render_template("ui/_upload_preview.html", preview=preview, sensor=sensor)
        return _page(sensor, form, preview=preview)
    try:
        body = web.perform("sensor_records.upload_data", id=id)
    except web.Refused as refused:
        return _page(sensor, Form(form.values, refused.messages)), refused.status
    if "job" in body:
        return redirect(url_for("ui.upload", id=id, job=body["job"]))
    flash("The data are stored.", "success")
    return redirect(url_for("ui.sensor", id=id))


def _preview(sensor: Sensor, form: Form) -> upload_previews.Preview:
    file: FileStorage | None = request.files.get("uploaded-files")
    if file is None or not file.filename:
        complaint = upload_previews.Complaint("Choose a file.")
        return upload_previews.Preview("", sensor.unit, complaints=[complaint])
    found = uploads.Upload(file.filename, file.mimetype or "text/plain", file.stream.read())
    meaning = uploads.Meaning(
        form.value("unit") or None, bool(form.value("belief-time-measured-instantly"))
    )
    preview = upload_previews.preview(web.installation(), sensor, found, meaning)
    if preview.complaints or len(found.content) > upload_previews.LARGE:
        return preview
    # What is stored already may contradict the file.
    refused = web.rehearse("sensor_records.upload_data", {}, id=str(sensor.id))
    complaints = [upload_previews.Complaint(" ".join(texts)) for texts in refused.values()]
    return replace(preview, complaints=complaints)


def _page(sensor: Sensor, form: Form, **found: Any) -> str:
    job = find_job(request.args.get("job", ""), time_zone(sensor.timezone))
    return render_template("ui/upload.html", sensor=sensor, form=form, job=job, **found)

"""Ask for a schedule, and watch how it is computed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any

from flask import redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from fmhost.plugin import (
    Asset,
    FmhostError,
    Sensor,
    format_duration,
    parse_duration,
    time_zone,
    units,
    web,
)
from fmhost_ui.blueprint import blueprint
from fmhost_ui.flex_fields import FlexField, fields_of, read_value
from fmhost_ui.forms import Form, rehearsed
from fmhost_ui.job_view import find_job
from fmhost_ui.local_time import as_moment, for_input
from fmhost_ui.wording import length

#: More devices than these are too many for one form; the API takes any number.
_MOST_DEVICES = 100
_LENGTHS = ("PT6H", "PT12H", "P1D", "P2D", "P3D", "P7D")


@dataclass(frozen=True, slots=True)
class Device:
    """A power sensor that can get a schedule.

    :param lines: the fields that a request says about it in one line, `texts` those that take
        several.
    :param trouble: why it cannot get one.
    """

    sensor: Sensor
    lines: Sequence[FlexField] = ()
    texts: Sequence[FlexField] = ()
    trouble: str = ""


@blueprint.get("/assets/<id>/schedule")
@web.login_required
def asset_schedule(id: str) -> str:
    """A form for a schedule of devices of an asset; ``job`` in the query is one that is watched."""
    asset = web.load_asset(id, "create-children")
    devices = _devices(asset)
    return _page(asset, devices, Form(_start_values(asset, devices)), _chosen_before(devices))


@blueprint.post("/assets/<id>/schedule")
@web.login_required
def judge_schedule(id: str) -> Response:
    """What would be wrong with what is in the form so far, for a script."""
    asset = web.load_asset(id, "create-children")
    entry = _entered(asset, _devices(asset))
    found = {} if entry.wrong else web.rehearse(entry.endpoint, entry.given, **entry.path)
    return rehearsed({**_placed(found, entry.chosen), **entry.wrong})


@blueprint.post("/assets/<id>/schedule/trigger")
@web.login_required
def trigger_schedule(id: str) -> str | Response | tuple[str, int]:
    """Ask for the schedule; the path has it counted like the requests of programs for one."""
    asset = web.load_asset(id, "create-children")
    devices = _devices(asset)
    entry = _entered(asset, devices)
    ids = [each.sensor.id for each in entry.chosen]
    try:
        if entry.wrong:
            raise web.Refused(entry.wrong)
        body = web.perform(entry.endpoint, entry.given, **entry.path)
    except web.Refused as refused:
        form = Form(entry.values, _placed(refused.messages, entry.chosen))
        return _page(asset, devices, form, ids), refused.status
    said: dict[str, Any] = {
        name: text for name, text in entry.values.items() if text and _is_said(name)
    }
    return redirect(url_for("ui.asset_schedule", id=id, device=ids, job=body["schedule"], **said))


def _devices(asset: Asset) -> list[Device]:
    """The power sensors of an asset and of those below it, with what can be said about each."""
    readable = {each.id: each for each in web.readable_assets()}
    family = [asset, *(each for each in asset.offspring if each.id in readable)]
    sensors = (
        sensor
        for member in family
        for sensor in member.sensors
        if sensor.event_resolution
        and units.convertible(sensor.unit, "MW")
        and web.allows(sensor, "create-children")
    )
    return [_device(sensor) for sensor in islice(sensors, _MOST_DEVICES)]


def _device(sensor: Sensor) -> Device:
    try:
        _, schemas = web.schemas_of_scheduler(sensor)
    except FmhostError as error:
        return Device(sensor, trouble=str(error))
    asked = [each for each in fields_of(schemas.get("flex-model", {})) if each.is_asked_for]
    return Device(
        sensor,
        lines=[each for each in asked if "series" not in each.notations],
        texts=[each for each in asked if "series" in each.notations],
    )


def _start_values(asset: Asset, devices: Sequence[Device]) -> dict[str, str]:
    """What is in the form at first: what the query says, else from now on for as long as usual."""
    now = web.installation().now()
    step = min((each.sensor.event_resolution for each in devices), default=None)
    if step is not None:
        now -= (now - now.replace(hour=0, minute=0, second=0, microsecond=0)) % step
    usual = format_duration(web.installation().settings["FLEXMEASURES_PLANNING_HORIZON"])
    said = {name: text for name, text in request.args.items() if _is_said(name)}
    return {"start": for_input(now, _zone(asset)), "duration": usual, **said}


def _is_said(name: str) -> bool:
    """Whether a field says something of the schedule or of a device (``2:soc-at-start``)."""
    return name in ("start", "duration") or ":" in name


def _zone(asset: Asset) -> str:
    name: str = asset.common_timezone or web.installation().settings["FLEXMEASURES_TIMEZONE"]
    return name


def _chosen_before(devices: Sequence[Device]) -> list[int]:
    """The devices that the query names; else those of which a flex-model is stored, or the only."""
    wanted = {*request.args.getlist("device"), *request.args.getlist("sensor")}
    named = [each.sensor.id for each in devices if str(each.sensor.id) in wanted]
    if named or len(devices) == 1:
        return named or [devices[0].sensor.id]
    return [each.sensor.id for each in devices if each.sensor.generic_asset.flex_model]


@dataclass(frozen=True, slots=True)
class _Entry:
    """What was entered.

    :param endpoint: the operation that is asked for it, with its `path` and what it is `given`.
    :param wrong: what cannot be understood, by field.
    """

    values: Mapping[str, str]
    chosen: Sequence[Device]
    endpoint: str
    path: Mapping[str, str]
    given: Mapping[str, Any]
    wrong: Mapping[str, list[str]]


def _entered(asset: Asset, devices: Sequence[Device]) -> _Entry:
    chosen = [each for each in devices if str(each.sensor.id) in request.form.getlist("device")]
    values = {name: text.strip() for name, text in request.form.items() if name != "csrf_token"}
    wrong: dict[str, list[str]] = {}
    models = [_model(each, values, wrong) for each in chosen]
    if not chosen:
        wrong["device"] = ["Choose at least one device."]
    given: dict[str, Any] = {
        "start": as_moment(values.get("start", ""), _zone(asset)),
        "duration": values.get("duration", ""),
        # What is stored may have changed since somebody asked for the same.
        "force-new-job-creation": True,
    }
    if len(chosen) == 1:
        given["flex-model"] = models[0]
        path = {"id": str(chosen[0].sensor.id)}
        return _Entry(values, chosen, "schedules.trigger_schedule", path, given, wrong)
    given["flex-model"] = [
        {"sensor": each.sensor.id, **model} for each, model in zip(chosen, models, strict=True)
    ]
    path = {"id": str(asset.id)}
    return _Entry(values, chosen, "schedules.trigger_asset_schedule", path, given, wrong)


def _model(
    device: Device, values: Mapping[str, str], wrong: dict[str, list[str]]
) -> dict[str, Any]:
    model = {}
    for each in (*device.lines, *device.texts):
        name = f"{device.sensor.id}:{each.name}"
        text = values.get(name, "")
        if text:
            try:
                model[each.name] = read_value(text)
            except ValueError as error:
                wrong[name] = [f"This is no JSON: {error}"]
    return model


def _placed(
    messages: Mapping[str, Sequence[str]], chosen: Sequence[Device]
) -> dict[str, list[str]]:
    """The texts by the names of the form's fields."""
    placed: dict[str, list[str]] = {}
    for field, texts in messages.items():
        parts = field.removeprefix("flex-model.").split(".")
        number = int(parts.pop(0)) if parts[0].isdigit() and len(parts) > 1 else 0
        name = field
        if number < len(chosen):
            device = chosen[number]
            if parts[0] in [each.name for each in (*device.lines, *device.texts)]:
                name = f"{device.sensor.id}:{'.'.join(parts)}"
        placed[name] = [*placed.get(name, ()), *texts]
    return placed


def _page(asset: Asset, devices: Sequence[Device], form: Form, chosen: Sequence[int]) -> str:
    zone = _zone(asset)
    usual = form.value("duration")
    lengths = dict.fromkeys((*_LENGTHS, usual) if usual else _LENGTHS)
    results = [
        (url_for("ui.sensor", id=each.sensor.id), f"See the schedule of {each.sensor.name}")
        for each in devices
        if each.sensor.id in chosen
    ]
    return render_template(
        "ui/schedule.html",
        asset=asset,
        tabs=dict(web.tabs(asset)),
        devices=devices,
        form=form,
        chosen=chosen,
        zone=zone,
        is_cut=len(devices) == _MOST_DEVICES,
        lengths=[(each, _in_words(each)) for each in lengths],
        job=find_job(request.args.get("job", ""), time_zone(zone)),
        results=results,
    )


def _in_words(duration: str) -> str:
    try:
        return length(parse_duration(duration).fixed())
    except FmhostError:
        return duration

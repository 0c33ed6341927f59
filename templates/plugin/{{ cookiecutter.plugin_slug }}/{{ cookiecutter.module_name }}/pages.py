"""A page, and an API route. Who may see what is decided by the host: ``web`` asks its policy."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from flask import Blueprint, jsonify, render_template, request
from flask.typing import ResponseReturnValue
from fmhost.plugin import InvalidInput, web
from marshmallow import Schema, ValidationError, fields, validate

from {{ cookiecutter.module_name }} import notes
from {{ cookiecutter.module_name }}.settings import NOTES_PER_SENSOR

blueprint = Blueprint("{{ cookiecutter.module_name }}", __name__, template_folder="templates")

API = "/api/v3_0/{{ cookiecutter.plugin_slug }}/notes"


class NoteSchema(Schema):
    """What a client sends to write a note."""

    sensor = fields.Integer(required=True, strict=True)
    text = fields.String(required=True, validate=validate.Length(min=1, max=500))


def _readable_sensors() -> dict[int, str]:
    """The names of the sensors that the user may read, by id."""
    return {
        sensor.id: f"{asset.name} / {sensor.name}"
        for asset in web.readable_assets()
        for sensor in asset.sensors
    }


@blueprint.get("/{{ cookiecutter.plugin_slug }}")
@web.login_required
def page() -> str:
    """The notes on all sensors that the user may read."""
    sensors = _readable_sensors()
    return render_template(
        "{{ cookiecutter.module_name }}/notes.html",
        notes=notes.on_sensors(web.session(), sensors),
        sensors=sensors,
    )


@blueprint.get(API)
@web.login_required
def list_notes() -> ResponseReturnValue:
    """The same as JSON."""
    found = notes.on_sensors(web.session(), _readable_sensors())
    return jsonify([asdict(note) for note in found])


@blueprint.post(API)
@web.login_required
def add_note() -> ResponseReturnValue:
    """Write a note on a sensor to which the user may add."""
    try:
        given: dict[str, Any] = NoteSchema().load(request.get_json())
    except ValidationError as error:
        field, messages = next(iter(error.messages_dict.items()))
        raise InvalidInput(" ".join(messages), field=field) from error
    sensor = web.load_sensor(str(given["sensor"]), "create-children")
    limit = web.installation().settings[NOTES_PER_SENSOR.name]
    note = notes.add(web.session(), sensor, web.user(), given["text"], at_most=limit)
    return jsonify(asdict(note)), 201

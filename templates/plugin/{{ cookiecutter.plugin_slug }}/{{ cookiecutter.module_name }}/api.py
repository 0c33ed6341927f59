"""The HTTP API of the notes.

Each operation says what it takes and gives. From that the requests are checked and the API's document
is written; in tests, the fixture ``client`` checks every answer against it.
"""

from __future__ import annotations

from typing import Any

from fmhost.plugin import Resource, web
from marshmallow import Schema, fields, validate

from {{ cookiecutter.module_name }} import notes
from {{ cookiecutter.module_name }}.settings import NOTES_PER_SENSOR

api = Resource(
    "{{ cookiecutter.module_name }}_api",
    __name__,
    url_prefix="/api/v3_0/{{ cookiecutter.plugin_slug }}",
)


class NoteSchema(Schema):
    """A note on a sensor."""

    sensor = fields.Integer(required=True, strict=True, attribute="sensor_id")
    author = fields.String(dump_only=True)
    text = fields.String(required=True, validate=validate.Length(min=1, max=500))


def readable_sensors() -> dict[int, str]:
    """The names of the sensors that the user of the request may read, by id."""
    return {
        sensor.id: f"{asset.name} / {sensor.name}"
        for asset in web.readable_assets()
        for sensor in asset.sensors
    }


@api.operation("GET", "/notes", answer=NoteSchema(many=True))
def list_notes() -> Any:
    """List the notes on the sensors that you may read."""
    found = notes.on_sensors(web.session(), readable_sensors())
    return NoteSchema(many=True).dump(found)


@api.operation("POST", "/notes", schema=NoteSchema(), answers={201: NoteSchema}, scope="write-data")
def add_note(given: dict[str, Any]) -> Any:
    """Write a note on a sensor to which you may add.

    A sensor has a limited number of notes; beyond, the answer is 409.
    """
    sensor = web.load_sensor(str(given["sensor_id"]), "create-children")
    limit = web.installation().settings[NOTES_PER_SENSOR.name]
    note = notes.add(web.session(), sensor, web.user(), given["text"], at_most=limit)
    return NoteSchema().dump(note), 201

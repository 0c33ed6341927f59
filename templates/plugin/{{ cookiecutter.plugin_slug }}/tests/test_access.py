"""Every route, asked by everybody about everybody's sensors; see the page "Testing a plugin"."""

from fmhost.testing import OWNERS, AccessConformance, Need, Row, seen
from sqlalchemy import insert

from {{ cookiecutter.module_name }}.notes import notes

API = "/api/v3_0/{{ cookiecutter.plugin_slug }}/notes"


class TestAccess(AccessConformance):
    """A route that is added needs a row here."""

    plugin = "{{ cookiecutter.plugin_slug }}"
    rows = (
        Row(f"GET {API}", shows=seen(*OWNERS)),
        Row(
            f"POST {API}",
            needs=(Need("sensor", "create-children"),),
            owners=OWNERS,
            json=lambda world, estate: {"sensor": estate.sensor_id, "text": "Looks fine."},
            allowed=201,
            scope="write-data",
        ),
        Row(
            "GET /{{ cookiecutter.plugin_slug }}",
            nobody=(302, 302),
            plain=True,
        ),
    )

    def prepare(self, installation, session, world):
        """Put a note on a sensor of every owner, whose mark others must never get to see."""
        for estate in world.estates.values():
            note = {"sensor_id": estate.sensor_id, "author": estate.mark, "text": estate.mark}
            session.execute(insert(notes).values(note))

"""Commands of the ``fmhost`` program."""

from __future__ import annotations

import click
from fmhost.plugin import current_installation

from {{ cookiecutter.module_name }} import notes


@click.command()
def list_notes() -> None:
    """List the notes on all sensors."""
    with current_installation().database.reading() as session:
        found = notes.on_sensors(session)
    for note in found:
        click.echo(f"sensor {note.sensor_id}: {note.text} ({note.author})")
    if not found:
        click.echo("There are no notes yet.")

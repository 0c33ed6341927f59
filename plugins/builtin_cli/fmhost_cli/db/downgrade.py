"""``fmhost db downgrade``."""

from __future__ import annotations

import click

from fmhost.plugin import current_program, migrations


@click.command()
@click.argument("revision", default="-1")
def command(revision: str) -> None:
    """Go back to REVISION (by default one step; `base` removes all tables with their data).

    Data that the earlier tables cannot hold are lost.
    """
    database = current_program().installation.database
    undone = migrations.downgrade(database, revision)
    for step in undone:
        click.echo(f"Undid revision {step}.")
    at = ", ".join(migrations.current(database)) or "base"
    click.secho(f"The database {database} is at revision {at}.", fg="green")

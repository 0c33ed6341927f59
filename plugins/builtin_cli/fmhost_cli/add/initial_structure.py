"""``fmhost add initial-structure``."""

from __future__ import annotations

import click

from fmhost.plugin import add_initial_structure, current_installation


@click.command()
def command() -> None:
    """Add the usual roles, asset types and data sources; what exists stays as it is."""
    with current_installation().database.transaction() as session:
        added = add_initial_structure(session)
    for what in added:
        click.echo(f"Added {what}.")
    state = "in place" if added else "in place already"
    click.secho(f"The initial structure is {state}.", fg="green")

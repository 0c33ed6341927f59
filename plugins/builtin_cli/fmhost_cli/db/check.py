"""``fmhost db check``."""

from __future__ import annotations

import click

from fmhost.plugin import Conflict, current_installation, schema_changes


@click.command()
def command() -> None:
    """See whether the tables are those that the program expects; exit with 1 where not."""
    differences = schema_changes.check(current_installation().database)
    for difference in differences:
        click.echo(difference)
    if differences:
        raise Conflict(
            f"The tables differ from the entities in {len(differences)} point(s).",
            hint="Write a revision with `fmhost db revision -m MESSAGE`.",
        )
    click.secho("The tables and the entities agree.", fg="green")

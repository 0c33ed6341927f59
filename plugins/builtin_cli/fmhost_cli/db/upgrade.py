"""``fmhost db upgrade``."""

from __future__ import annotations

import click

from fmhost.plugin import current_program, migrations


@click.command()
@click.argument("revision", default="head")
def command(revision: str) -> None:
    """Create the tables, or upgrade them to REVISION (the newest, unless another is named)."""
    database = current_program().installation.database
    applied = migrations.upgrade(database, revision)
    for step in applied:
        click.echo(f"Applied revision {step}.")
    at = ", ".join(migrations.current(database)) or "base"
    click.secho(f"The database {database} is at revision {at}.", fg="green")

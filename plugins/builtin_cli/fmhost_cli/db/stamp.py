"""``fmhost db stamp``."""

from __future__ import annotations

import click

from fmhost.plugin import current_program, migrations


@click.command()
@click.argument("revision")
def command(revision: str) -> None:
    """Note that the database is at REVISION, without changing its tables."""
    database = current_program().installation.database
    migrations.stamp(database, revision)
    at = ", ".join(migrations.current(database)) or "base"
    click.secho(f"The database {database} is noted to be at revision {at}.", fg="green")

"""``fmhost db current``."""

from __future__ import annotations

import click

from fmhost.plugin import current_program, migrations


@click.command()
def command() -> None:
    """Show the revision of the database."""
    found = migrations.current(current_program().installation.database)
    newest = migrations.heads()
    for revision in found:
        click.echo(f"{revision}{' (head)' if revision in newest else ''}")
    if not found:
        click.secho("The database has no tables yet. Run `fmhost db upgrade`.", fg="yellow")

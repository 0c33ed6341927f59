"""``fmhost db branches``."""

from __future__ import annotations

import click

from fmhost.plugin import migrations


@click.command()
def command() -> None:
    """List the newest revisions where there are several, for those who change the data model."""
    newest = migrations.heads()
    if len(newest) < 2:
        click.echo("There are no branches.")
    for revision in newest if len(newest) > 1 else ():
        click.echo(revision)

"""``fmhost db show``."""

from __future__ import annotations

import click

from fmhost.plugin import migrations


@click.command()
@click.argument("revision", default="head")
def command(revision: str) -> None:
    """Show a revision, by default the newest, and where its file is."""
    click.echo(migrations.described(revision))

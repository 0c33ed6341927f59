"""``fmhost db heads``."""

from __future__ import annotations

import click

from fmhost.plugin import migrations


@click.command()
def command() -> None:
    """Show the newest revision."""
    for revision in migrations.heads():
        click.echo(f"{revision} (head)")

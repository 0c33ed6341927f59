"""``fmhost db list-templates``."""

from __future__ import annotations

import click

from fmhost_cli.db.templates import TEMPLATES


@click.command()
def command() -> None:
    """List what `fmhost db init` can make."""
    for name, meaning in TEMPLATES.items():
        click.echo(f"{name} - {meaning}")

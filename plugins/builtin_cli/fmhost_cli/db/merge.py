"""``fmhost db merge``."""

from __future__ import annotations

import click

from fmhost.plugin import schema_changes


@click.command()
@click.option(
    "--message", "-m", default="Merge branches", show_default=True, help="In a few words."
)
def command(message: str) -> None:
    """Write a revision that follows several newest ones, for those who change the data model."""
    click.secho(f"Wrote {schema_changes.merge(message)}.", fg="green")

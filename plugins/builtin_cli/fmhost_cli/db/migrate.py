"""``fmhost db migrate``."""

from __future__ import annotations

import click

from fmhost.plugin import current_installation, schema_changes


@click.command()
@click.option("--message", "-m", required=True, help="What the revision does, in a few words.")
def command(message: str) -> None:
    """Write a revision with what the database lacks: `db revision --autogenerate`."""
    path = schema_changes.revision(current_installation().database, message)
    click.secho(f"Wrote {path}. Read it before you run `fmhost db upgrade`.", fg="green")

"""``fmhost db revision``."""

from __future__ import annotations

import click

from fmhost.plugin import current_installation, schema_changes


@click.command()
@click.option("--message", "-m", required=True, help="What the revision does, in a few words.")
@click.option(
    "--autogenerate/--empty",
    default=True,
    show_default=True,
    help="Fill it with what the database lacks, or leave it empty.",
)
def command(message: str, autogenerate: bool) -> None:
    """Write a new revision, to be read and corrected; for those who change the data model."""
    path = schema_changes.revision(
        current_installation().database, message, autogenerate_changes=autogenerate
    )
    click.secho(f"Wrote {path}. Read it before you run `fmhost db upgrade`.", fg="green")

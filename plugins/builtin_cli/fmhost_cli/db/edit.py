"""``fmhost db edit``."""

from __future__ import annotations

import click

from fmhost.plugin import migrations


@click.command()
@click.argument("revision", default="head")
def command(revision: str) -> None:
    """Open a revision, by default the newest, in an editor; for those who change the data model."""
    click.edit(filename=str(migrations.file_of(revision)))

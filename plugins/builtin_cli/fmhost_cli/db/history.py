"""``fmhost db history``."""

from __future__ import annotations

import click

from fmhost.plugin import migrations


@click.command()
def command() -> None:
    """List all revisions, the newest first."""
    newest = migrations.heads()
    for revision in reversed(migrations.history()):
        mark = " (head)" if revision.id in newest else ""
        click.echo(f"{revision.parent or '<base>'} -> {revision.id}{mark}, {revision.message}")

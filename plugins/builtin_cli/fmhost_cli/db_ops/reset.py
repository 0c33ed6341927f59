"""``fmhost db-ops reset``."""

from __future__ import annotations

import click

from fmhost.plugin import current_program, emptying
from fmhost_cli.confirmation import confirm, force_option


@click.command()
@force_option
def command(force: bool) -> None:
    """Delete all data and make the tables anew, those of plugins too."""
    installation = current_program().installation
    question = f"This deletes all data in {installation.database} and makes its tables anew. Sure?"
    try:
        confirm(question, force=force)
    except click.Abort:
        click.echo("I did nothing.", err=True)
        raise
    emptying.reset(installation)
    click.secho(f"The database {installation.database} is empty.", fg="green")

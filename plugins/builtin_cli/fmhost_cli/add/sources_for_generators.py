"""``fmhost add sources-for-generators``."""

from __future__ import annotations

from collections.abc import Sequence

import click

from fmhost.plugin import current_installation, results


@click.command()
@click.option(
    "--kind",
    "kinds",
    type=click.Choice(["reporter", "scheduler", "forecaster"]),
    multiple=True,
    default=("reporter",),
    show_default=True,
    help="Of which data generators; may be repeated.",
)
def command(kinds: Sequence[str]) -> None:
    """Add the data sources of schedulers, forecasters or reporters before they compute anything."""
    installation = current_installation()
    with installation.database.transaction() as session:
        for kind in dict.fromkeys(kinds):
            found = results.sources_of_drivers(installation, session, kind)
            for source in found:
                click.echo(f"Data source '{source.description}' has ID {source.id}.")
            if not found:
                click.secho(f"No plugin brings a {kind}. See `fmhost plugins list`.", fg="yellow")

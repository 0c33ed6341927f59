"""``fmhost add source``."""

from __future__ import annotations

from typing import Any

import click

from fmhost.plugin import current_installation, sources
from fmhost_cli.parameters import account_option


@click.command()
@click.option("--name", required=True, help="Who or what forms the beliefs.")
@click.option(
    "--type",
    "source_type",
    required=True,
    help="For example: user, scheduler, forecaster, reporter, market, gateway.",
)
@click.option("--model", help="The algorithm, class or address.")
@click.option("--version", help="Version of the model.")
@account_option("The account to which it belongs.")
def command(**properties: Any) -> None:
    """Add a data source, or find the one that is exactly like that."""
    installation = current_installation()
    with installation.database.transaction() as session:
        source = sources.create_source(session, **properties)
    click.secho(f"Data source '{source.description}' has ID {source.id}.", fg="green")

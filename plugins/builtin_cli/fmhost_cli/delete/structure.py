"""``fmhost delete structure``."""

from __future__ import annotations

import click

from fmhost.plugin import current_installation, structure
from fmhost_cli.confirmation import confirm, force_option


@click.command()
@force_option
def command(force: bool) -> None:
    """Delete all assets, asset types, data sources, roles and users.

    The sensors go with their assets, and all time series data with the sensors. Accounts and plans
    stay.
    """
    installation = current_installation()
    confirm(
        "Sure to delete all asset(type)s, sources, roles and users from DB? All time series data "
        f"in {installation.database} are lost as well.",
        force=force,
    )
    with installation.database.transaction() as session:
        for what, number in structure.delete_structure(installation, session).items():
            click.echo(f"Deleted {number} {what}.")
    click.secho("The structure has been deleted.", fg="green")

"""``fmhost show accounts``."""

from __future__ import annotations

import click

from fmhost.plugin import accounts, current_installation
from fmhost_cli.tables import echo_json, echo_table, json_option


@click.command()
@json_option
def command(as_json: bool) -> None:
    """List the accounts."""
    with current_installation().database.reading() as session:
        listed = accounts.list_accounts(session)
    if as_json:
        echo_json(
            [
                {
                    "id": each.account.id,
                    "name": each.account.name,
                    "assets": each.assets,
                    "users": each.users,
                }
                for each in listed
            ]
        )
    elif not listed:
        click.secho("No accounts created yet.", fg="yellow")
    else:
        rows = [(each.account.id, each.account.name, each.assets, each.users) for each in listed]
        echo_table(["ID", "Name", "Assets", "Users"], rows)

"""``fmhost edit transfer-ownership``."""

from __future__ import annotations

import click

from fmhost.plugin import accounts, assets, current_installation, transfers
from fmhost_cli.parameters import asset_option


@click.command()
@asset_option("The asset to give away, with its parts.", required=True)
@click.option("--new-owner", "owner_id", type=int, required=True, help="ID of the account.")
def command(asset_id: int, owner_id: int) -> None:
    """Give an asset with all its parts to another account."""
    installation = current_installation()
    with installation.database.transaction() as session:
        asset = assets.get_asset(session, asset_id)
        owner = accounts.get_account(session, owner_id, field="new-owner")
        moved = transfers.transfer_ownership(installation, session, asset, owner)
    names = ", ".join(f"'{each.name}' (ID: {each.id})" for each in moved)
    click.secho(f"Account {owner.name} (ID: {owner.id}) now owns {names}.", fg="green")

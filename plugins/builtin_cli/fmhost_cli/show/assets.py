"""``fmhost show assets``."""

from __future__ import annotations

import click

from fmhost.plugin import accounts, assets, current_installation
from fmhost_cli.parameters import account_option
from fmhost_cli.tables import echo_json, echo_table, json_option, location_text


@click.command()
@account_option("Show those of this account only.")
@json_option
def command(account_id: int | None, as_json: bool) -> None:
    """List the assets."""
    with current_installation().database.reading() as session:
        if account_id is not None:
            accounts.get_account(session, account_id)
        listed = assets.list_assets(session, account_id)
        if as_json:
            echo_json(
                [
                    {
                        "id": asset.id,
                        "name": asset.name,
                        "type": asset.generic_asset_type.name,
                        "account": asset.account_id,
                        "parent": asset.parent_asset_id,
                        "location": asset.location,
                        "sensors": [sensor.id for sensor in asset.sensors],
                    }
                    for asset in listed
                ]
            )
        elif not listed:
            click.secho("No assets created yet.", fg="yellow")
        else:
            echo_table(
                ["ID", "Name", "Type", "Account", "Part of", "Location", "Sensors"],
                [
                    (
                        asset.id,
                        asset.name,
                        asset.generic_asset_type.name,
                        asset.account.name if asset.account else "(public)",
                        asset.parent_asset_id,
                        location_text(asset.location),
                        len(asset.sensors),
                    )
                    for asset in listed
                ],
            )

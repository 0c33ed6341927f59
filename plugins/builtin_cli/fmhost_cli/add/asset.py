"""``fmhost add asset``."""

from __future__ import annotations

from typing import Any

import click

from fmhost.plugin import assets, current_installation
from fmhost_cli.parameters import JSON_OBJECT, account_option


@click.command()
@click.option("--name", required=True, help="Name, unique within its account.")
@click.option(
    "--asset-type",
    "--asset-type-id",
    "asset_type_id",
    type=int,
    required=True,
    help="ID of the asset type; see `fmhost show asset-types`.",
)
@account_option("The account that owns it. [default: nobody, a public asset]")
@click.option(
    "--parent-asset",
    "--parent-asset-id",
    "parent_id",
    type=int,
    help="ID of the asset of which it is a part.",
)
@click.option("--latitude", type=float, help="Degrees north.")
@click.option("--longitude", type=float, help="Degrees east.")
@click.option("--attributes", type=JSON_OBJECT, help="JSON object, as text or as a file.")
@click.option("--flex-context", type=JSON_OBJECT, help="JSON object, as text or as a file.")
@click.option("--flex-model", type=JSON_OBJECT, help="JSON object, as text or as a file.")
def command(**properties: Any) -> None:
    """Add an asset: a battery, a building, a market."""
    installation = current_installation()
    with installation.database.transaction() as session:
        asset = assets.create_asset(installation, session, **properties)
    click.secho(f"Successfully created asset with ID {asset.id}.", fg="green")
    click.echo("You can now assign sensors to it.")

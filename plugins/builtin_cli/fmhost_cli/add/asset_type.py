"""``fmhost add asset-type``."""

from __future__ import annotations

import click

from fmhost.plugin import assets, current_installation


@click.command()
@click.option("--name", required=True, help="Unique name, such as heat-pump.")
@click.option("--description", help="What it means.")
def command(name: str, description: str | None) -> None:
    """Add an asset type."""
    installation = current_installation()
    with installation.database.transaction() as session:
        asset_type = assets.create_asset_type(session, name=name, description=description)
    click.secho(f"Successfully created asset type with ID {asset_type.id}.", fg="green")
    click.echo("You can now assign assets to it.")

"""``fmhost delete asset``."""

from __future__ import annotations

import click

from fmhost.plugin import assets, current_installation, sensors
from fmhost_cli.confirmation import confirm, force_option


@click.command()
@click.option("--id", "--asset", "--asset-id", "asset_id", type=int, required=True, help="Its ID.")
@force_option
def command(asset_id: int, force: bool) -> None:
    """Delete an asset with its child assets, their sensors and data."""
    installation = current_installation()
    with installation.database.reading() as session:
        asset = assets.get_asset(session, asset_id)
        tree = [asset, *asset.offspring]
        sensor_ids = [sensor.id for each in tree for sensor in each.sensors]
        beliefs = sensors.count_beliefs(session, sensor_ids)
    confirm(
        f"Delete asset '{asset.name}' (ID: {asset.id}), along with {len(tree) - 1} child assets, "
        f"{len(sensor_ids)} sensors and {beliefs} beliefs?",
        force=force,
    )
    with installation.database.transaction() as session:
        assets.delete_asset(installation, session, asset_id)
    click.secho(f"Asset {asset.name} has been deleted.", fg="green")

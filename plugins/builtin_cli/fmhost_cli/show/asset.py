"""``fmhost show asset``."""

from __future__ import annotations

from typing import Any

import click

from fmhost.plugin import Asset, assets, current_installation
from fmhost_cli.tables import (
    attributes_text,
    duration_text,
    echo_banner,
    echo_json,
    echo_table,
    json_option,
    location_text,
)


@click.command()
@click.option("--id", "--asset", "--asset-id", "asset_id", type=int, required=True, help="Its ID.")
@json_option
def command(asset_id: int, as_json: bool) -> None:
    """Show an asset and its sensors."""
    with current_installation().database.reading() as session:
        asset = assets.get_asset(session, asset_id)
        if as_json:
            echo_json(_as_json(asset))
        else:
            _echo(asset)


def _as_json(asset: Asset) -> dict[str, Any]:
    return {
        "id": asset.id,
        "name": asset.name,
        "type": asset.generic_asset_type.name,
        "account": asset.account_id,
        "parent": asset.parent_asset_id,
        "location": asset.location,
        "attributes": dict(asset.attributes),
        "flex_context": dict(asset.flex_context),
        "flex_model": dict(asset.flex_model),
        "children": [child.id for child in asset.child_assets],
        "sensors": [
            {
                "id": sensor.id,
                "name": sensor.name,
                "unit": sensor.unit,
                "resolution": sensor.event_resolution,
                "timezone": sensor.timezone,
                "attributes": dict(sensor.attributes),
            }
            for sensor in asset.sensors
        ],
    }


def _echo(asset: Asset) -> None:
    echo_banner(f"Asset {asset.name} (ID: {asset.id})")
    attributes = {**asset.attributes}
    for field in ("flex_context", "flex_model"):
        if getattr(asset, field):
            attributes[field] = dict(getattr(asset, field))
    echo_table(
        ["Type", "Location", "Attributes"],
        [
            (
                asset.generic_asset_type.name,
                location_text(asset.location),
                attributes_text(attributes),
            )
        ],
    )
    click.echo()
    if asset.child_assets:
        children = ", ".join(f"{child.name} (ID: {child.id})" for child in asset.child_assets)
        click.echo(f"Child assets: {children}\n")
    if not asset.sensors:
        click.echo(f"No sensors in asset {asset.name} yet.")
        return
    click.echo("All sensors in asset:\n")
    echo_table(
        ["ID", "Name", "Unit", "Resolution", "Timezone", "Attributes"],
        [
            (
                sensor.id,
                sensor.name,
                sensor.unit,
                duration_text(sensor.event_resolution),
                sensor.timezone,
                attributes_text(sensor.attributes),
            )
            for sensor in asset.sensors
        ],
    )

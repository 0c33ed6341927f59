"""``fmhost add sensor``."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import click

from fmhost.plugin import current_installation, sensors
from fmhost_cli.parameters import JSON_OBJECT, RESOLUTION, TIMEZONE, asset_option


@click.command()
@click.option("--name", required=True, help="Name, unique within its asset.")
@click.option("--unit", required=True, help="Unit of its values, such as MW or EUR/MWh.")
@click.option(
    "--event-resolution",
    type=RESOLUTION,
    required=True,
    help="Length of its events: ISO 8601 (PT15M) or minutes (15); 0 for moments.",
)
@click.option(
    "--timezone", type=TIMEZONE, required=True, help="IANA name, such as Europe/Amsterdam."
)
@asset_option("The asset to which it belongs.", required=True)
@click.option("--attributes", type=JSON_OBJECT, help="JSON object, as text or as a file.")
def command(event_resolution: timedelta, **properties: Any) -> None:
    """Add a sensor to an asset: one quantity over time."""
    installation = current_installation()
    with installation.database.transaction() as session:
        sensor = sensors.create_sensor(
            installation, session, event_resolution=event_resolution, **properties
        )
        address = sensors.entity_address(installation, sensor)
    click.secho(f"Successfully created sensor with ID {sensor.id}", fg="green")
    click.echo(f"You can access it at its entity address {address}")

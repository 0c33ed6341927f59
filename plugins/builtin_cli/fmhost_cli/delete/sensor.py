"""``fmhost delete sensor``."""

from __future__ import annotations

from collections.abc import Sequence

import click

from fmhost.plugin import current_installation, sensors
from fmhost_cli.confirmation import confirm, force_option


@click.command()
@click.option(
    "--id",
    "--sensor",
    "--sensor-id",
    "sensor_ids",
    type=int,
    required=True,
    multiple=True,
    help="ID; repeat the option for several.",
)
@force_option
def command(sensor_ids: Sequence[int], force: bool) -> None:
    """Delete sensors with all beliefs about them."""
    installation = current_installation()
    with installation.database.reading() as session:
        found = [sensors.get_sensor(session, sensor_id) for sensor_id in sensor_ids]
        beliefs = sensors.count_beliefs(session, sensor_ids)
    names = ", ".join(f"'{sensor.name}' (ID: {sensor.id})" for sensor in found)
    confirm(f"Delete {names}, along with {beliefs} beliefs?", force=force)
    with installation.database.transaction() as session:
        sensors.delete_sensors(installation, session, sensor_ids)
    click.secho(f"Deleted {names}.", fg="green")

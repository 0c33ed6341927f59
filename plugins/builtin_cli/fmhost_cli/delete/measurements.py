"""``fmhost delete measurements``."""

from __future__ import annotations

from collections.abc import Sequence

import click

from fmhost.plugin import belief_removal, current_installation
from fmhost_cli.confirmation import force_option
from fmhost_cli.delete.choice import sensors_option
from fmhost_cli.delete.removal import remove


@click.command()
@sensors_option
@force_option
def command(sensor_ids: Sequence[int], force: bool) -> None:
    """Delete measurements: what was known once the events had happened."""
    with current_installation().database.reading() as session:
        sensors = belief_removal.sensors_meant(session, sensor_ids)
    remove(sensors, belief_removal.MEASUREMENTS, "measurements", force=force)

"""``fmhost edit resample-data``."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

import click

from fmhost.plugin import Sensor, current_installation, resampling, sensors
from fmhost_cli.confirmation import confirm, force_option
from fmhost_cli.parameters import MOMENT, RESOLUTION
from fmhost_cli.tables import duration_text


@click.command()
@click.option(
    "--sensor",
    "--sensor-id",
    "sensor_ids",
    type=int,
    required=True,
    multiple=True,
    help="ID of a sensor; repeat the option for several.",
)
@click.option(
    "--event-resolution",
    "resolution",
    type=RESOLUTION,
    required=True,
    help="New length of its events: ISO 8601 (PT15M) or minutes (15).",
)
@click.option("--from", "start", type=MOMENT, help="Only data about events from this moment on.")
@click.option("--until", "end", type=MOMENT, help="Only data about events that start before it.")
@click.option("--skip-integrity-check", is_flag=True, help="Do not compare means, and do not ask.")
@force_option
def command(
    sensor_ids: Sequence[int],
    resolution: timedelta,
    start: datetime | None,
    end: datetime | None,
    skip_integrity_check: bool,
    force: bool,
) -> None:
    """Give sensors another event resolution, and resample their data.

    A longer event gets the mean of those within it, a shorter one the value of the one in which it
    lies; so energy per event (kWh) had better be power (kW). All that was ever believed is kept.
    """
    installation = current_installation()
    for sensor_id in dict.fromkeys(sensor_ids):
        if not skip_integrity_check:
            with installation.database.reading() as session:
                sensor = sensors.get_sensor(session, sensor_id)
                expected = resampling.rehearse(session, sensor, resolution, start=start, end=end)
            _show(sensor, resolution, expected)
            confirm("Does that look right?", force=force)
        with installation.database.transaction() as session:
            sensor = sensors.get_sensor(session, sensor_id)
            resampling.resample(installation, session, sensor, resolution, start=start, end=end)
        click.secho(f"Successfully resampled sensor data of sensor {sensor_id}.", fg="green")


def _show(sensor: Sensor, resolution: timedelta, expected: resampling.Resampling) -> None:
    click.echo(
        f"Sensor '{sensor.name}' (ID: {sensor.id}): from {duration_text(sensor.event_resolution)} "
        f"to {duration_text(resolution)}."
    )
    rows = ("Before", expected.before), ("After", expected.after)
    for (when, beliefs), mean in zip(rows, expected.means, strict=True):
        excerpt = ", ".join(f"{value:g}" for value in beliefs.event_value[:5])
        click.echo(f"{when}: {len(beliefs)} beliefs, mean {mean:g}, the first: {excerpt or 'none'}")

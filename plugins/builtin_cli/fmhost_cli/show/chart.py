"""``fmhost show chart``."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from pathlib import Path
from string import Template

import click

from fmhost.plugin import (
    Asset,
    InvalidInput,
    Sensor,
    assets,
    chart_pictures,
    charted,
    current_installation,
    sensors,
    time_zone,
)
from fmhost_cli.drawing import draw
from fmhost_cli.parameters import MOMENT, RESOLUTION, TIMEZONE

_PIXELS = click.IntRange(50, 10_000)


@click.command()
@click.option("--sensor", "--sensor-id", "sensor_ids", type=int, multiple=True, help="ID.")
@click.option(
    "--asset", "--asset-id", "asset_ids", type=int, multiple=True, help="ID. What its graphs show."
)
@click.option("--start", type=MOMENT, required=True, help="Start of the window, with UTC offset.")
@click.option("--end", type=MOMENT, required=True, help="End of the window, with UTC offset.")
@click.option("--belief-time", type=MOMENT, help="As known then: later beliefs do not count.")
@click.option("--resolution", type=RESOLUTION, help="Length of a step: ISO 8601 or minutes.")
@click.option("--height", type=_PIXELS, default=200, show_default=True, help="Of a row [pixels].")
@click.option("--width", type=_PIXELS, default=500, show_default=True, help="Of a row [pixels].")
@click.option(
    "--filename",
    default="chart-$now.png",
    show_default=True,
    help="PNG or SVG file to write; its name may have $now and $start.",
)
@click.option(
    "--combine-legend/--separate-legends",
    default=True,
    show_default=True,
    help="One legend for all rows, or one for each.",
)
@click.option("--timezone", type=TIMEZONE, help="Of times. [default: that of the first sensor]")
@click.option("--json", "as_json", is_flag=True, help="Print the chart in the grammar Vega-Lite.")
def command(
    sensor_ids: tuple[int, ...],
    asset_ids: tuple[int, ...],
    start: datetime,
    end: datetime,
    belief_time: datetime | None,
    resolution: timedelta | None,
    height: int,
    width: int,
    filename: str,
    combine_legend: bool,
    timezone: str | None,
    as_json: bool,
) -> None:
    """Write the chart of sensors and assets, below each other, to a PNG or SVG file."""
    if not (sensor_ids or asset_ids):
        raise click.UsageError("Name a sensor or an asset: --sensor, --asset.")
    if end <= start:
        raise InvalidInput("The end must be after the start.", field="end")
    installation = current_installation()
    with installation.database.reading() as session:
        targets: list[Sensor | Asset] = [
            *(sensors.get_sensor(session, each) for each in sensor_ids),
            *(assets.get_asset(session, each) for each in asset_ids),
        ]
        zone = timezone or _zone(targets) or str(installation.settings["FLEXMEASURES_TIMEZONE"])
        path = _named(filename, zone, now=installation.now(), start=start)
        picture = chart_pictures.Picture(
            charted.ChartWindow(start, end, prior=belief_time),
            width,
            height,
            combine_legend,
            resolution,
        )
        specification = chart_pictures.specification(session, targets, picture)
    if as_json:
        click.echo(json.dumps(specification, indent=2))
        return
    drawn = draw(json.dumps(specification), path.suffix[1:].lower(), zone)
    try:
        path.write_bytes(drawn)
    except OSError as error:
        raise InvalidInput(
            f"The file {path} cannot be written: {error.strerror}.", field="filename"
        ) from error
    click.secho(f"Chart saved at {path}.", fg="green")


def _zone(targets: list[Sensor | Asset]) -> str | None:
    first = targets[0]
    return first.timezone if isinstance(first, Sensor) else first.common_timezone


def _named(template: str, zone: str, **moments: datetime) -> Path:
    """The path that the template stands for.

    :raises InvalidInput: where it is none of a PNG or SVG file.
    """
    clock = time_zone(zone)
    values = {
        name: each.astimezone(clock).strftime("%Y-%m-%dT%H%M%S") for name, each in moments.items()
    }
    try:
        path = Path(Template(template).substitute(values))
    except (KeyError, ValueError) as error:
        raise InvalidInput(
            f"The name '{template}' cannot be filled in.",
            field="filename",
            hint="It may have $now and $start.",
        ) from error
    if path.suffix.lower() not in (".png", ".svg"):
        raise InvalidInput(
            f"'{path}' is not the name of a PNG or SVG file.",
            field="filename",
            hint="It ends with .png or .svg.",
        )
    return path

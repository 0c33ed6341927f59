"""``fmhost show beliefs``."""

from __future__ import annotations

import csv
import math
import shutil
import sys
from collections.abc import Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import click

from fmhost.plugin import InvalidInput, Sensor, Span, current_installation, readings, time_zone
from fmhost_cli.parameters import DURATION, MOMENT, RESOLUTION, TIMEZONE
from fmhost_cli.tables import duration_text, echo_json, json_option
from fmhost_cli.terminal_chart import Panel, draw, is_braille_shown

#: Widest chart [columns].
WIDEST = 120


@click.command()
@click.option(
    "--sensor",
    "--sensor-id",
    "sensor_ids",
    type=int,
    multiple=True,
    required=True,
    help="ID of a sensor; repeat the option for several.",
)
@click.option("--start", type=MOMENT, required=True, help="Start of the window, with UTC offset.")
@click.option("--duration", type=DURATION, required=True, help="Length of the window: P1D, PT12H.")
@click.option(
    "--belief-time-before", type=MOMENT, help="As known then: later beliefs do not count."
)
@click.option(
    "--source",
    "--source-id",
    "sources",
    multiple=True,
    help="Only beliefs of this source: ID or name; repeat the option for several.",
)
@click.option(
    "--source-type", "source_types", multiple=True, help="Only beliefs of sources of this type."
)
@click.option("--resolution", type=RESOLUTION, help="Length of a step: ISO 8601 or minutes.")
@click.option(
    "--timezone", type=TIMEZONE, help="Show times in this zone. [default: that of the first sensor]"
)
@click.option(
    "--reduced-paths/--full-paths",
    default=True,
    show_default=True,
    help="Name as much of the assets above a sensor as is needed to tell it apart, or all.",
)
@click.option("--include-ids", is_flag=True, help="Show the IDs of sensors in the legend, too.")
@click.option(
    "--to-file", type=click.Path(path_type=Path, dir_okay=False), help="Write a CSV file instead."
)
@json_option
def command(
    sensor_ids: Sequence[int],
    start: datetime,
    duration: Span,
    belief_time_before: datetime | None,
    sources: Sequence[str],
    source_types: Sequence[str],
    resolution: timedelta | None,
    timezone: str | None,
    reduced_paths: bool,
    include_ids: bool,
    to_file: Path | None,
    as_json: bool,
) -> None:
    """Plot time series data in the terminal, or write them to a file."""
    selection = readings.Selection(belief_time_before, sources, source_types, resolution)
    with current_installation().database.reading() as session:
        found = readings.read_window(
            session, sensor_ids, start, duration, selection, timezone=timezone
        )
        paths = _names([_path(reading.sensor) for reading in found], reduced=reduced_paths)
    zone = time_zone(timezone or found[0].sensor.timezone)
    if as_json:
        echo_json([_as_json(reading, zone) for reading in found])
    elif to_file is not None:
        _write_csv(to_file, found, zone)
        click.secho(f"Data saved to {to_file}.", fg="green")
    elif not any(reading.known for reading in found):
        click.secho("No data found!", fg="yellow", err=True)
    else:
        _plot(found, paths, zone, include_ids=include_ids)


def _path(sensor: Sensor) -> list[str]:
    """The names of the assets above a sensor, the topmost first, and its own."""
    asset = sensor.generic_asset
    above = [each.name for each in reversed(asset.ancestors)]
    return [*above, asset.name, sensor.name]


def _names(paths: Sequence[list[str]], *, reduced: bool) -> list[str]:
    """What to call sensors: by their names, and as much of their paths as tells them apart."""
    shortest = 1 if reduced else max(map(len, paths))
    for length in range(shortest, max(map(len, paths)) + 1):
        names = [" > ".join(path[-length:]) for path in paths]
        if len(set(names)) == len(names):
            break
    return names


def _label(reading: readings.Reading, name: str, *, with_id: bool) -> str:
    identifier = f" (ID: {reading.sensor.id})" if with_id else ""
    return f"{name}{identifier} [{reading.series.unit}]"


def _plot(
    found: Sequence[readings.Reading], paths: Sequence[str], zone: Any, *, include_ids: bool
) -> None:
    names = [f"Sensor '{each.sensor.name}' (Id {each.sensor.id})" for each in found]
    click.echo(f"Beliefs for {', '.join(names)}.")
    known = [each for each in found if each.known]
    for reading in found:
        if not reading.known:
            click.secho(f"No data found for sensor {reading.sensor.id}.", fg="yellow", err=True)
    for reading in known:
        first, last = reading.known[0][0], reading.known[-1][0] + reading.step
        begin = first.astimezone(zone)
        subject = "Data" if len(known) == 1 else f"Data of sensor {reading.sensor.id}"
        click.echo(f"{subject} spans {duration_text(last - first)} and starts at {begin}.")
    steps = dict.fromkeys(duration_text(each.step) for each in known)
    click.echo(f"The time resolution (x-axis) is {' or '.join(steps)}.\n")
    with_id = include_ids or len(set(paths)) < len(paths)
    panels = [
        Panel(_label(each, name, with_id=with_id), each.series.start, each.step, each.values)
        for each, name in zip(found, paths, strict=True)
        if each.known
    ]
    width = min(shutil.get_terminal_size().columns, WIDEST)
    rows = 16 if len(panels) == 1 else 9
    for line in draw(panels, zone, width=width, rows=rows, braille=is_braille_shown(sys.stdout)):
        click.echo(line)


def _as_json(reading: readings.Reading, zone: Any) -> dict[str, Any]:
    return {
        "sensor": reading.sensor.id,
        "name": reading.sensor.name,
        "unit": reading.series.unit,
        "start": reading.series.start.astimezone(zone),
        "resolution": reading.step,
        "values": [None if math.isnan(value) else value for value in reading.values],
    }


def _write_csv(path: Path, found: Sequence[readings.Reading], zone: Any) -> None:
    """One row per moment at which a sensor has a value, one column per sensor."""
    columns = [dict(reading.known) for reading in found]
    moments = sorted({moment for column in columns for moment in column})
    try:
        with path.open("w", newline="", encoding="utf-8") as file:
            writer = csv.writer(file, lineterminator="\n")
            writer.writerow(
                ["event_start", *(_label(each, each.sensor.name, with_id=True) for each in found)]
            )
            for moment in moments:
                values = (column.get(moment, "") for column in columns)
                writer.writerow([moment.astimezone(zone).isoformat(), *values])
    except OSError as error:
        raise InvalidInput(
            f"Cannot write {path}: {error.strerror}.", field="to-file", hint="Name another file."
        ) from error

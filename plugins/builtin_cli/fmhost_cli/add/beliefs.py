"""``fmhost add beliefs``."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import click

from fmhost.plugin import (
    InvalidInput,
    ReplacementNotAllowed,
    belief_files,
    current_installation,
    sensors,
    sources,
    time_zone,
)
from fmhost_cli.parameters import RESOLUTION, TIMEZONE, sensor_option

#: From this size on, reading a file shows how far it is [bytes].
LONG_FILE = 2_000_000

#: How many of the rows that were left out are named.
MOST_NAMED = 20

_FILE = click.Path(path_type=Path, dir_okay=False)


@click.command()
@click.argument("file", type=_FILE, required=False)
@click.option("--file", "file_of_old", type=_FILE, hidden=True)
@sensor_option("The sensor that the data are about.", required=True)
@click.option(
    "--source",
    required=True,
    help="Who says so: ID of a data source, or name of a user or of a (new) data source.",
)
@click.option(
    "--unit",
    help="Unit of the values; a leading - turns the sign. Moments and durations: `datetime`, "
    "`dayfirst datetime`, `timedelta`. [default: that of the sensor]",
)
@click.option(
    "--horizon",
    type=RESOLUTION,
    help="How long before its event was known each belief was formed: minutes or ISO 8601, "
    "negative for later. [default: all were formed now]",
)
@click.option("--cp", type=float, default=0.5, help="Cumulative probability of the values: 0..1.")
@click.option(
    "--resample/--do-not-resample",
    default=True,
    show_default=True,
    help="Average or repeat values to fit the resolution of the sensor.",
)
@click.option(
    "--allow-overwrite/--do-not-allow-overwrite",
    default=False,
    show_default=True,
    help="Replace beliefs that were stored with the same horizon and another value.",
)
@click.option("--skiprows", type=int, default=1, show_default=True, help="Header lines to skip.")
@click.option("--na-values", multiple=True, help="A text that means: no value. Can be repeated.")
@click.option(
    "--keep-default-na",
    type=bool,
    default=False,
    show_default=True,
    help="Whether the usual texts (NA, NaN, null, ...) mean that, too.",
)
@click.option("--nrows", type=int, help="Read so many rows only.")
@click.option("--datecol", type=int, default=0, show_default=True, help="Column of event starts.")
@click.option("--valuecol", type=int, default=1, show_default=True, help="Column of values.")
@click.option("--beliefcol", type=int, help="Column of belief times. Columns count from 0.")
@click.option(
    "--timezone",
    type=TIMEZONE,
    default="UTC",
    show_default=True,
    help="Time zone of datetimes without offset: IANA name.",
)
@click.option("--filter-column", "filter_columns", multiple=True, help="Column to filter by.")
@click.option(
    "--filter-value",
    "filter_values",
    multiple=True,
    help="Keep only rows with this text in the filter column. Both can be repeated, in pairs.",
)
@click.option("--delimiter", default=",", show_default=True, help="Sign between cells.")
@click.option("--decimal", default=".", show_default=True, help="Decimal sign.")
@click.option("--thousands", help="Sign between thousands.")
@click.option(
    "--sheet_number",
    "--sheet-number",
    type=int,
    default=0,
    show_default=True,
    help="Sheet of an Excel file, counted from 0.",
)
def command(
    file: Path | None,
    file_of_old: Path | None,
    sensor_id: int,
    source: str,
    unit: str | None,
    horizon: timedelta | None,
    cp: float,
    resample: bool,
    allow_overwrite: bool,
    filter_columns: Sequence[str],
    filter_values: Sequence[str],
    na_values: Sequence[str],
    **layout: Any,
) -> None:
    """Load time series data from a CSV or Excel file: one row per event, with start and value."""
    path = file or file_of_old
    if path is None:
        raise click.MissingParameter(param_hint="'FILE'", param_type="argument")
    if len(filter_columns) != len(filter_values):
        raise InvalidInput(
            f"There are {len(filter_columns)} filter columns and {len(filter_values)} values.",
            field="filter-column",
            hint="Give --filter-column and --filter-value in pairs.",
        )
    wanted = belief_files.BeliefFile(
        path=path,
        layout=belief_files.CsvOptions(
            na_values=tuple(na_values),
            filters=tuple(zip(filter_columns, filter_values, strict=True)),
            **layout,
        ),
        unit=unit,
        horizon=horizon,
        cumulative_probability=cp,
        resample=resample,
        overwrite=allow_overwrite,
    )
    installation = current_installation()
    try:
        with installation.database.transaction() as session, _progress(wanted) as shown:
            loaded = belief_files.load(
                installation,
                session,
                sensors.get_sensor(session, sensor_id),
                sources.source_meant(session, source),
                shown,
            )
    except ReplacementNotAllowed as error:
        raise ReplacementNotAllowed(
            f"Failed to create beliefs due to the following error: {error.message}",
            field=error.field,
            hint="As a possible workaround, use the --allow-overwrite flag.",
        ) from error
    belief_files.announce(installation, loaded)
    _echo(loaded)


@contextmanager
def _progress(file: belief_files.BeliefFile) -> Iterator[belief_files.BeliefFile]:
    """The same file, with a bar while it is read: for long files, and on a terminal only."""
    size = file.path.stat().st_size if file.path.is_file() else 0
    if size < LONG_FILE or not sys.stderr.isatty():
        yield file
        return
    label = f"Reading {file.path.name}"
    with click.progressbar(length=size, label=label, file=sys.stderr) as bar:
        yield replace(file, layout=replace(file.layout, progress=bar.update))
        bar.update(size - bar.pos)


def _echo(loaded: belief_files.Loaded) -> None:
    saved, zone = loaded.saved, time_zone(loaded.sensor.timezone)
    if loaded.repeated:
        some = ", ".join(map(str, loaded.repeated[:MOST_NAMED]))
        more = len(loaded.repeated) - MOST_NAMED
        click.secho(
            "Duplicates found. Dropping duplicates for the following records: "
            f"{'row' if len(loaded.repeated) == 1 else 'rows'} {some}"
            f"{f' and {more} more' if more > 0 else ''}.",
            fg="yellow",
            err=True,
        )
    click.secho("Successfully created beliefs", fg="green")
    counts = f"{saved.stored} stored"
    if saved.replaced:
        counts += f", {saved.replaced} replaced"
    if saved.unchanged:
        counts += f", {saved.unchanged} say nothing new"
    first, end = (moment.astimezone(zone) for moment in loaded.window)
    click.echo(
        f"{counts}; about sensor '{loaded.sensor.name}' (Id {loaded.sensor.id}) from {first} to "
        f"{end}, by source '{loaded.source.description}' (ID: {loaded.source.id})."
    )

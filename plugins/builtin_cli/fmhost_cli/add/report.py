"""``fmhost add report``."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

import click

from fmhost.plugin import current_installation, format_duration, reports
from fmhost_cli.add.forecasting import edited
from fmhost_cli.add.reporting import ReportRequest, fulfil
from fmhost_cli.add.scheduling import as_job_option
from fmhost_cli.parameters import JSON_OBJECT, MOMENT, RESOLUTION, TIMEZONE

_OFFSETS = "Instead, steps from now: -1D,DB is the begin of yesterday."


@click.command()
@click.option("--reporter", help="Name; see `fmhost show reporters`. [default: PandasReporter]")
@click.option("--source", "source_id", type=int, help="ID. The reporter with this data source.")
@click.option("--config", type=JSON_OBJECT, help="Object, as JSON text or as a JSON or YAML file.")
@click.option(
    "--parameters",
    type=JSON_OBJECT,
    help="Likewise: `input` and `output` with their sensors, `start`, `end` ...",
)
@click.option(
    "--input-sensor", "inputs", type=int, multiple=True, help="ID. An input; may be repeated."
)
@click.option(
    "--output-sensor",
    "--sensor",
    "outputs",
    type=int,
    multiple=True,
    help="ID. Gets a result; may be repeated.",
)
@click.option("--start", type=MOMENT, help="[default: where the values of the output end]")
@click.option("--start-offset", help=_OFFSETS)
@click.option("--end", type=MOMENT, help="[default: now]")
@click.option("--end-offset", help=_OFFSETS)
@click.option("--resolution", type=RESOLUTION, help="Of the report. [default: that of its inputs]")
@click.option("--timezone", type=TIMEZONE, help="Of offsets. [default: that of the output sensor]")
@click.option(
    "--output-file",
    "files",
    multiple=True,
    help="Write the results to this CSV or Excel file, too; its name may have $now, $start, "
    "$reporter and $name.",
)
@click.option("--save-config", is_flag=True, help="Keep the config with the data source.")
@click.option("--edit-config", is_flag=True, help="Change the config in an editor.")
@click.option("--edit-parameters", is_flag=True, help="Change the parameters in an editor.")
@click.option("--dry-run", is_flag=True, help="Compute and show the report, and store nothing.")
@as_job_option
def command(
    reporter: str | None,
    source_id: int | None,
    config: dict[str, Any] | None,
    parameters: dict[str, Any] | None,
    edit_config: bool,
    edit_parameters: bool,
    save_config: bool,
    files: tuple[str, ...],
    dry_run: bool,
    as_job: bool,
    timezone: str | None,
    **options: Any,
) -> None:
    """Compute series from series, and store them on sensors.

    What a reporter is to do stands in --config, for which sensors and time in --parameters. Options
    count more than these. The page about reports has examples.
    """
    offsets = _offsets(options)
    if as_job and (dry_run or files):
        raise click.UsageError("--as-job goes with neither --dry-run nor --output-file.")
    if source_id is not None:
        with current_installation().database.reading() as session:
            known, kept = reports.reporter_of(session, source_id)
        reporter, config = reporter or known, {**kept, **(config or {})}
    config = config or {}
    asked = {**(parameters or {}), **_given(options)}
    if edit_config:
        config = edited(config)
    if edit_parameters:
        asked = edited(json.loads(json.dumps(asked, default=str)))
    fulfil(
        ReportRequest(
            reporter or reports.DEFAULT_REPORTER, config, asked, save_config, offsets, timezone
        ),
        files=files,
        as_job=as_job,
        dry_run=dry_run,
    )


def _offsets(options: Mapping[str, Any]) -> dict[str, str]:
    found = {}
    for name in ("start", "end"):
        steps = options[f"{name}_offset"]
        if steps is not None:
            if options[name] is not None:
                raise click.UsageError(f"Give either --{name} or --{name}-offset.")
            found[name] = steps
    return found


def _given(options: Mapping[str, Any]) -> dict[str, Any]:
    """Parameters that are given as options, as JSON."""
    found: dict[str, Any] = {}
    for name, ids in (("input", options["inputs"]), ("output", options["outputs"])):
        if ids:
            found[name] = [{"sensor": each} for each in ids]
    for name in ("start", "end"):
        moment: datetime | None = options[name]
        if moment is not None:
            found[name] = moment.isoformat()
    resolution: timedelta | None = options["resolution"]
    if resolution is not None:
        found["resolution"] = format_duration(resolution)
    return found

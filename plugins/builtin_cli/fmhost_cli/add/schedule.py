"""``fmhost add schedule``."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import click

from fmhost.plugin import InvalidInput, Span
from fmhost_cli.add.scheduling import ScheduleRequest, as_job_option, dry_run_option, fulfil
from fmhost_cli.parameters import (
    DURATION,
    JSON,
    JSON_OBJECT,
    MOMENT,
    RESOLUTION,
    asset_option,
    sensor_option,
)


@click.command()
@sensor_option("The power sensor to schedule.")
@asset_option("The asset to schedule, instead of a sensor.")
@click.option("--scheduler", help="Name of the scheduler; see `fmhost show schedulers`.")
@click.option("--start", type=MOMENT, help="Start of the schedule, with UTC offset.  [required]")
@click.option("--duration", type=DURATION, help="Length of the schedule: PT12H.  [required]")
@click.option("--resolution", type=RESOLUTION, help="Length of a step: ISO 8601 or minutes.")
@click.option("--prior", type=MOMENT, help="As known then: later beliefs do not count.")
@click.option("--soc-at-start", help="State of charge at the start, such as '2.5 kWh'.")
@click.option("--flex-context", type=JSON_OBJECT, help="JSON object, as text or as a file.")
@click.option("--flex-model", type=JSON, help="JSON object or list, as text or as a file.")
@as_job_option
@dry_run_option
def command(
    sensor_id: int | None,
    asset_id: int | None,
    start: datetime | None,
    duration: Span | None,
    soc_at_start: str | None,
    flex_model: Any,
    resolution: timedelta | None,
    prior: datetime | None,
    scheduler: str | None,
    flex_context: dict[str, Any] | None,
    as_job: bool,
    dry_run: bool,
) -> None:
    """Compute a schedule with any scheduler.

    What is flexible and what it costs is told by --flex-model and --flex-context, as in the API.
    For a storage with a power sensor, `fmhost add schedule for-storage` has options of its own.
    """
    context = click.get_current_context()
    if context.invoked_subcommand is not None:
        return
    if start is None or duration is None:
        missing = "--start" if start is None else "--duration"
        raise click.MissingParameter(param_hint=f"'{missing}'", param_type="option", ctx=context)
    if soc_at_start is not None:
        flex_model = {} if flex_model is None else flex_model
        if not isinstance(flex_model, dict):
            raise InvalidInput(
                "--soc-at-start goes with the flex-model of one device only.",
                field="soc-at-start",
                hint="Write soc-at-start into each entry of --flex-model.",
            )
        flex_model = {**flex_model, "soc-at-start": soc_at_start}
    fulfil(
        ScheduleRequest(
            sensor_id=sensor_id,
            asset_id=asset_id,
            start=start,
            duration=duration,
            resolution=resolution,
            prior=prior,
            scheduler=scheduler,
            flex_model=flex_model,
            flex_context=flex_context,
        ),
        as_job=as_job,
        dry_run=dry_run,
    )

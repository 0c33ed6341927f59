"""What the commands that make schedules share: from their options to the stored schedule."""

from __future__ import annotations

import shutil
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import click

from fmhost.plugin import (
    Asset,
    ComputationFailed,
    Installation,
    InvalidInput,
    Job,
    JobState,
    Sensor,
    Span,
    assets,
    current_installation,
    dispatch,
    execute,
    explanations,
    job_states,
    schedules,
    sensors,
    time_zone,
)
from fmhost_cli.terminal_chart import Panel, draw, is_braille_shown

#: How often to look whether a worker that has taken the job is through with it [s].
_LOOK_EVERY = 0.2

as_job_option: Callable[[Any], Any] = click.option(
    "--as-job", is_flag=True, help="Queue the computation instead of waiting for it."
)
dry_run_option: Callable[[Any], Any] = click.option(
    "--dry-run", is_flag=True, help="Compute and show the schedule, and store nothing."
)


@dataclass(frozen=True)
class ScheduleRequest:
    """The options of a command that makes a schedule, for a sensor or for an asset."""

    sensor_id: int | None
    asset_id: int | None
    start: datetime
    duration: Span
    resolution: timedelta | None = None
    prior: datetime | None = None
    scheduler: str | None = None
    flex_model: Any = None
    flex_context: Any = None

    def target(self, session: Any) -> Sensor | Asset:
        """The sensor or asset to schedule.

        :raises InvalidInput: where both are given, or none.
        :raises NotFound: where it does not exist.
        """
        if (self.sensor_id is None) == (self.asset_id is None):
            raise InvalidInput(
                "A schedule is for one sensor or one asset.",
                field="sensor",
                hint="Give --sensor or --asset.",
            )
        if self.sensor_id is not None:
            return sensors.get_sensor(session, self.sensor_id)
        assert self.asset_id is not None
        return assets.get_asset(session, self.asset_id)

    def keywords(self, target: Sensor | Asset) -> dict[str, Any]:
        """The arguments of :func:`fmhost.plugin.schedules.trigger`."""
        zone = time_zone(target.timezone if isinstance(target, Sensor) else "UTC")
        return {
            "target": target,
            "start": self.start,
            "duration": self.duration.length_from(self.start, zone),
            "resolution": self.resolution,
            "prior": self.prior,
            "scheduler": self.scheduler,
            "flex_model": self.flex_model,
            "flex_context": self.flex_context,
        }


def fulfil(request: ScheduleRequest, *, as_job: bool, dry_run: bool) -> None:
    """Compute and store the schedule; or queue the job; or only show what would be stored.

    :raises InvalidInput: naming the field, for whatever the scheduler does not accept.
    :raises ComputationFailed: where there is no schedule; then none is stored.
    """
    installation = current_installation()
    if dry_run:
        _show(installation, request)
        return
    with installation.database.transaction() as session:
        job = schedules.trigger(
            installation, session, **request.keywords(request.target(session)), force_new=not as_job
        )
    if as_job:
        if dispatch(installation, job.id):
            click.secho(f"New scheduling job {job.id} has been added to the queue.", fg="green")
        else:
            click.secho(
                f"New scheduling job {job.id} is on record, and runs once the queue is back.",
                fg="yellow",
            )
        return
    run_here(installation, job)
    click.secho("New schedule is stored.", fg="green")
    click.echo(f"Why it is as it is: fmhost show schedule {job.id} --why", err=True)


def _row(installation: Installation, job_id: str) -> Job:
    with installation.database.reading() as session:
        return session.get_one(Job, job_id)


def run_here(installation: Installation, job: Job) -> Job:
    """Run a job that was just requested, and return it finished.

    :raises ComputationFailed: where it failed.
    """
    mine = execute(installation, job.id, "command line")
    finished = _row(installation, job.id)
    while not mine and job_states.is_pending(finished):  # a worker was faster
        time.sleep(_LOOK_EVERY)
        finished = _row(installation, job.id)
    if finished.state != JobState.FINISHED.value:
        error = finished.error or {}
        fallback = finished.meta.get(explanations.FALLBACK)
        instead = (
            f"A fallback takes its place, which job {fallback} computes." if fallback else None
        )
        raise ComputationFailed(
            error.get("message") or f"The job {job.id} is {finished.state}.",
            field=error.get("field"),
            hint=error.get("hint") or instead,
        )
    return finished


def _show(installation: Installation, request: ScheduleRequest) -> None:
    with installation.database.reading() as session:
        target = request.target(session)
        computed = schedules.compute(installation, session, **request.keywords(target))
        zone = time_zone(target.timezone if isinstance(target, Sensor) else "UTC")
        panels = [
            Panel(
                f"{result.name} of sensor {result.sensor.id} [{result.unit}]",
                result.start,
                result.resolution,
                result.values.tolist(),
                filled=result.name == "storage_schedule",
            )
            for result in computed
        ]
    if panels:
        width = min(shutil.get_terminal_size().columns, 120)
        for line in draw(panels, zone, width=width, braille=is_braille_shown(sys.stdout)):
            click.echo(line)
        click.echo("Power is shown consumption positive.")
    click.secho("This was a dry run: nothing is stored.", fg="yellow")

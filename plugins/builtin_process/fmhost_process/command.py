"""``fmhost add schedule for-process``."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import click

from fmhost.plugin import (
    Checked,
    ComputationFailed,
    Installation,
    Job,
    JobState,
    Span,
    UnitMismatch,
    current_installation,
    dispatch,
    execute,
    parse_duration,
    parse_moment,
    schedules,
    sensors,
    time_zone,
    units,
)

MOMENT = Checked("datetime", parse_moment)
DURATION = Checked("duration", parse_duration)


def _duration_text(text: str) -> str:
    """An ISO 8601 duration as it was written, for the flex-model."""
    parse_duration(text)
    return text


DURATION_TEXT = Checked("duration", _duration_text)


@click.command()
@click.option(
    "--sensor",
    "--sensor-id",
    "sensor_id",
    type=int,
    required=True,
    help="ID. The power sensor of the process.",
)
@click.option(
    "--consumption-price-sensor",
    type=int,
    help="ID of the sensor with the price of consumption. [default: that of the asset]",
)
@click.option("--start", type=MOMENT, required=True, help="Start, with UTC offset.")
@click.option("--duration", type=DURATION, required=True, help="Length of the schedule: PT24H.")
@click.option("--process-duration", type=DURATION_TEXT, help="How long the process runs: PT3H.")
@click.option("--process-power", help="Its power while it runs: '2 kW'; a bare number is in MW.")
@click.option(
    "--process-type",
    type=click.Choice(["INFLEXIBLE", "SHIFTABLE", "BREAKABLE"], case_sensitive=False),
    help="Whether it starts at once, is shifted as a whole, or is broken into pieces. "
    "[default: attribute process-type, else INFLEXIBLE]",
)
@click.option(
    "--forbid",
    "forbidden",
    type=(MOMENT, DURATION_TEXT),
    multiple=True,
    help="A moment from which, and a duration for which, it must not run, as in: "
    "2026-03-01T07:00+01:00 PT2H. Repeat the option for several.",
)
@click.option(
    "--optimization-sense",
    type=click.Choice(["MIN", "MAX"], case_sensitive=False),
    help="Whether the sum of the prices is to be small or great. [default: MIN]",
)
@click.option("--as-job", is_flag=True, help="Queue the computation instead of waiting for it.")
def command(
    sensor_id: int,
    consumption_price_sensor: int | None,
    start: datetime,
    duration: Span,
    process_duration: str | None,
    process_power: str | None,
    process_type: str | None,
    forbidden: Sequence[tuple[datetime, str]],
    optimization_sense: str | None,
    as_job: bool,
) -> None:
    """Compute a schedule for a process: a load that runs for a given time.

    What is left out is taken from the flex-model of the asset.
    """
    flex_model: dict[str, Any] = {
        "duration": process_duration,
        "power": process_power,
        "process-type": process_type,
        "optimization-sense": optimization_sense,
    }
    if forbidden:
        flex_model["time-restrictions"] = [
            {"start": moment.isoformat(), "duration": length} for moment, length in forbidden
        ]
    flex_context: dict[str, Any] = {}
    if consumption_price_sensor is not None:
        flex_context["consumption-price"] = {"sensor": consumption_price_sensor}
    installation = current_installation()
    with installation.database.transaction() as session:
        sensor = sensors.get_sensor(session, sensor_id)
        if not units.is_power(sensor.unit):
            raise UnitMismatch(
                f"Sensor with ID {sensor_id} is not a power sensor.",
                field="sensor",
                hint=f"Its unit is {sensor.unit}.",
            )
        job = schedules.trigger(
            installation,
            session,
            target=sensor,
            start=start,
            duration=duration.length_from(start, time_zone(sensor.timezone)),
            scheduler="ProcessScheduler",
            flex_model={name: value for name, value in flex_model.items() if value is not None},
            flex_context=flex_context,
            force_new=not as_job,
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
    for line in _run(installation, job.id):
        click.echo(line)
    click.secho("New schedule is stored.", fg="green")


def _run(installation: Installation, job_id: str) -> list[str]:
    """Run the job here and now; why the process runs when it does, and what to know of it.

    :raises ComputationFailed: where the job failed.
    """
    execute(installation, job_id, "command line")
    with installation.database.reading() as session:
        finished = session.get_one(Job, job_id)
    if finished.state != JobState.FINISHED.value:
        error = finished.error or {}
        raise ComputationFailed(
            error.get("message") or f"The job {job_id} is {finished.state}.",
            field=error.get("field"),
            hint=error.get("hint"),
        )
    told = (finished.result or {})["scheduler_info"]
    return [*(reason["text"] for reason in told["why"]), *told["assumed"], *told["warnings"]]

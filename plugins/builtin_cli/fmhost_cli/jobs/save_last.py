"""``fmhost jobs save-last``."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import click

from fmhost.plugin import QUEUES, JobState, current_installation, job_control
from fmhost_cli.parameters import asset_option, sensor_option

_COLUMNS = (
    *("id", "kind", "queue", "state", "created_at", "started_at", "ended_at", "attempts"),
    *("worker", "sensor_id", "asset_id", "arguments", "result", "error", "meta"),
)


@click.command()
@click.option(
    "--n",
    "number",
    type=click.IntRange(1),
    default=10,
    show_default=True,
    help="How many jobs at most.",
)
@click.option(
    "--queue",
    type=click.Choice(QUEUES),
    default="scheduling",
    show_default=True,
    help="Jobs of this queue.",
)
@click.option(
    "--registry",
    "state",
    type=click.Choice([state.value for state in JobState]),
    default="failed",
    show_default=True,
    help="Jobs in this state.",
)
@asset_option("Jobs about this asset and its sensors only.")
@sensor_option("Jobs about this sensor only.")
@click.option(
    "--file",
    type=click.Path(dir_okay=False, path_type=Path),
    default=Path("last_jobs.csv"),
    show_default=True,
    help="CSV file to write.",
)
def command(
    number: int,
    queue: str,
    state: str,
    asset_id: int | None,
    sensor_id: int | None,
    file: Path,
) -> None:
    """Write the last jobs of a queue to a file, the newest first."""
    with current_installation().database.reading() as session:
        found = job_control.last_jobs(
            session,
            number=number,
            queue=queue,
            state=JobState(state),
            asset_id=asset_id,
            sensor_id=sensor_id,
        )
        rows = [job_control.describe(session, job) for job in found]
    if not rows:
        click.secho(f"There are no {state} jobs in the queue {queue}.", fg="yellow")
        return
    with file.open("w", newline="") as opened:
        writer = csv.writer(opened)
        writer.writerow(_COLUMNS)
        writer.writerows([[_cell(row[name]) for name in _COLUMNS] for row in rows])
    click.secho(f"Saved the last {len(rows)} {state} jobs of {queue} to {file}.", fg="green")


def _cell(value: object) -> object:
    if isinstance(value, (dict, list)):
        return json.dumps(value, ensure_ascii=False)
    return value.isoformat() if hasattr(value, "isoformat") else value

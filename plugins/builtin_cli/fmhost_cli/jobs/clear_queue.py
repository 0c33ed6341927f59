"""``fmhost jobs clear-queue``."""

from __future__ import annotations

from collections.abc import Sequence

import click

from fmhost.plugin import JobState, current_installation
from fmhost.plugin import queues as queue_service
from fmhost_cli.jobs.queue_names import queues_option


@click.command()
@queues_option
@click.option("--failed", is_flag=True, help="Clear the failed jobs instead of the waiting ones.")
@click.option("--deferred", is_flag=True, help="Clear only jobs that wait for another one.")
@click.option("--scheduled", is_flag=True, help="Clear only jobs that wait for their time.")
def command(queues: Sequence[str], failed: bool, deferred: bool, scheduled: bool) -> None:
    """Take the waiting jobs out of a queue; they stay on record as canceled."""
    chosen = [
        state
        for state, wanted in (
            (JobState.FAILED, failed),
            (JobState.DEFERRED, deferred),
            (JobState.SCHEDULED, scheduled),
        )
        if wanted
    ]
    states = chosen or list(queue_service.WAITING)
    installation = current_installation()
    for name in queues:
        with installation.database.transaction() as session:
            cleared = queue_service.clear(installation, session, name, states)
            left = queue_service.sizes(session, [name])[0].count(*states)
        kinds = "".join(f"{state.value} " for state in chosen)
        click.secho(f"Cleared {cleared} {kinds}jobs from {name}.", fg="green")
        if left:
            click.secho(
                f"There are {left} jobs which could not be removed: they came meanwhile.",
                fg="yellow",
            )
        else:
            click.echo("No jobs left.")

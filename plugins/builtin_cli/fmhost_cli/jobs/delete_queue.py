"""``fmhost jobs delete-queue``."""

from __future__ import annotations

from collections.abc import Sequence

import click

from fmhost.plugin import current_installation, job_control
from fmhost_cli.confirmation import confirm, force_option
from fmhost_cli.jobs.queue_names import queues_option


@click.command()
@queues_option
@force_option
def command(queues: Sequence[str], force: bool) -> None:
    """Delete a queue: its jobs, those that have ended too, and all that is known about them.

    What the jobs have stored stays, and so do jobs that run. `jobs clear-queue` keeps the record.
    """
    installation = current_installation()
    for name in queues:
        confirm(f"Delete all jobs of the queue {name}?", force=force)
        with installation.database.transaction() as session:
            deleted, running = job_control.delete_jobs(session, name)
        click.secho(f"Deleted {deleted} jobs of {name}.", fg="green")
        if running:
            click.secho(f"{running} jobs are running, and stay.", fg="yellow")

"""``fmhost jobs cancel``."""

from __future__ import annotations

import click

from fmhost.plugin import JobState, current_installation, job_control
from fmhost_cli.jobs.job_option import job_option


@click.command()
@job_option
def command(job_id: str) -> None:
    """Take back a job that waits, or stop one that runs.

    What a stopped job brings is not stored.
    """
    installation = current_installation()
    with installation.database.transaction() as session:
        taken = job_control.take_back(installation, session, job_id)
    done = "is stopped" if taken.state == JobState.STOPPED else "has been taken back"
    click.secho(f"Job {job_id} {done}.", fg="green")

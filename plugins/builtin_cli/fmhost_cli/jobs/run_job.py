"""``fmhost jobs run-job``."""

from __future__ import annotations

import click

from fmhost.plugin import (
    ComputationFailed,
    Conflict,
    JobState,
    current_installation,
    execute,
    job_control,
)
from fmhost_cli.jobs.job_option import job_option


@click.command()
@job_option
def command(job_id: str) -> None:
    """Run a job in this process, now: one that waits, or again one that failed."""
    installation = current_installation()
    with installation.database.transaction() as session:
        job_control.run_here(session, job_id)
    if not execute(installation, job_id, "command line"):
        raise Conflict(f"A worker has just taken job {job_id}.", hint="See `jobs inspect-job`.")
    with installation.database.reading() as session:
        job = job_control.get_job(session, job_id)
        if job.state != JobState.FINISHED:
            error = job.error or {}
            raise ComputationFailed(
                error.get("message") or f"Job {job_id} is {job.state}.", hint=error.get("hint")
            )
    click.secho(f"Job {job_id} has finished.", fg="green")

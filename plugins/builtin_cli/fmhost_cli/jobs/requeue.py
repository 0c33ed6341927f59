"""``fmhost jobs requeue``."""

from __future__ import annotations

from collections.abc import Sequence

import click

from fmhost.plugin import Checked, current_installation, dispatch, job_control, parse_queues


@click.command()
@click.option("--job", "job_ids", multiple=True, help="ID of a job; may be repeated.")
@click.option(
    "--queue",
    "queues",
    type=Checked("queues", parse_queues),
    default=(),
    help="Queue again all failed jobs of a queue, or of several joined with '|'.",
)
def command(job_ids: Sequence[str], queues: Sequence[str]) -> None:
    """Queue jobs again that failed, were stopped or were taken back."""
    if not job_ids and not queues:
        raise click.UsageError("Name jobs with --job, or queues with --queue.")
    installation = current_installation()
    with installation.database.transaction() as session:
        chosen = list(job_ids)
        for job_id in job_ids:
            job_control.queue_again(session, job_id)
        for queue in queues:
            chosen += job_control.queue_failed_again(session, queue)
    for job_id in chosen:
        dispatch(installation, job_id)
    click.secho(f"Queued {len(chosen)} jobs again.", fg="green")

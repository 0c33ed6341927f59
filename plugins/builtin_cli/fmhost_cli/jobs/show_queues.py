"""``fmhost jobs show-queues``."""

from __future__ import annotations

import click

from fmhost.plugin import QUEUES, JobState, current_installation, queues
from fmhost_cli.tables import echo_json, json_option


@click.command()
@json_option
def command(as_json: bool) -> None:
    """Show how many jobs are in which queue."""
    with current_installation().database.reading() as session:
        sizes = queues.sizes(session, QUEUES)
    if as_json:
        echo_json(
            {
                size.name: {state.value: count for state, count in sorted(size.jobs.items())}
                for size in sizes
            }
        )
        return
    for size in sizes:
        waiting, failed = size.count(*queues.WAITING), size.count(JobState.FAILED)
        running = size.count(JobState.STARTED)
        click.echo(
            f"Queue {size.name} has {waiting} jobs (and {failed} jobs have failed)."
            + (f" {running} jobs are running." if running else "")
        )

"""``fmhost jobs run-worker``."""

from __future__ import annotations

import secrets
from collections.abc import Sequence

import click

from fmhost.plugin import current_installation, logs_written, queue_of
from fmhost_cli.jobs.queue_names import queues_option


@click.command()
@queues_option
@click.option("--name", help="Name of the worker. [default: fm-worker-<random>]")
@click.option(
    "--with-scheduler/--without-scheduler",
    "steward",
    default=True,
    show_default=True,
    help="Whether this worker may be the one that finds lost jobs and asks for those that are due.",
)
@click.option("--burst", is_flag=True, help="Stop when no job waits any more.")
def command(queues: Sequence[str], name: str | None, steward: bool, burst: bool) -> None:
    """Run the jobs of one or more queues, in this process, until stopped.

    Several queues are joined with a bar: --queue 'forecasting|scheduling'
    """
    installation = current_installation()
    driver = queue_of(installation)
    worker = name or f"fm-worker-{secrets.token_hex(4)}"
    driver.check()
    click.echo(
        f'Worker "{worker}" initialised on {installation.database} ― processing {len(queues)} '
        f"queue(s): {', '.join(queues)}. Stop it with Ctrl-C."
    )
    with logs_written(installation.settings):
        driver.work(queues, worker, burst=burst, steward=steward)

"""``fmhost monitor tasks``, the old name of ``fmhost monitor latest-run``."""

from __future__ import annotations

from collections.abc import Sequence

import click

from fmhost_cli.monitor.alarm import recipient_option
from fmhost_cli.monitor.latest_run import check, message_option, task_option


@click.command(hidden=True)
@task_option
@message_option
@recipient_option
def command(
    tasks: Sequence[tuple[str, int]], custom_message: str, recipients: Sequence[str]
) -> None:
    """Check that tasks ran lately: the old name of `fmhost monitor latest-run`."""
    click.secho(
        "`fmhost monitor tasks` is deprecated. Use `fmhost monitor latest-run` instead.",
        fg="yellow",
        err=True,
    )
    check(tasks, custom_message, recipients)

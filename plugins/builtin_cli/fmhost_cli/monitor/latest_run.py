"""``fmhost monitor latest-run``."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import Any

import click

from fmhost.plugin import current_installation, watching
from fmhost_cli.monitor.alarm import raise_alarm, recipient_option

SUBJECT = "Problem with FlexMeasures tasks"

task_option: Callable[[Any], Any] = click.option(
    "--task",
    "tasks",
    type=(str, click.IntRange(1)),
    multiple=True,
    required=True,
    metavar="NAME MINUTES",
    help="Name of a task, and within how many minutes it has to run; may be repeated.",
)
message_option: Callable[[Any], Any] = click.option(
    "--custom-message", default="", help="What to tell besides, in alerts."
)


@click.command()
@task_option
@message_option
@recipient_option
def command(
    tasks: Sequence[tuple[str, int]], custom_message: str, recipients: Sequence[str]
) -> None:
    """Check that tasks ran lately, and succeeded.

    What is wrong is printed, logged, and sent by mail. The program ends with 1 then.
    """
    check(tasks, custom_message, recipients)


def check(tasks: Sequence[tuple[str, int]], custom_message: str, recipients: Sequence[str]) -> None:
    """Look at each task, and raise the alarm where one of them is not well."""
    installation = current_installation()
    expected = [
        watching.Expected(name, timedelta(minutes=number)) for name, number in dict(tasks).items()
    ]
    with installation.database.reading() as session:
        problems = list(watching.failing_tasks(installation, session, expected))
    if problems:
        raise_alarm(installation, SUBJECT, problems, custom_message, recipients)
    click.secho(f"Done checking task runs: {len(expected)} tasks are well.", fg="green")

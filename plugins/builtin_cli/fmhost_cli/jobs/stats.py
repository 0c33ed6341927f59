"""``fmhost jobs stats``."""

from __future__ import annotations

from dataclasses import asdict
from datetime import timedelta

import click

from fmhost.plugin import QUEUES, current_installation, job_control
from fmhost_cli.tables import echo_json, echo_table, json_option


@click.command()
@click.option(
    "--window",
    type=click.IntRange(1),
    default=60,
    show_default=True,
    help="How far to look back [minutes].",
)
@json_option
def command(window: int, as_json: bool) -> None:
    """Show how many jobs came and went lately, and how long they waited and ran."""
    installation = current_installation()
    with installation.database.reading() as session:
        found = [
            job_control.statistics(installation, session, queue, timedelta(minutes=window))
            for queue in QUEUES
        ]
    if as_json:
        echo_json([asdict(each) for each in found])
        return
    click.echo(f"In the last {window} minutes:\n")
    echo_table(
        ["Queue", "Requested", "Finished", "Failed", "Waited", "Ran", "Longest", "Oldest waiting"],
        [
            (
                each.queue,
                each.requested,
                each.finished,
                each.failed,
                *(_seconds(span) for span in (each.waited, each.ran, each.longest, each.oldest)),
            )
            for each in found
        ],
    )


def _seconds(span: timedelta | None) -> str:
    return "" if span is None else f"{span.total_seconds():.1f} s"

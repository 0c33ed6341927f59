"""``fmhost jobs save-last-failed``, the older name of ``fmhost jobs save-last``."""

from __future__ import annotations

import click

from fmhost_cli.jobs.save_last import command as save_last

#: The same; failed jobs are what it saves unless told otherwise.
command = click.Command(
    "save-last-failed",
    params=save_last.params,
    callback=save_last.callback,
    help="Write the last failed jobs of a queue to a file: the older name of `jobs save-last`.",
    hidden=True,
)

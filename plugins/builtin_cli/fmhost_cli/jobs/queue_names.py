"""The option that names queues."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import click

from fmhost.plugin import Checked, parse_queues

#: ``--queue 'forecasting|scheduling'``; the parameter is ``queues``, a list of names.
queues_option: Callable[[Any], Any] = click.option(
    "--queue",
    "queues",
    type=Checked("queues", parse_queues),
    required=True,
    help="Name of a queue, or several joined with '|'.",
)

"""The option that names jobs."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import click

#: ``--job ID``; the parameter is ``job_id``.
job_option: Callable[[Any], Any] = click.option(
    "--job", "job_id", required=True, help="ID of the job."
)

"""The options with which plans are described."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

import click

from fmhost.plugin import plans

Decorated = TypeVar("Decorated", bound=Callable[..., Any])

_LIMIT = "Such as '1000 per minute', or 'unlimited'."


def plan_options(function: Decorated) -> Decorated:
    """What a plan grants."""
    for option in (
        click.option("--max-clients", type=int, help="How many client accounts at most."),
        click.option("--max-assets", type=int, help="How many assets at most."),
        click.option("--max-users", type=int, help="How many users at most."),
        click.option(
            "--rate-limit-key",
            type=click.Choice(plans.RATE_LIMIT_KEYS),
            help="For whom requests are counted together.",
        ),
        click.option("--trigger-rate-limit", help=f"For requests that compute. {_LIMIT}"),
        click.option("--default-rate-limit", help=f"For other requests. {_LIMIT}"),
    ):
        function = option(function)
    return function

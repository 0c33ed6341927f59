"""``fmhost show schedulers``."""

from __future__ import annotations

import click

from fmhost_cli.show.drivers import echo_drivers
from fmhost_cli.tables import json_option


@click.command()
@json_option
def command(as_json: bool) -> None:
    """List the schedulers that plugins bring, and where each is in use."""
    echo_drivers("scheduler", as_json=as_json)

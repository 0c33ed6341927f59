"""``fmhost show forecasters``."""

from __future__ import annotations

import click

from fmhost_cli.show.drivers import echo_drivers
from fmhost_cli.tables import json_option


@click.command()
@json_option
def command(as_json: bool) -> None:
    """List the forecasters that plugins bring, and where each is in use."""
    echo_drivers("forecaster", as_json=as_json)

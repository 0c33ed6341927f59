"""``fmhost show asset-types``."""

from __future__ import annotations

import click

from fmhost.plugin import assets, current_installation
from fmhost_cli.tables import echo_json, echo_table, json_option


@click.command()
@json_option
def command(as_json: bool) -> None:
    """List the asset types."""
    with current_installation().database.reading() as session:
        listed = [
            (each.id, each.name, each.description) for each in assets.list_asset_types(session)
        ]
    if as_json:
        keys = ("id", "name", "description")
        echo_json([dict(zip(keys, row, strict=True)) for row in listed])
    elif not listed:
        click.secho("No asset types created yet.", fg="yellow")
    else:
        echo_table(["ID", "Name", "Description"], listed)

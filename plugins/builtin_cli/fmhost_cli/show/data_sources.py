"""``fmhost show data-sources``."""

from __future__ import annotations

import click

from fmhost.plugin import current_installation, sources
from fmhost_cli.tables import attributes_text, echo_json, echo_table, json_option


@click.command()
@click.option("--id", "source_id", type=int, help="Show this one only.")
@click.option("--show-attributes", is_flag=True, help="Show their attributes, too.")
@click.option("--show-sensors", is_flag=True, help="Show the sensors that they know of, too.")
@json_option
def command(
    source_id: int | None, show_attributes: bool, show_sensors: bool, as_json: bool
) -> None:
    """List the data sources."""
    with current_installation().database.reading() as session:
        listed = sources.list_sources(session, source_id)
        known = sources.sensors_of(session) if show_sensors else {}
    if as_json:
        echo_json(
            [
                {
                    "id": source.id,
                    "name": source.name,
                    "type": source.type,
                    "user": source.user_id,
                    "account": source.account_id,
                    "model": source.model,
                    "version": source.version,
                    "attributes": source.attributes,
                    "sensors": known.get(source.id, []) if show_sensors else None,
                }
                for source in listed
            ]
        )
        return
    if not listed:
        click.secho("No data sources created yet.", fg="yellow")
        return
    headers = ["ID", "Name", "Type", "User ID", "Model", "Version"]
    rows = [
        [source.id, source.name, source.type, source.user_id, source.model, source.version]
        for source in listed
    ]
    if show_attributes:
        headers.append("Attributes")
        for row, source in zip(rows, listed, strict=True):
            row.append(attributes_text(source.attributes))
    if show_sensors:
        headers.append("Sensors")
        for row, source in zip(rows, listed, strict=True):
            row.append(", ".join(map(str, known.get(source.id, []))))
    echo_table(headers, rows)

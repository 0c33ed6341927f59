"""``fmhost show automations``."""

from __future__ import annotations

import click

from fmhost.plugin import Automation, automations, current_installation
from fmhost_cli.tables import echo_json, echo_table, json_option, moment_text


@click.command()
@json_option
def command(as_json: bool) -> None:
    """List what recurs, when it is due next, and how its last run went."""
    with current_installation().database.reading() as session:
        found = automations.list_automations(session)
    if as_json:
        echo_json([_as_json(each) for each in found])
    elif not found:
        click.secho("No automations created yet.", fg="yellow")
    else:
        echo_table(
            ["ID", "Name", "Kind", "Asset", "Sensor", "Recurs", "Next", "Last job"],
            [
                (
                    each.id,
                    each.name,
                    each.kind,
                    each.asset_id,
                    each.sensor_id,
                    f"{each.cron or each.interval} ({each.timezone})",
                    moment_text(each.next_at) if each.active else "switched off",
                    each.error["message"] if each.error else each.last_job_id,
                )
                for each in found
            ],
        )


def _as_json(automation: Automation) -> dict[str, object]:
    return {column.key: getattr(automation, column.key) for column in Automation.__table__.columns}

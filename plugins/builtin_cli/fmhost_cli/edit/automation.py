"""``fmhost edit automation``."""

from __future__ import annotations

from typing import Any

import click

from fmhost.plugin import automations, current_installation
from fmhost_cli.parameters import JSON_OBJECT, TIMEZONE
from fmhost_cli.tables import moment_text


@click.command()
@click.option("--id", "automation_id", type=int, required=True, help="Its ID.")
@click.option("--on/--off", "active", default=None, help="Switch it on or off.")
@click.option("--name", help="What to call it.")
@click.option("--cron", help="Cron expression.")
@click.option("--interval", help="Every so often, such as PT15M or P1D.")
@click.option("--timezone", type=TIMEZONE, help="On whose clock.")
@click.option("--parameters", type=JSON_OBJECT, help="Of the request; they replace the others.")
@click.option("--priority", type=int, help="Of its jobs.")
def command(automation_id: int, **given: Any) -> None:
    """Change what recurs or when, or switch it on or off."""
    changes = {name: value for name, value in given.items() if value is not None}
    if not changes:
        raise click.UsageError("Say what to change, such as --off or --cron.")
    installation = current_installation()
    with installation.database.transaction() as session:
        automation = automations.get_automation(session, automation_id)
        automations.change(installation, session, automation, **changes)
    when = f"due next at {moment_text(automation.next_at)}" if automation.active else "switched off"
    click.secho(f"Automation {automation_id} is {when}.", fg="green")

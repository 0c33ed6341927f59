"""``fmhost delete automation``."""

from __future__ import annotations

import click

from fmhost.plugin import automations, current_installation
from fmhost_cli.confirmation import confirm, force_option


@click.command()
@click.option("--id", "automation_id", type=int, required=True, help="Its ID.")
@force_option
def command(automation_id: int, force: bool) -> None:
    """Have something recur no more; the jobs that it asked for stay."""
    installation = current_installation()
    with installation.database.reading() as session:
        name = automations.get_automation(session, automation_id).name
    confirm(f"Delete the automation '{name}' (ID: {automation_id})?", force=force)
    with installation.database.transaction() as session:
        session.delete(automations.get_automation(session, automation_id))
    click.secho(f"Automation {automation_id} has been deleted.", fg="green")

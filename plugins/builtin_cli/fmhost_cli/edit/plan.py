"""``fmhost edit plan``."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import click

from fmhost.plugin import current_installation, plans
from fmhost_cli.plan_options import plan_options


@click.command()
@click.option("--id", "plan_id", type=int, required=True, help="Its ID.")
@click.option("--name", help="Its new name.")
@plan_options
@click.option(
    "--legacy/--no-legacy", default=None, help="Whether other accounts can get it no more."
)
@click.option(
    "--clear",
    "cleared",
    type=click.Choice([name.replace("_", "-") for name in plans.OPTIONAL]),
    multiple=True,
    help="What shall be as the server has it again; may be repeated.",
)
def command(plan_id: int, cleared: Sequence[str], **fields: Any) -> None:
    """Change a plan, for all accounts that have it."""
    changes = {name: value for name, value in fields.items() if value is not None}
    for name in (each.replace("-", "_") for each in cleared):
        if name in changes:
            raise click.UsageError(f"Either set {name.replace('_', '-')} or clear it.")
        changes[name] = None
    if not changes:
        raise click.UsageError("Say what to change, such as --max-users or --legacy.")
    installation = current_installation()
    with installation.database.transaction() as session:
        plan = plans.update_plan(session, plans.get_plan(session, plan_id), changes)
    click.secho(f"Plan '{plan.name}' (ID: {plan.id}) has been changed.", fg="green")

"""``fmhost add plan``."""

from __future__ import annotations

from typing import Any

import click

from fmhost.plugin import current_installation, plans
from fmhost_cli.plan_options import plan_options


@click.command()
@click.option("--name", required=True, help="Unique name.")
@plan_options
def command(name: str, **fields: Any) -> None:
    """Add a plan: limits that accounts can be granted instead of the server's."""
    installation = current_installation()
    with installation.database.transaction() as session:
        plan = plans.create_plan(session, name=name, **fields)
    click.secho(f"Plan '{plan.name}' (ID: {plan.id}) successfully created.", fg="green")

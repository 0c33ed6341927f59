"""``fmhost add account-role``."""

from __future__ import annotations

import click

from fmhost.plugin import AccountRole, current_installation, roles


@click.command()
@click.option("--name", required=True, help="Name of the role, such as Prosumer.")
@click.option("--description", help="What it means.")
def command(name: str, description: str | None) -> None:
    """Add a role that accounts can have."""
    installation = current_installation()
    with installation.database.transaction() as session:
        role = roles.create(session, AccountRole, name, description)
    click.secho(f"Account role '{role.name}' (ID: {role.id}) successfully created.", fg="green")

"""``fmhost roles create``."""

from __future__ import annotations

import click

from fmhost.plugin import Role, current_installation, roles


@click.command()
@click.argument("name")
@click.option("--description", "-d", help="What it means.")
def command(name: str, description: str | None) -> None:
    """Create the user role NAME; `fmhost add account-role` adds one for accounts."""
    installation = current_installation()
    with installation.database.transaction() as session:
        role = roles.create(session, Role, name, description)
    click.secho(f"User role '{role.name}' (ID: {role.id}) successfully created.", fg="green")

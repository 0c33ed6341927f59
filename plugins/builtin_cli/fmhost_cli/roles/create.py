"""``fmhost roles create``."""

from __future__ import annotations

import click

from fmhost.plugin import Role, current_installation, role_permissions, roles
from fmhost_cli.parameters import NAMES


@click.command()
@click.argument("name")
@click.option("--description", "-d", help="What it means.")
@click.option(
    "--permissions",
    "-p",
    type=NAMES,
    help="Names of permissions that plugins bring, separated by commas.",
)
def command(name: str, description: str | None, permissions: tuple[str, ...] | None) -> None:
    """Create the user role NAME; `fmhost add account-role` adds one for accounts."""
    installation = current_installation()
    with installation.database.transaction() as session:
        role = roles.create(session, Role, name, description)
        if permissions is not None:
            role_permissions.add(installation, session, role.name, permissions)
    click.secho(f"User role '{role.name}' (ID: {role.id}) successfully created.", fg="green")
    warning = role_permissions.without_effect(installation.host, permissions or ())
    if warning:
        click.secho(warning, fg="yellow", err=True)

"""``fmhost roles add-permissions``."""

from __future__ import annotations

import click

from fmhost.plugin import current_installation, role_permissions
from fmhost_cli.parameters import NAMES


@click.command()
@click.argument("role")
@click.argument("permissions", type=NAMES)
def command(role: str, permissions: tuple[str, ...]) -> None:
    """Give the users with the role ROLE permissions that plugins bring.

    PERMISSIONS are their names, separated by commas. What no active plugin brings is stored with a
    warning, and counts once one does.
    """
    installation = current_installation()
    with installation.database.transaction() as session:
        added = role_permissions.add(installation, session, role, permissions)
    before = "" if added else ", as before"
    click.secho(f"Role {role} has the permissions {', '.join(permissions)}{before}.", fg="green")
    warning = role_permissions.without_effect(installation.host, permissions)
    if warning:
        click.secho(warning, fg="yellow", err=True)

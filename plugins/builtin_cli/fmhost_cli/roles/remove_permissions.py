"""``fmhost roles remove-permissions``."""

from __future__ import annotations

import click

from fmhost.plugin import Role, current_installation, role_permissions, roles
from fmhost_cli.parameters import NAMES


@click.command()
@click.argument("role")
@click.argument("permissions", type=NAMES)
def command(role: str, permissions: tuple[str, ...]) -> None:
    """Take permissions from the role ROLE.

    PERMISSIONS are their names, separated by commas. What the manifests of plugins grant to the
    role stays.
    """
    installation = current_installation()
    with installation.database.transaction() as session:
        removed = role_permissions.remove(installation, session, role, permissions)
        granted = role_permissions.granted(installation.host, roles.named(session, Role, role))
    before = "" if removed else ", as before"
    stored = f"Role {role} does not store the permissions {', '.join(permissions)}{before}."
    click.secho(stored, fg="green")
    kept = ", ".join(each for each in granted if each in permissions)
    if kept:
        click.secho(f"Its plugin's manifest still grants {role}: {kept}.", fg="yellow", err=True)

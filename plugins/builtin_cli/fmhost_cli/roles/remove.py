"""``fmhost roles remove``."""

from __future__ import annotations

import click

from fmhost.plugin import current_installation, user_administration


@click.command()
@click.argument("user")
@click.argument("role")
def command(user: str, role: str) -> None:
    """Take the role ROLE from the user USER (an e-mail address or a name)."""
    installation = current_installation()
    with installation.database.transaction() as session:
        found = user_administration.user_meant(session, user)
        changed = user_administration.remove_role(installation, session, found, role)
    before = "" if changed else ", as before"
    click.secho(f"User {found.username} does not have the role {role}{before}.", fg="green")

"""``fmhost roles add``."""

from __future__ import annotations

import click

from fmhost.plugin import current_installation, user_administration


@click.command()
@click.argument("user")
@click.argument("role")
def command(user: str, role: str) -> None:
    """Give the user USER (an e-mail address or a name) the role ROLE."""
    installation = current_installation()
    with installation.database.transaction() as session:
        found = user_administration.user_meant(session, user)
        changed = user_administration.add_role(installation, session, found, role)
    before = "" if changed else ", as before"
    click.secho(f"User {found.username} has the role {role}{before}.", fg="green")

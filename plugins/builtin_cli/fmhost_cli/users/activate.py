"""``fmhost users activate``."""

from __future__ import annotations

import click

from fmhost.plugin import current_installation, user_administration
from fmhost_cli.users.user_argument import user_argument


@click.command()
@user_argument
def command(user: str) -> None:
    """Let a user log in again; USER is an e-mail address or a name."""
    installation = current_installation()
    with installation.database.transaction() as session:
        found = user_administration.user_meant(session, user)
        changed = user_administration.set_active(installation, session, found, True)
    before = "" if changed else ", as before"
    click.secho(f"User {found.username} is active{before}.", fg="green")

"""``fmhost users deactivate``."""

from __future__ import annotations

import click

from fmhost.plugin import current_installation, user_administration
from fmhost_cli.users.user_argument import user_argument


@click.command()
@user_argument
def command(user: str) -> None:
    """Let a user log in no more; USER is an e-mail address or a name.

    All tokens and sessions of the user end.
    """
    installation = current_installation()
    with installation.database.transaction() as session:
        found = user_administration.user_meant(session, user)
        changed = user_administration.set_active(installation, session, found, False)
    before = "" if changed else ", as before"
    click.secho(f"User {found.username} is not active any more{before}.", fg="green")

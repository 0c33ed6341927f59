"""``fmhost users reset-access``."""

from __future__ import annotations

import click

from fmhost.plugin import current_installation, user_administration, users
from fmhost_cli.confirmation import confirm, force_option
from fmhost_cli.users.user_argument import user_argument


@click.command()
@user_argument
@force_option
def command(user: str, force: bool) -> None:
    """End all tokens, sessions and API keys of a user; USER is an e-mail address or a name.

    The password is replaced by one that nobody knows: the user has to choose another.
    """
    installation = current_installation()
    with installation.database.reading() as session:
        name = user_administration.user_meant(session, user).username
    confirm(f"End all access of user '{name}', the password included?", force=force)
    with installation.database.transaction() as session:
        found = user_administration.user_meant(session, user)
        users.reset_access(installation, session, found)
    click.secho(f"User {name} has to choose a new password.", fg="green")

"""``fmhost users change-password``."""

from __future__ import annotations

import click

from fmhost.plugin import current_installation, user_administration, users
from fmhost_cli.passwords import ask_password
from fmhost_cli.users.user_argument import user_argument


@click.command()
@user_argument
@click.option("--password", help="The new password; better leave it to be asked for.")
def command(user: str, password: str | None) -> None:
    """Give a user another password; USER is an e-mail address or a name.

    All tokens and sessions of the user end. The password is asked for twice; where there is no
    terminal, it is the first line of standard input.
    """
    installation = current_installation()
    with installation.database.reading() as session:
        user_administration.user_meant(session, user)  # before a password is typed in vain
    password = password or ask_password("fmhost users change-password ...")
    with installation.database.transaction() as session:
        found = user_administration.user_meant(session, user)
        users.set_password(installation, session, found, password)
    click.secho(f"User {found.username} has a new password.", fg="green")

"""``fmhost delete user``."""

from __future__ import annotations

import click

from fmhost.plugin import current_installation, users
from fmhost_cli.confirmation import confirm, force_option


@click.command()
@click.option("--email", required=True, help="Address with which the user logs in.")
@force_option
def command(email: str, force: bool) -> None:
    """Delete a user; what the user entered stays."""
    installation = current_installation()
    with installation.database.reading() as session:
        user = users.find_user(session, email)
    if user is not None:
        confirm(f"Delete user '{user.username}' (ID: {user.id})?", force=force)
    with installation.database.transaction() as session:
        user = users.delete_user(installation, session, email)
    click.secho(f"User {user.username} has been deleted.", fg="green")

"""``fmhost add api-key``."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import click

from fmhost.plugin import NotFound, api_keys, current_installation, users
from fmhost_cli.parameters import MOMENT, NAMES


@click.command()
@click.option("--email", required=True, help="Address of the user in whose name the key acts.")
@click.option("--name", required=True, help="What the key is called in lists.")
@click.option(
    "--scopes",
    type=NAMES,
    multiple=True,
    required=True,
    help="What it is good for, separated by commas (or repeat the option): read, write-data, "
    "trigger.",
)
@click.option("--expires", type=MOMENT, help="When it expires. [default: never]")
def command(
    email: str, name: str, scopes: Sequence[Sequence[str]], expires: datetime | None
) -> None:
    """Make a key with which a program uses the API in the name of a user.

    The key is printed, alone on standard output, and cannot be found out again.
    """
    installation = current_installation()
    with installation.database.transaction() as session:
        user = users.find_user(session, email)
        if user is None:
            raise NotFound(
                f"Could not find user with email address '{email}'.",
                field="email",
                hint="`fmhost show account --id ID` lists the users of an account.",
            )
        stored, key = api_keys.create_key(
            installation,
            session,
            user,
            name=name,
            scopes=[scope for group in scopes for scope in group],
            expires_at=expires,
        )
    click.secho(
        f"Successfully created API key '{stored.name}' (ID: {stored.id}) for {user.username}, good "
        f"for: {', '.join(stored.scopes)}. This is the only time that it is shown:",
        fg="green",
        err=True,
    )
    click.echo(key)

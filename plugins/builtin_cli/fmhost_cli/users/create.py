"""``fmhost users create``."""

from __future__ import annotations

from collections.abc import Sequence

import click

from fmhost.plugin import accounts, current_installation, user_administration, users
from fmhost_cli.parameters import account_option
from fmhost_cli.passwords import ask_password

_ATTRIBUTES = ("email", "username", "timezone")


@click.command()
@click.argument("attributes", nargs=-1, required=True)
@account_option("The account to which the user belongs.", required=True)
@click.option("--password", help="The password; better leave it to be asked for.")
@click.option("--active/--inactive", default=True, show_default=True, help="May the user log in?")
def command(attributes: Sequence[str], account_id: int, password: str | None, active: bool) -> None:
    """Add a user by ATTRIBUTES, such as `email:ann@example.org username:ann timezone:UTC`.

    A single e-mail address is enough; what stands before the @ is the name then. `fmhost add user`
    gives roles, too.
    """
    given = _read(attributes)
    installation = current_installation()
    with installation.database.reading() as session:
        accounts.get_account(session, account_id)  # before a password is typed in vain
    password = password or ask_password("fmhost users create ...")
    with installation.database.transaction() as session:
        user = users.create_user(
            installation,
            session,
            username=given.get("username") or given["email"].partition("@")[0],
            email=given["email"],
            password=password,
            account=accounts.get_account(session, account_id),
            timezone=given.get("timezone"),
        )
        user_administration.set_active(installation, session, user, active)
    click.secho(f"Successfully created user {user.username} (ID: {user.id}).", fg="green")


def _read(attributes: Sequence[str]) -> dict[str, str]:
    """The attributes by their names; what has no name is an e-mail address.

    :raises UsageError: for another name, and where there is no e-mail address.
    """
    given = {}
    for each in attributes:
        name, colon, value = each.partition(":")
        name, value = (name, value) if colon else ("email", name)
        if name not in _ATTRIBUTES:
            raise click.UsageError(
                f"A user has no attribute '{name}' here. There are: {', '.join(_ATTRIBUTES)}."
            )
        given[name] = value
    if "email" not in given:
        raise click.UsageError("Give the e-mail address: email:ann@example.org.")
    return given

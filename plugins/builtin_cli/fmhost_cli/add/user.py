"""``fmhost add user``."""

from __future__ import annotations

from collections.abc import Sequence

import click

from fmhost.plugin import Role, accounts, current_installation, roles, users
from fmhost_cli.parameters import NAMES, account_option
from fmhost_cli.passwords import ask_password


@click.command()
@click.option("--username", required=True, help="Unique name.")
@click.option("--email", required=True, help="Address with which the user logs in.")
@account_option("The account to which the user belongs.", required=True)
@click.option(
    "--roles",
    "role_names",
    type=NAMES,
    default=(),
    multiple=True,
    help="Names of user roles, separated by commas (or repeat the option); unknown ones are "
    "created.",
)
@click.option("--timezone", help="IANA name. [default: the setting FLEXMEASURES_TIMEZONE]")
def command(
    username: str,
    email: str,
    account_id: int,
    role_names: Sequence[Sequence[str]],
    timezone: str | None,
) -> None:
    """Add a user to an account.

    The password is asked for twice. Where there is no terminal, it is the first line of standard
    input.
    """
    installation = current_installation()
    names = [name for group in role_names for name in group]
    with installation.database.reading() as session:
        accounts.get_account(session, account_id)  # before a password is typed in vain
    password = ask_password("fmhost add user ...")
    with installation.database.transaction() as session:
        new_roles = roles.unknown(session, Role, names)
        user = users.create_user(
            installation,
            session,
            username=username,
            email=email,
            password=password,
            account=accounts.get_account(session, account_id),
            user_roles=names,
            timezone=timezone,
        )
    if timezone is None:
        click.echo(f"Timezone set to {user.timezone} (use --timezone for another).", err=True)
    for role in new_roles:
        click.secho(f"Added user role {role}.", fg="yellow", err=True)
    click.secho(f"Successfully created user {user.username} (ID: {user.id}).", fg="green")

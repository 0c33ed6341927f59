"""``fmhost add account``."""

from __future__ import annotations

from collections.abc import Sequence

import click

from fmhost.plugin import AccountRole, accounts, current_installation, roles
from fmhost_cli.parameters import NAMES


@click.command()
@click.option("--name", required=True, help="Unique name of the account.")
@click.option(
    "--roles",
    "role_names",
    type=NAMES,
    default=(),
    help="Names of account roles, separated by commas; unknown ones are created.",
)
@click.option(
    "--consultancy",
    "--consultancy-id",
    "consultancy_id",
    type=int,
    help="ID of the account whose consultants serve this one.",
)
@click.option("--primary-color", help="Colour of its pages, as #rrggbb.")
@click.option("--secondary-color", help="Second colour of its pages.")
@click.option("--logo-url", help="Address of a logo for its pages.")
def command(
    name: str,
    role_names: Sequence[str],
    consultancy_id: int | None,
    primary_color: str | None,
    secondary_color: str | None,
    logo_url: str | None,
) -> None:
    """Add an account: an organisation with users and assets of its own."""
    installation = current_installation()
    with installation.database.transaction() as session:
        new_roles = roles.unknown(session, AccountRole, role_names)
        account = accounts.create_account(
            installation,
            session,
            name=name,
            account_roles=role_names,
            consultancy_id=consultancy_id,
            primary_color=primary_color,
            secondary_color=secondary_color,
            logo_url=logo_url,
        )
    for role in new_roles:
        click.secho(f"Added account role {role}.", fg="yellow", err=True)
    click.secho(f"Account '{account.name}' (ID: {account.id}) successfully created.", fg="green")

"""``fmhost show account``."""

from __future__ import annotations

from typing import Any

import click

from fmhost.plugin import Account, accounts, current_installation
from fmhost_cli.tables import (
    echo_banner,
    echo_json,
    echo_table,
    json_option,
    location_text,
    moment_text,
)


@click.command()
@click.option(
    "--id", "--account", "--account-id", "account_id", type=int, required=True, help="Its ID."
)
@json_option
def command(account_id: int, as_json: bool) -> None:
    """Show an account, its users and its assets."""
    with current_installation().database.reading() as session:
        account = accounts.get_account(session, account_id)
        if as_json:
            echo_json(_as_json(account))
        else:
            _echo(account)


def _as_json(account: Account) -> dict[str, Any]:
    return {
        "id": account.id,
        "name": account.name,
        "roles": [role.name for role in account.account_roles],
        "consultancy": account.consultancy_account_id,
        "plan": account.plan_id,
        "users": [
            {
                "id": user.id,
                "name": user.username,
                "email": user.email,
                "last_login": user.last_login_at,
                "roles": [role.name for role in user.roles],
            }
            for user in account.users
        ],
        "assets": [
            {
                "id": asset.id,
                "name": asset.name,
                "type": asset.generic_asset_type.name,
                "parent": asset.parent_asset_id,
                "location": asset.location,
            }
            for asset in account.assets
        ],
    }


def _echo(account: Account) -> None:
    echo_banner(f"Account {account.name} (ID: {account.id})")
    names = ", ".join(role.name for role in account.account_roles)
    click.echo(f"Account role(s): {names}" if names else "Account has no roles.")
    if account.consultancy_account is not None:
        served_by = account.consultancy_account
        click.echo(f"Served by the consultancy {served_by.name} (ID: {served_by.id}).")
    if account.plan is not None:
        click.echo(f"Plan: {account.plan.name} (ID: {account.plan.id}).")
    click.echo()
    if account.users:
        click.echo("All users:\n")
        echo_table(
            ["ID", "Name", "Email", "Last Login", "Roles"],
            [
                (
                    user.id,
                    user.username,
                    user.email,
                    moment_text(user.last_login_at),
                    ", ".join(role.name for role in user.roles),
                )
                for user in account.users
            ],
        )
    else:
        click.echo(f"No users in account {account.name} yet.")
    click.echo()
    if account.assets:
        click.echo("All assets:\n")
        echo_table(
            ["ID", "Name", "Type", "Location"],
            [
                (asset.id, asset.name, asset.generic_asset_type.name, location_text(asset.location))
                for asset in account.assets
            ],
        )
    else:
        click.echo(f"No assets in account {account.name} yet.")

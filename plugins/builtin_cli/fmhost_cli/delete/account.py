"""``fmhost delete account``."""

from __future__ import annotations

import click

from fmhost.plugin import accounts, current_installation
from fmhost_cli.confirmation import confirm, force_option


@click.command()
@click.option(
    "--id", "--account", "--account-id", "account_id", type=int, required=True, help="Its ID."
)
@force_option
def command(account_id: int, force: bool) -> None:
    """Delete an account with its users, its assets, their sensors and data."""
    installation = current_installation()
    with installation.database.reading() as session:
        account = accounts.get_account(session, account_id)
        owned = [f"user {user.username} (ID: {user.id})" for user in account.users]
        owned += [f"asset {asset.name} (ID: {asset.id})" for asset in account.assets]
    for each in owned:
        click.echo(f"Will be deleted as well: {each}")
    confirm(
        f"Delete account '{account.name}', along with {len(owned)} users and assets?", force=force
    )
    with installation.database.transaction() as session:
        accounts.delete_account(installation, session, account_id)
    click.secho(f"Account {account.name} has been deleted.", fg="green")

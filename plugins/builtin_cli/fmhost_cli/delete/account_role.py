"""``fmhost delete account-role``."""

from __future__ import annotations

import click

from fmhost.plugin import AccountRole, current_installation, roles
from fmhost_cli.confirmation import confirm, force_option


@click.command()
@click.option("--name", required=True, help="Its name.")
@force_option
def command(name: str, force: bool) -> None:
    """Delete a role that accounts can have; the accounts stay, without it."""
    installation = current_installation()
    with installation.database.reading() as session:
        role = roles.named(session, AccountRole, name)
        affected = [f"{account.name} (ID: {account.id})" for account in role.accounts]
    for account in affected:
        click.echo(f"Will lose the role: account {account}")
    confirm(f"Delete the account role '{name}', which {len(affected)} accounts have?", force=force)
    with installation.database.transaction() as session:
        roles.delete(installation, session, roles.named(session, AccountRole, name))
    click.secho(f"Account role '{name}' has been deleted.", fg="green")

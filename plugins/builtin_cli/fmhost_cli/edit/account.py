"""``fmhost edit account``."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import click

from fmhost.plugin import AccountRole, account_changes, accounts, current_installation, roles
from fmhost_cli.parameters import NAMES

#: What an account may have none of, by the name with which it is cleared.
_CLEARED = {
    "plan": "plan_id",
    "consultancy": "consultancy_account_id",
    "primary-color": "primary_color",
    "secondary-color": "secondary_color",
    "logo-url": "logo_url",
}


@click.command()
@click.option(
    "--id", "--account", "--account-id", "account_id", type=int, required=True, help="Its ID."
)
@click.option("--name", help="Its new name.")
@click.option(
    "--plan", "plan_id", type=int, help="ID of the plan that it gets; see `fmhost show plans`."
)
@click.option(
    "--roles",
    "role_names",
    type=NAMES,
    help="Names of its account roles, separated by commas; they replace the others.",
)
@click.option(
    "--consultancy",
    "consultancy_account_id",
    type=int,
    help="ID of the account whose consultants serve it.",
)
@click.option("--primary-color", help="Colour of its pages, as #rrggbb.")
@click.option("--secondary-color", help="Second colour of its pages.")
@click.option("--logo-url", help="Address of a logo for its pages.")
@click.option(
    "--clear",
    "cleared",
    type=click.Choice(list(_CLEARED)),
    multiple=True,
    help="What it shall have no more; may be repeated.",
)
def command(
    account_id: int, role_names: Sequence[str] | None, cleared: Sequence[str], **fields: Any
) -> None:
    """Change an account: its name, plan, roles, consultancy or look."""
    changes = {name: value for name, value in fields.items() if value is not None}
    for each in cleared:
        if _CLEARED[each] in changes:
            raise click.UsageError(f"Either set {each} or clear it.")
        changes[_CLEARED[each]] = None
    if not changes and role_names is None:
        raise click.UsageError("Say what to change, such as --name or --plan.")
    installation = current_installation()
    with installation.database.transaction() as session:
        account = accounts.get_account(session, account_id)
        if role_names is not None:
            named = [roles.named(session, AccountRole, name) for name in role_names]
            changes["account_roles"] = [role.id for role in named]
        account_changes.update_account(installation, session, account, changes)
    click.secho(f"Account '{account.name}' (ID: {account.id}) has been changed.", fg="green")

"""``fmhost show api-keys``."""

from __future__ import annotations

import click

from fmhost.plugin import accounts, api_keys, current_installation
from fmhost_cli.parameters import account_option
from fmhost_cli.tables import echo_json, echo_table, json_option, moment_text


@click.command()
@account_option("Only those of its users.")
@json_option
def command(account_id: int | None, as_json: bool) -> None:
    """List the API keys, without the keys themselves."""
    with current_installation().database.reading() as session:
        account = None if account_id is None else accounts.get_account(session, account_id)
        listed = api_keys.list_keys(session, account=account)
    if as_json:
        echo_json(
            [
                {
                    "id": key.id,
                    "user": key.user_id,
                    "name": key.name,
                    "prefix": key.prefix,
                    "scopes": list(key.scopes),
                    "created": key.created_at,
                    "expires": key.expires_at,
                    "last_used": key.last_used_at,
                }
                for key in listed
            ]
        )
        return
    if not listed:
        click.secho("No API keys created yet.", fg="yellow")
        return
    echo_table(
        ["ID", "Name", "Begins with", "User", "Scopes", "Created", "Expires", "Last used"],
        [
            (
                key.id,
                key.name,
                key.prefix,
                key.user.username,
                ", ".join(key.scopes),
                moment_text(key.created_at),
                moment_text(key.expires_at) or "never",
                moment_text(key.last_used_at),
            )
            for key in listed
        ],
    )

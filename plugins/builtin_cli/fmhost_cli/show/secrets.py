"""``fmhost show secrets``."""

from __future__ import annotations

import click

from fmhost.plugin import current_installation, stored_secrets
from fmhost_cli.secret_options import owner_of, owner_options
from fmhost_cli.tables import echo_json, echo_table, json_option


@click.command()
@owner_options
@json_option
def command(account_id: int | None, asset_id: int | None, as_json: bool) -> None:
    """List the secrets of an account or asset, without their values."""
    with current_installation().database.reading() as session:
        listed = stored_secrets.list_secrets(owner_of(session, account_id, asset_id))
    if as_json:
        echo_json(
            [
                {
                    "path": list(each.path),
                    "key": each.key_id,
                    "created": each.created_at,
                    "updated": each.updated_at,
                    "metadata": dict(each.metadata),
                }
                for each in listed
            ]
        )
        return
    if not listed:
        click.secho("No secrets stored yet.", fg="yellow")
        return
    echo_table(
        ["Secret", "Key", "Updated"], [(str(each), each.key_id, each.updated_at) for each in listed]
    )

"""``fmhost delete api-key``."""

from __future__ import annotations

import click

from fmhost.plugin import api_keys, current_installation
from fmhost_cli.confirmation import confirm, force_option


@click.command()
@click.option("--id", "key_id", type=int, required=True, help="Its ID.")
@force_option
def command(key_id: int, force: bool) -> None:
    """Revoke an API key: whatever uses it can no longer."""
    installation = current_installation()
    with installation.database.reading() as session:
        key = api_keys.get_key(session, key_id)
        owner = key.user.username
    confirm(f"Revoke API key '{key.name}' (ID: {key.id}) of {owner}?", force=force)
    with installation.database.transaction() as session:
        api_keys.revoke_key(installation, session, api_keys.get_key(session, key_id))
    click.secho(f"API key '{key.name}' has been revoked.", fg="green")

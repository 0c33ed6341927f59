"""``fmhost edit secret``."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import Any

import click

from fmhost.plugin import current_installation, stored_secrets
from fmhost_cli.parameters import JSON_OBJECT
from fmhost_cli.secret_options import owner_of, owner_options, path_of, secret_options


@click.command()
@owner_options
@secret_options
@click.option("--value", help="What is to be kept secret. Other users of this machine can see it.")
@click.option("--prompt", "asks", is_flag=True, help="Ask for it in the terminal.")
@click.option("--metadata", type=JSON_OBJECT, help="JSON object, or file, to keep unencrypted.")
def command(
    account_id: int | None,
    asset_id: int | None,
    name: str | None,
    path: Sequence[str],
    value: str | None,
    asks: bool,
    metadata: dict[str, Any] | None,
) -> None:
    """Store a secret of an account or asset, encrypted."""
    if (value is None) == (not asks):
        raise click.UsageError("Give the secret with --value, or have it asked with --prompt.")
    names = path_of(name, path)
    installation = current_installation()
    if value is None:
        # Where it comes from a pipe there is nobody to hide it from.
        value = click.prompt("Secret", hide_input=sys.stdin.isatty(), err=True)
    with installation.database.transaction() as session:
        owner = owner_of(session, account_id, asset_id)
        stored_secrets.set_secret(
            installation, session, owner, names, str(value), metadata=metadata
        )
    click.secho(f"Secret '{'.'.join(names)}' has been stored.", fg="green")

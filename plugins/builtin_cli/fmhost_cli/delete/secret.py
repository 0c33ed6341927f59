"""``fmhost delete secret``."""

from __future__ import annotations

from collections.abc import Sequence

import click

from fmhost.plugin import current_installation, stored_secrets
from fmhost_cli.confirmation import confirm, force_option
from fmhost_cli.secret_options import owner_of, owner_options, path_of, secret_options


@click.command()
@owner_options
@secret_options
@force_option
def command(
    account_id: int | None,
    asset_id: int | None,
    name: str | None,
    path: Sequence[str],
    force: bool,
) -> None:
    """Delete a secret of an account or asset."""
    names = path_of(name, path)
    installation = current_installation()
    with installation.database.reading() as session:
        owner = owner_of(session, account_id, asset_id)
        label = f"'{'.'.join(names)}' of '{owner.name}'"
    confirm(f"Delete the secret {label}?", force=force)
    with installation.database.transaction() as session:
        owner = owner_of(session, account_id, asset_id)
        stored_secrets.delete_secret(installation, session, owner, names)
    click.secho(f"Secret {label} has been deleted.", fg="green")

"""``fmhost edit rotate-secrets``."""

from __future__ import annotations

import click

from fmhost.plugin import current_installation, stored_secrets


@click.command()
def command() -> None:
    """Encrypt all stored secrets with the newest key, so that older keys can be given up."""
    installation = current_installation()
    with installation.database.transaction() as session:
        rotated, there = stored_secrets.rotate_secrets(installation, session)
    click.secho(f"{rotated} of {there} secrets were encrypted with the newest key.", fg="green")

"""``fmhost db-ops restore``."""

from __future__ import annotations

import click

from fmhost.plugin import backups, current_program, emptying
from fmhost_cli.confirmation import confirm, force_option


@click.command()
@click.argument("backup")
@force_option
def command(backup: str, force: bool) -> None:
    """Replace everything in the database by BACKUP: the name or the folder of a backup.

    All of it is loaded, or nothing is changed. Where the database has no tables, they are made
    first. Stop the server and the workers before.
    """
    installation = current_program().installation
    path = backups.located(installation, backup)
    found = backups.describe(path)
    emptying.make_tables(installation)
    with installation.database.reading() as session:
        present = emptying.contents(session)
    if any(present.values()):
        held = ", ".join(f"{number} {what}" for what, number in present.items())
        confirm(
            f"Replace everything in {installation.database} ({held}) by the backup of "
            f"{found.created_at}?",
            force=force,
        )
    with installation.database.transaction() as session:
        backups.load(session, path)
    rows = sum(found.rows.values())
    click.secho(f"db restore successful: {rows} rows of {found.created_at}", fg="green")

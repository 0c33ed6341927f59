"""``fmhost db-ops dump``."""

from __future__ import annotations

import click

from fmhost.plugin import backups, current_installation


@click.command()
@click.option("--name", help="Name of the backup. [default: by the time]")
def command(name: str | None) -> None:
    """Write a backup of all data: one moment of the database, while the server runs.

    It is a folder of text files below FLEXMEASURES_DB_BACKUP_PATH, which either kind of database
    can load. Keep it safe: it holds hashes of passwords.
    """
    path = backups.dump(current_installation(), name)
    rows = sum(backups.describe(path).rows.values())
    click.secho(f"db dump successful: saved to {path}", fg="green")
    click.echo(f"It has {rows} rows.", err=True)

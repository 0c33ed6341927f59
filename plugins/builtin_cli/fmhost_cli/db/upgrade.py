"""``fmhost db upgrade``."""

from __future__ import annotations

import click

from fmhost.plugin import (
    DatabaseNotReady,
    add_structure,
    current_program,
    migrations,
    plugin_tables,
)


@click.command()
@click.argument("revision", default="head")
@click.option(
    "--vacuum/--no-vacuum",
    default=True,
    show_default=True,
    help="Whether to tidy up the database after revisions were applied.",
)
def command(revision: str, vacuum: bool) -> None:
    """Create the tables, or upgrade them to REVISION (the newest, unless another is named).

    The tables of plugins are upgraded to their newest revisions, and the asset types and roles
    that they bring are added.
    """
    installation = current_program().installation
    database = installation.database
    steps = migrations.upgrade(database, revision)
    for step in steps:
        click.echo(f"Applied revision {step}.")
    if steps and vacuum:
        try:
            database.tidy_up()
        except DatabaseNotReady as error:
            click.secho(str(error), fg="yellow", err=True)
    if revision == "head":
        for name, applied in plugin_tables.upgrade(installation.host, database).items():
            click.echo(f"Applied {name} revision {', '.join(applied)}.")
        with database.transaction() as session:
            for what in add_structure(session, installation.host):
                click.echo(f"Added {what}.")
    at = ", ".join(migrations.current(database)) or "base"
    click.secho(f"The database {database} is at revision {at}.", fg="green")
    if revision == "head":
        plugin_tables.require_upgraded(installation.host, database)

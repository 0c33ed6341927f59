"""``fmhost plugins purge``: drop the tables of a plugin."""

from __future__ import annotations

import click

from fmhost.cli.context import current_program
from fmhost.errors import NotFound
from fmhost.model.database import Database
from fmhost.services import plugin_tables


@click.command("purge")
@click.argument("name")
@click.option("--yes", is_flag=True, help="Do not ask.")
def purge_plugin(name: str, yes: bool) -> None:
    """Drop the tables of plugin NAME with all their data; there is no way back.

    NAME can be a table prefix where the plugin is no longer installed. Uninstalling a plugin
    leaves its tables, and nothing else needs them.
    """
    program = current_program()
    settings = program.settings
    database = Database(settings.database_uri, settings["SQLALCHEMY_ENGINE_OPTIONS"])
    try:
        database.require_upgraded()
        doomed = plugin_tables.doomed(program.host, database, name)
        if not doomed:
            raise NotFound(
                f"There are no tables of a plugin '{name}' in the database {database}.",
                hint="`fmhost plugins show NAME` says which tables a plugin has.",
            )
        click.echo("Tables: " + ", ".join(doomed))
        if not yes:
            click.confirm("Drop them with all their data?", abort=True)
        dropped = plugin_tables.purge(program.host, database, name)
    finally:
        database.dispose()
    click.echo(f"Dropped {len(dropped)} table(s).")

"""The tables of plugins in a database, whether or not the plugin is still installed."""

from __future__ import annotations

from sqlalchemy import MetaData, inspect

from fmhost.errors import InvalidInput
from fmhost.model import Base
from fmhost.model.database import Database
from fmhost.model.migrations import KERNEL

#: How the version table of a plugin's revisions ends; what stands before it is the table prefix.
VERSION_TABLE_SUFFIX = "alembic_version"


def prefixes(database: Database) -> list[str]:
    """The table prefixes of all plugins that have ever been upgraded in this database."""
    names = inspect(database.engine).get_table_names()
    return sorted(
        name.removesuffix(VERSION_TABLE_SUFFIX)
        for name in names
        if name.endswith(f"_{VERSION_TABLE_SUFFIX}") and name != KERNEL.version_table
    )


def tables(database: Database, prefix: str) -> list[str]:
    """The names of the tables that begin with `prefix`."""
    return sorted(
        name for name in inspect(database.engine).get_table_names() if name.startswith(prefix)
    )


def purge(database: Database, prefix: str) -> list[str]:
    """Drop the tables that begin with `prefix`, with all their data; returns their names.

    It needs none of the plugin's code, and nothing of the kernel's can be dropped.

    :raises InvalidInput: where no plugin has tables with that prefix.
    """
    known = prefixes(database)
    if prefix not in known:
        raise InvalidInput(
            f"No plugin has tables that begin with '{prefix}' in this database.",
            hint=f"These prefixes are there: {', '.join(known) or 'none'}.",
        )
    doomed = [name for name in tables(database, prefix) if name not in Base.metadata.tables]
    with database.connection() as connection:
        found = MetaData()
        found.reflect(connection, only=doomed)
        found.drop_all(connection, tables=[found.tables[name] for name in doomed])
    return doomed

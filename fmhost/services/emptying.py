"""Make the tables of an installation, and make them anew without anything in them."""

from __future__ import annotations

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from fmhost.model import Account, Asset, Sensor, User, migrations
from fmhost.model import plugin_tables as tables_of_plugins
from fmhost.services import plugin_tables
from fmhost.services.installation import Installation
from fmhost.services.plugin_structure import add_structure

_COUNTED = {"accounts": Account, "users": User, "assets": Asset, "sensors": Sensor}


def make_tables(installation: Installation) -> None:
    """Make the tables of the kernel and of the plugins, where the database has none at all.

    :raises DatabaseNotReady: where it has some, and they are not upgraded.
    """
    database = installation.database
    if not migrations.current(database):
        migrations.upgrade(database)
        plugin_tables.upgrade(installation.host, database)
    database.require_upgraded()


def contents(session: Session) -> dict[str, int]:
    """How many accounts, users, assets and sensors there are."""
    return {
        what: session.scalar(select(func.count()).select_from(entity)) or 0
        for what, entity in _COUNTED.items()
    }


def reset(installation: Installation) -> None:
    """Drop all tables, those of plugins too, with all that they hold; make them anew, empty.

    :raises DatabaseNotReady: where the database cannot be reached, or comes from a newer program.
    """
    database = installation.database
    for prefix in tables_of_plugins.prefixes(database):
        tables_of_plugins.purge(database, prefix)
    if migrations.current(database):
        migrations.downgrade(database, "base")
    make_tables(installation)
    with database.transaction() as session:
        add_structure(session, installation.host)

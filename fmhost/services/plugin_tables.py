"""The tables that plugins bring: upgraded with the kernel's, kept and purged apart from them."""

from __future__ import annotations

import importlib.util
import logging
from collections.abc import Iterator
from pathlib import Path

from sqlalchemy import MetaData

from fmhost.errors import DatabaseNotReady, NotFound, PluginError
from fmhost.host.host import Host
from fmhost.host.lifecycle import PluginRecord, Problem
from fmhost.model import migrations, plugin_tables
from fmhost.model.database import Database
from fmhost.model.migrations import Chain

logger = logging.getLogger("fmhost.host")


def chain_of(record: PluginRecord) -> Chain | None:
    """The revisions that the plugin brings, or None where it brings no tables.

    :raises PluginError: where the folder that its manifest names is not there.
    """
    manifest = record.manifest
    if manifest is None or manifest.migrations is None or manifest.table_prefix is None:
        return None
    package, _, below = manifest.migrations.partition(":")
    try:
        spec = importlib.util.find_spec(package)
    except (ImportError, ValueError):
        spec = None
    for location in (spec and spec.submodule_search_locations) or ():
        folder = Path(location) / below
        if (folder / "versions").is_dir():
            return Chain.of_plugin(manifest.table_prefix.removesuffix("_"), MetaData(), folder)
    raise PluginError(
        f"{record} names {manifest.migrations} for its tables, and there is no such folder with a "
        "folder 'versions' in it.",
        hint=f"Install a version of {record.distribution} that has it.",
    )


def upgrade(host: Host, database: Database) -> dict[str, list[str]]:
    """Upgrade the tables of all active plugins; returns the revisions applied, by plugin.

    A plugin whose upgrade fails does not keep the others from theirs; why it failed stands on its
    record.
    """
    applied: dict[str, list[str]] = {}
    for record in host.active:
        try:
            chain = chain_of(record)
            if chain is not None:
                applied[record.name] = migrations.upgrade(database, chain=chain)
        except (PluginError, DatabaseNotReady) as error:
            _note(record, record.problem(error))
        except Exception as error:  # the code of a revision may do anything
            _note(
                record,
                Problem(
                    f"Its migration failed and was undone: {type(error).__name__}: {error}.",
                    f"Install a version of {record.distribution} that mends it, and try again.",
                ),
            )
        else:
            record.broken.pop(_claim(record), None)
    return {name: revisions for name, revisions in applied.items() if revisions}


def require_upgraded(host: Host, database: Database) -> None:
    """:raises PluginError: where the tables of an active plugin are not upgraded, naming each."""
    note_pending(host, database)
    problems = [
        f"{record}: {record.broken[_claim(record)]}"
        for record in host.active
        if _claim(record) in record.broken
    ]
    if problems:
        raise PluginError("\n".join(problems))


def note_pending(host: Host, database: Database) -> None:
    """Note on the record of each plugin whose tables are not upgraded that they are not.

    Nothing is asked of the database where no plugin brings tables.
    """
    for record in host.active:
        for problem in _pending(record, database):
            if _claim(record) not in record.broken:
                _note(record, problem)


def _claim(record: PluginRecord) -> str:
    return f"table-prefix:{record.manifest.table_prefix if record.manifest else None}"


def _note(record: PluginRecord, problem: Problem) -> None:
    record.broken[_claim(record)] = problem
    logger.error("%s: %s", record, problem)


def _pending(record: PluginRecord, database: Database) -> Iterator[Problem]:
    try:
        chain = chain_of(record)
        if chain is not None:
            migrations.require_upgraded(database, chain)
    except PluginError as error:
        yield record.problem(error)
    except DatabaseNotReady as error:
        yield Problem(f"Its tables are not ready: {error.message}", error.hint or "")


def purge(host: Host, database: Database, name: str) -> list[str]:
    """Drop the tables of a plugin with all their data; returns their names.

    :param name: of the plugin; or a table prefix, where the plugin is no longer installed.
    :raises NotFound: where there are no such tables.
    """
    prefix = _prefix(host, name)
    known = plugin_tables.prefixes(database)
    if prefix not in known:
        raise NotFound(
            f"There are no tables of a plugin '{name}'.",
            hint=f"Table prefixes of plugins in this database: {', '.join(known) or 'none'}.",
        )
    return plugin_tables.purge(database, prefix)


def doomed(host: Host, database: Database, name: str) -> list[str]:
    """The tables that :func:`purge` would drop."""
    prefix = _prefix(host, name)
    if prefix not in plugin_tables.prefixes(database):
        return []
    return plugin_tables.tables(database, prefix)


def _prefix(host: Host, name: str) -> str:
    record = host.plugins.get(name)
    if record is not None and record.manifest and record.manifest.table_prefix:
        return record.manifest.table_prefix
    return name if name.endswith("_") else f"{name.replace('-', '_')}_"

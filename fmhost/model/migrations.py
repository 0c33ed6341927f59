"""Upgrades of the database schema, for the kernel and for every plugin that brings tables.

The revisions of the kernel and of each plugin form a :class:`Chain` of their own, with its own
version table, so that a plugin can be upgraded and purged alone. All chains share the kernel's
Alembic environment (``migrations/env.py``); a chain needs no more than a folder ``versions``.

Every command runs in one transaction, on SQLite too, and one at a time per database: a migration
that fails leaves nothing half-done, and two servers that upgrade at once do not disturb each other.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from alembic.config import Config
from alembic.runtime.environment import EnvironmentContext
from alembic.runtime.migration import MigrationContext
from alembic.script import Script, ScriptDirectory
from alembic.util import CommandError
from sqlalchemy import Connection, MetaData, text
from sqlalchemy.exc import DBAPIError, SQLAlchemyError

import fmhost
from fmhost.errors import ConfigurationError, DatabaseNotReady, InvalidInput
from fmhost.model import Base
from fmhost.model.connections import WILL_WRITE
from fmhost.model.database import Database

# Any number will do, as long as all processes that migrate use the same one.
_ADVISORY_LOCK = 0x666D686F7374


def environment_folder() -> Path:
    """The folder of the Alembic environment: inside the installed package, else in the checkout.

    :raises ConfigurationError: where the installation lacks it.
    """
    package = Path(fmhost.__file__).resolve().parent
    for folder in (package / "_migrations", package.parent / "migrations"):
        if (folder / "env.py").is_file():
            return folder
    raise ConfigurationError(
        f"The database migrations are missing: neither {package / '_migrations'} nor "
        f"{package.parent / 'migrations'} has them.",
        hint="Install fmhost again.",
    )


@dataclass(frozen=True)
class Chain:
    """The revisions of the kernel or of one plugin.

    :param version_table: the table that knows how far this chain is upgraded.
    :param metadata: the tables which the chain owns; all others are none of its business.
    :param folder: has a sub-folder ``versions`` with the revisions; None for the kernel's own.
    """

    version_table: str
    metadata: MetaData
    folder: Path | None = None

    @classmethod
    def of_plugin(cls, table_prefix: str, metadata: MetaData, folder: Path) -> Chain:
        """The chain of a plugin whose tables all start with `table_prefix`."""
        return cls(f"{table_prefix}_alembic_version", metadata, folder)

    def script(self) -> ScriptDirectory:
        """The revisions, as Alembic knows them."""
        environment = environment_folder()
        return ScriptDirectory(
            str(environment),
            file_template="%(rev)s_%(slug)s",
            messaging_opts={"quiet": True},
            version_locations=[str((self.folder or environment) / "versions")],
        )

    def owns(self, table: str | None) -> bool:
        """Whether the table of this name belongs to the chain."""
        return table in self.metadata.tables


KERNEL = Chain("fmhost_alembic_version", Base.metadata)


@dataclass(frozen=True)
class Revision:
    """One step of a chain; `parent` is None for the first."""

    id: str
    parent: str | None
    message: str


def history(chain: Chain = KERNEL) -> list[Revision]:
    """All revisions, the oldest first."""
    revisions = [
        Revision(script.revision, _single(script.down_revision), script.doc)
        for script in chain.script().walk_revisions()
    ]
    return revisions[::-1]


def heads(chain: Chain = KERNEL) -> tuple[str, ...]:
    """The newest revision; several only while branches wait to be merged."""
    return tuple(chain.script().get_heads())


def described(revision: str, chain: Chain = KERNEL) -> str:
    """What a revision is: its number, what it follows, its message and its file.

    :raises InvalidInput: where `revision` is unknown.
    """
    return _found(revision, chain).log_entry.rstrip()


def file_of(revision: str, chain: Chain = KERNEL) -> Path:
    """The file of a revision.

    :raises InvalidInput: where `revision` is unknown.
    """
    return Path(_found(revision, chain).path)


def _found(revision: str, chain: Chain) -> Script:
    with _commands_explained(revision):
        found = chain.script().get_revision(revision)
    if found is None:
        raise InvalidInput(
            f"There is no revision '{revision}'.",
            field="revision",
            hint="`fmhost db history` lists them.",
        )
    return found


def current(database: Database, chain: Chain = KERNEL) -> tuple[str, ...]:
    """The revision at which the database is; empty before the first upgrade."""
    if _file_missing(database):
        return ()
    with database.engine.connect() as connection:
        context = MigrationContext.configure(
            connection, opts={"version_table": chain.version_table}
        )
        return tuple(context.get_current_heads())


def upgrade(database: Database, revision: str = "head", *, chain: Chain = KERNEL) -> list[str]:
    """Upgrade to `revision`; returns the revisions applied, in their order.

    :raises DatabaseNotReady: where the database cannot be reached, comes from a newer program, or
        a migration fails (which is undone).
    :raises InvalidInput: where `revision` is unknown.
    """
    script = chain.script()
    _require_known_revisions(database, chain, script)
    return _run(database, chain, script, revision, script._upgrade_revs)


def downgrade(database: Database, revision: str, *, chain: Chain = KERNEL) -> list[str]:
    """Downgrade to `revision` (``base``: before the first); returns the revisions undone.

    :raises DatabaseNotReady: as for `upgrade`.
    :raises InvalidInput: where `revision` is unknown.
    """
    script = chain.script()
    _require_known_revisions(database, chain, script)
    return _run(database, chain, script, revision, script._downgrade_revs)


def stamp(database: Database, revision: str, *, chain: Chain = KERNEL) -> None:
    """Note that the database is at `revision`, without changing anything else.

    :raises InvalidInput: where `revision` is unknown.
    """
    script = chain.script()
    with _commands_explained(revision), _exclusive_connection(database) as connection:
        context = MigrationContext.configure(
            connection, opts={"version_table": chain.version_table}
        )
        context.stamp(script, revision)


class UpgradedByNewer(DatabaseNotReady):
    """A newer version of the program has upgraded the database.

    Revisions only add to the schema (see docs/operations/upgrades.md), so that processes which
    began before go on; none is begun.
    """


def require_upgraded(database: Database, chain: Chain = KERNEL) -> None:
    """See, with one query, that the database is at the newest revision.

    :raises DatabaseNotReady: where it is not.
    """
    found = _stored_revisions(database, chain)
    expected = _heads_of(chain)
    if found == expected:
        return
    if found - {revision.id for revision in history(chain)}:
        raise _from_newer_program(database, found)
    state = f"is at revision {', '.join(sorted(found))} of" if found else "has none of"
    raise DatabaseNotReady(
        f"The database {database} is not upgraded: it {state} the schema "
        f"{', '.join(sorted(expected))}.",
        hint="Run `fmhost db upgrade`.",
    )


@cache
def _heads_of(chain: Chain) -> frozenset[str]:
    return frozenset(heads(chain))


def _stored_revisions(database: Database, chain: Chain) -> frozenset[str]:
    if _file_missing(database):
        return frozenset()
    query = text(f"SELECT version_num FROM {chain.version_table}")
    try:
        with database.engine.connect() as connection:
            return frozenset(connection.scalars(query))
    except DBAPIError as error:
        if "no such table" in str(error) or "does not exist" in str(error):
            return frozenset()
        raise


def _file_missing(database: Database) -> bool:
    """Whether a mere look would create the file of the database."""
    return database.file is not None and not database.file.exists()


def _require_known_revisions(database: Database, chain: Chain, script: ScriptDirectory) -> None:
    found = _stored_revisions(database, chain)
    if found - {revision.revision for revision in script.walk_revisions()}:
        raise _from_newer_program(database, found)


def _from_newer_program(database: Database, found: frozenset[str]) -> UpgradedByNewer:
    return UpgradedByNewer(
        f"The database {database} is at revision {', '.join(sorted(found))}, "
        "which this program does not know: a newer one upgraded it.",
        hint="Install the newer version of fmhost or of the plugin.",
    )


def _run(
    database: Database,
    chain: Chain,
    script: ScriptDirectory,
    revision: str,
    steps: Callable[[str, Any], Any],
) -> list[str]:
    applied: list[str] = []

    def note(*, step: Any, **_: Any) -> None:
        applied.append(step.up_revision_id)

    try:
        with _commands_explained(revision), _exclusive_connection(database) as connection:
            given = {"connection": connection, "chain": chain, "on_version_apply": note}
            with EnvironmentContext(
                Config(attributes=given), script, fn=lambda stored, context: steps(revision, stored)
            ):
                script.run_env()
    except SQLAlchemyError as error:
        raise DatabaseNotReady(
            f"The migration of the database {database} failed and was undone: "
            f"{str(error).splitlines()[0]}",
            hint="Nothing was changed; restore what the migration expects, then try again.",
        ) from error
    return applied


@contextmanager
def _commands_explained(revision: str) -> Iterator[None]:
    try:
        yield
    except CommandError as error:
        raise InvalidInput(
            f"There is no way to the revision '{revision}': {error}.",
            field="revision",
            hint="`fmhost db history` lists the revisions.",
        ) from error


@contextmanager
def _exclusive_connection(database: Database) -> Iterator[Connection]:
    """One transaction that no other migration of the database runs beside."""
    engine = database.engine.execution_options(**{WILL_WRITE: True})
    with engine.connect() as connection:
        if database.dialect == "sqlite":
            with _foreign_keys_off(connection), connection.begin():
                yield connection
                _require_intact_references(connection)
        else:
            with connection.begin():
                connection.execute(
                    text("SELECT pg_advisory_xact_lock(:key)"), {"key": _ADVISORY_LOCK}
                )
                yield connection


@contextmanager
def _foreign_keys_off(connection: Connection) -> Iterator[None]:
    """Let SQLite tables be rebuilt: dropping the old copy must not cascade to its children.

    The switch works outside transactions only, hence on the driver's connection.
    """
    driver_connection: Any = connection.connection.driver_connection
    driver_connection.execute("PRAGMA foreign_keys = OFF")
    try:
        yield
    finally:
        driver_connection.execute("PRAGMA foreign_keys = ON")


def _require_intact_references(connection: Connection) -> None:
    broken = connection.exec_driver_sql("PRAGMA foreign_key_check").first()
    if broken is not None:
        raise DatabaseNotReady(
            f"The migration was undone: it would leave rows of table '{broken[0]}' that refer to "
            f"missing rows of '{broken[2]}'.",
            hint="Report this to whoever wrote the migration.",
        )


def _single(revision: str | list[str] | tuple[str, ...] | None) -> str | None:
    return revision if revision is None or isinstance(revision, str) else ", ".join(revision)

"""For those who change entities: what the database lacks, and the revision that brings it."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Literal

from alembic.autogenerate import api as autogenerate
from alembic.autogenerate.api import AutogenContext
from alembic.runtime.migration import MigrationContext
from sqlalchemy import MetaData

from fmhost.errors import Conflict
from fmhost.model.belief_table import ONLY_ON
from fmhost.model.database import Database
from fmhost.model.migrations import KERNEL, Chain, current, heads, history
from fmhost.model.types import Duration, Timestamp

#: How revisions write our column types: by names which the template of revisions defines, since a
#: revision must mean the same for ever, and not what the types come to be.
_TYPES_IN_REVISIONS = {"Timestamp": "TIMESTAMP", "Duration": "sa.BigInteger()", "JSON": "JSON"}


def comparison_options(chain: Chain, dialect: str) -> dict[str, Any]:
    """Options of Alembic with which the database is compared with the entities of a chain.

    :param dialect: ``sqlite`` or ``postgresql``.
    """

    def include_name(name: str | None, kind: str, parents: Any) -> bool:
        return kind != "table" or chain.owns(name)

    def include_object(item: Any, _name: Any, _kind: Any, reflected: bool, _other: Any) -> bool:
        return reflected or item.info.get(ONLY_ON, dialect) == dialect

    return {
        "target_metadata": chain.metadata,
        "version_table": chain.version_table,
        "include_name": include_name,
        "include_object": include_object,
        "compare_type": True,
        "compare_server_default": True,
        "render_as_batch": True,
        "render_item": render_type,
        "user_module_prefix": None,
    }


def render_type(kind: str, item: Any, context: AutogenContext) -> str | Literal[False]:
    """The text of one of our column types in a revision; False for all else."""
    if kind != "type":
        return False
    if isinstance(item, Timestamp | Duration):
        return _TYPES_IN_REVISIONS[type(item).__name__]
    return _TYPES_IN_REVISIONS["JSON"] if type(item).__name__ == "JSON" else False


def check(database: Database, chain: Chain = KERNEL) -> list[str]:
    """What the database would need to agree with the entities; empty where they agree."""
    with _comparing(database, chain) as context:
        return [str(change) for change in autogenerate.compare_metadata(context, chain.metadata)]


def revision(
    database: Database, message: str, *, autogenerate_changes: bool = True, chain: Chain = KERNEL
) -> Path:
    """Write the next revision of a chain, numbered; returns its file, to be read and corrected.

    :param autogenerate_changes: fill it with what the database lacks; else leave it empty.
    :raises Conflict: where the database is not at the newest revision.
    """
    known = history(chain)
    newest = known[-1].id if known else None
    if autogenerate_changes and current(database, chain) != ((newest,) if newest else ()):
        raise Conflict(
            f"The database {database} is not at the newest revision, to which it must be compared.",
            hint="Run `fmhost db upgrade`.",
        )
    code: dict[str, Any] = {"upgrades": "pass", "downgrades": "pass"}
    if autogenerate_changes:
        code = _changes_as_code(database, chain)
    script = chain.script().generate_revision(
        f"{len(known) + 1:04}", message, head=newest or "base", **code
    )
    if script is None:
        raise Conflict(f"The revision '{message}' could not be read back.")
    return Path(script.path)


def merge(message: str, chain: Chain = KERNEL) -> Path:
    """Write a revision that follows all newest ones, where there are several; returns its file.

    :raises Conflict: where there are no branches to merge.
    """
    newest = heads(chain)
    if len(newest) < 2:
        raise Conflict(
            "There are no branches to merge.", hint="`fmhost db history` lists all revisions."
        )
    script = chain.script().generate_revision(
        f"{len(history(chain)) + 1:04}", message, head=newest, upgrades="pass", downgrades="pass"
    )
    if script is None:
        raise Conflict(f"The revision '{message}' could not be read back.")
    return Path(script.path)


def begin(folder: Path, message: str = "First tables") -> Path:
    """Write a plugin's first revision, empty, in ``versions`` below `folder`; returns the file.

    It needs no environment (``env.py``) of its own: all chains share the kernel's.

    :raises Conflict: where revisions or an environment are there already, or it cannot be written.
    """
    versions = folder / "versions"
    there = [*folder.glob("env.py"), *sorted(versions.glob("*.py"))]
    if there:
        raise Conflict(
            f"There are migrations in {folder} already: {there[0].relative_to(folder)}.",
            field="directory",
            hint="Name another folder.",
        )
    try:
        versions.mkdir(parents=True, exist_ok=True)
        # How its tables begin does not matter to a file.
        script = Chain.of_plugin("new", MetaData(), folder).script()
        made = script.generate_revision(
            "0001", message, head="base", upgrades="pass", downgrades="pass"
        )
    except OSError as error:
        raise Conflict(
            f"Nothing can be written to {versions}: {error.strerror}.",
            field="directory",
            hint="Name another folder.",
        ) from error
    if made is None:
        raise Conflict(f"The revision '{message}' could not be read back.")
    return Path(made.path)


def _changes_as_code(database: Database, chain: Chain) -> dict[str, str]:
    with _comparing(database, chain) as context:
        changes = autogenerate.produce_migrations(context, chain.metadata)
        operations = {"upgrades": changes.upgrade_ops, "downgrades": changes.downgrade_ops}
        return {
            name: autogenerate.render_python_code(
                ops, render_as_batch=True, render_item=render_type, migration_context=context
            )
            for name, ops in operations.items()
            if ops is not None
        }


@contextmanager
def _comparing(database: Database, chain: Chain) -> Iterator[MigrationContext]:
    with database.engine.connect() as connection, warnings.catch_warnings():
        # SQLite does not tell the expressions of indexes; Alembic leaves those alone there.
        warnings.filterwarnings("ignore", message="Skipped unsupported reflection of expression")
        warnings.filterwarnings("ignore", message="autogenerate skipping metadata-specified expr")
        yield MigrationContext.configure(
            connection, opts=comparison_options(chain, database.dialect)
        )

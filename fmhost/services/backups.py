"""Backups of the whole database: folders of text files, which either kind of database can load.

A backup has one file a table and a file ``backup.json`` that tells what there is; see
:mod:`fmhost.model.table_files`. It is one moment of the database. Loading it replaces everything
in one transaction, or changes nothing.
"""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Table
from sqlalchemy.exc import DataError, IntegrityError
from sqlalchemy.orm import Session

from fmhost import __version__
from fmhost.errors import ConfigurationError, Conflict, InvalidInput, NotFound, UnreadableFile
from fmhost.model import contents, table_files
from fmhost.services.installation import Installation

CONTENTS = "backup.json"

_FORMAT = 1
#: Of folders with hashes of passwords in them: for their owner only.
_PRIVATE = 0o700
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Backup:
    """What a backup holds.

    :param created_at: ISO 8601.
    :param program: the version of fmhost that made it.
    :param revisions: of the schema: of the kernel and of each plugin, by version table.
    :param columns: of each table; `rows` is how many rows it has.
    :param last_ids: the last id that each table has given.
    """

    created_at: str
    program: str
    revisions: Mapping[str, Sequence[str]]
    columns: Mapping[str, Sequence[str]]
    rows: Mapping[str, int]
    last_ids: Mapping[str, int]


def folder(installation: Installation) -> Path:
    """Where the backups are; a relative path in the settings begins at the instance folder."""
    configured: str = installation.settings["FLEXMEASURES_DB_BACKUP_PATH"]
    return installation.settings.instance / configured


def names(installation: Installation) -> list[str]:
    """The names of all backups."""
    return sorted(path.parent.name for path in folder(installation).glob(f"*/{CONTENTS}"))


def find(installation: Installation, name: str) -> Path:
    """The folder of a backup.

    :raises NotFound: where there is none of that name.
    """
    path = folder(installation) / name
    if not _NAME.fullmatch(name) or not (path / CONTENTS).is_file():
        raise NotFound(
            f"There is no backup '{name}'.",
            hint=f"There are: {', '.join(names(installation)) or 'none'}.",
        )
    return path


def dump(installation: Installation, name: str | None = None) -> Path:
    """Write a backup; returns its folder.

    :param name: default by the time.
    :raises InvalidInput: where the name is not fit for a folder.
    :raises Conflict: where there is a backup of that name.
    :raises ConfigurationError: where the folder of backups cannot be written to.
    """
    now = installation.now()
    name = name or f"{now:%Y-%m-%dT%H%M%SZ}"
    if not _NAME.fullmatch(name):
        raise InvalidInput(
            f"'{name}' is no name for a backup.",
            field="name",
            hint="Take letters, digits, dots, hyphens and underscores.",
        )
    path = folder(installation) / name
    if path.exists():
        raise Conflict(f"There is a backup '{name}' already.", hint="Choose another name.")
    unfinished = path.with_name(f".{name}")
    try:
        shutil.rmtree(unfinished, ignore_errors=True)
        unfinished.parent.mkdir(parents=True, exist_ok=True)
        unfinished.mkdir(mode=_PRIVATE)
        with installation.database.reading() as session:
            found = _write(session.connection(), now, unfinished)
        (unfinished / CONTENTS).write_text(
            json.dumps({"format": _FORMAT, **asdict(found)}, indent=2)
        )
        unfinished.rename(path)
    except OSError as error:
        raise ConfigurationError(
            f"The backup cannot be written to {path}: {error.strerror}.",
            field="FLEXMEASURES_DB_BACKUP_PATH",
            hint="Name a folder that can be written to, with enough space.",
        ) from error
    finally:
        shutil.rmtree(unfinished, ignore_errors=True)
    return path


def _write(connection: Connection, now: datetime, path: Path) -> Backup:
    found = contents.tables(connection)
    return Backup(
        created_at=now.isoformat(),
        program=__version__,
        revisions=contents.revisions(connection),
        columns={table.name: [column.name for column in table.columns] for table in found},
        rows={
            table.name: table_files.write(connection, table, path / _file(table.name))
            for table in found
        },
        last_ids=contents.last_ids(connection, found),
    )


def restore(installation: Installation, session: Session, name: str) -> Backup:
    """Replace everything in the database by a backup, in the transaction of `session`.

    Entities that the session has loaded are forgotten.

    :raises NotFound: where there is no backup of that name.
    :raises Conflict: where the tables of the database are not those of the backup.
    :raises UnreadableFile: where it is damaged, naming the file and the line.
    """
    return load(session, find(installation, name))


def located(installation: Installation, reference: str) -> Path:
    """The folder of the backup that `reference` names: a path of it, or its name.

    :raises NotFound: where there is no such backup.
    """
    path = Path(reference)
    if path.name == CONTENTS:
        path = path.parent
    return path if (path / CONTENTS).is_file() else find(installation, reference)


def load(session: Session, path: Path) -> Backup:
    """Replace everything in the database by the backup in a folder, as :func:`restore` does."""
    backup = describe(path)
    session.expunge_all()
    connection = session.connection()
    found = contents.tables(connection)
    _require_same_tables(connection, found, backup)
    try:
        contents.empty(connection, found)
        for table in found:
            if table.name in backup.columns:
                _read(connection, table, backup, path)
        contents.require_intact(connection)
        contents.set_last_ids(connection, found, backup.last_ids)
    except (IntegrityError, DataError) as error:
        raise UnreadableFile(
            f"The backup '{path.name}' contradicts itself: {error.orig}.",
            hint="It is damaged; take another one.",
        ) from error
    return backup


def _read(connection: Connection, table: Table, backup: Backup, path: Path) -> None:
    file = path / _file(table.name)
    try:
        number = table_files.read(connection, table, backup.columns[table.name], file)
    except OSError as error:
        raise UnreadableFile(f"{file} cannot be read: {error.strerror}.") from error
    if number != backup.rows[table.name]:
        raise UnreadableFile(
            f"{file.name} has {number} rows, and should have {backup.rows[table.name]}.",
            hint="The backup is damaged; take another one.",
        )


def _file(table: str) -> str:
    return f"{table}.jsonl"


def describe(path: Path) -> Backup:
    """What a backup holds.

    :param path: its folder.
    :raises UnreadableFile: where that cannot be told.
    """
    file = path / CONTENTS
    try:
        found: dict[str, Any] = json.loads(file.read_text())
        form = found.pop("format")
        if form == _FORMAT:
            return Backup(**found)
    except (OSError, ValueError, TypeError, KeyError, AttributeError) as error:
        raise UnreadableFile(f"{file} does not describe a backup: {error}.") from error
    raise UnreadableFile(
        f"{file} is in the format {form}, which this version does not know.",
        hint="Load it with a newer version of fmhost.",
    )


def _require_same_tables(connection: Connection, found: Sequence[Table], backup: Backup) -> None:
    """See that each table of the backup is there as it was.

    :raises Conflict: where one is not.
    """
    current = contents.revisions(connection)
    for table, revision in backup.revisions.items():
        if current.get(table) != list(revision):
            raise Conflict(
                f"The backup was made at the revision {', '.join(revision)} of {table}, and the "
                f"database is at {', '.join(current.get(table, [])) or 'none'}.",
                hint="Load it with the programs that made it, and upgrade the database then.",
            )
    columns = {table.name: {column.name for column in table.columns} for table in found}
    for name, known in backup.columns.items():
        if columns.get(name) != set(known):
            raise Conflict(
                f"The table {name} of the backup is not the one of the database.",
                hint="Install the plugins that the backup was made with, and run "
                "`fmhost db upgrade`.",
            )

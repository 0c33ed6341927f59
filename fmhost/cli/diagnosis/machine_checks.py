"""Folders and disks."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

from fmhost.cli.diagnosis.findings import Finding, Patient
from fmhost.services import backups


def check_folders(patient: Patient) -> Iterator[Finding]:
    """What the installation writes to can be written."""
    for path, setting in _folders(patient).items():
        if not path.exists():
            continue  # it is made when it is needed
        try:
            with tempfile.TemporaryFile(dir=path):
                pass
        except OSError as error:
            yield Finding(
                "folders",
                f"The folder {path} cannot be written to: {error.strerror}.",
                f"Give it to the user who runs fmhost, or correct {setting}.",
            )


def check_disk(patient: Patient) -> Iterator[Finding]:
    """There is room for what is to come."""
    seen = set()
    for path in map(_existing, _folders(patient)):
        if path.stat().st_dev in seen:
            continue
        seen.add(path.stat().st_dev)
        usage = shutil.disk_usage(path)
        if usage.free < patient.least_free:
            yield Finding(
                "disk",
                f"The disk of {path} is nearly full: {usage.free / 1e6:,.0f} MB of "
                f"{usage.total / 1e6:,.0f} MB are free.",
                "Make room, such as by moving old backups away, or take a larger disk.",
            )


def _folders(patient: Patient) -> dict[Path, str]:
    """The folders that are written to, with the settings that name them."""
    found = {patient.settings.instance: "FMHOST_INSTANCE"}
    file = patient.installation.database.file
    if file is not None:
        found.setdefault(file.absolute().parent, "SQLALCHEMY_DATABASE_URI")
    found.setdefault(backups.folder(patient.installation), "FLEXMEASURES_DB_BACKUP_PATH")
    return found


def _existing(path: Path) -> Path:
    return next(each for each in (path, *path.absolute().parents) if each.exists())

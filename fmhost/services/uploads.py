"""Take in files that somebody uploads for a sensor."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final, Protocol

from sqlalchemy.orm import Session

from fmhost.beliefs import Beliefs, Saved, delete, save
from fmhost.beliefs.uploads import import_upload
from fmhost.domain.arrays import to_datetime
from fmhost.domain.calendar_days import event_ends
from fmhost.domain.zones import time_zone
from fmhost.errors import UnreadableFile
from fmhost.model import Sensor, User
from fmhost.services import audit
from fmhost.services.ingest import Ingested
from fmhost.services.installation import Installation
from fmhost.services.sources import get_or_create_source

_SUFFIXES: Final = (".csv", ".xlsx", ".xls", ".xlsm")
_CONTENT_TYPES: Final = frozenset(
    {
        "text/csv",
        "text/plain",
        "text/x-csv",
        "application/vnd.ms-excel",
        "application/vnd.ms-excel.sheet.macroenabled.12",
        "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    }
)


class Upload(Protocol):
    """A file as it arrives."""

    @property
    def filename(self) -> str | None:
        """What the client calls it."""

    @property
    def mimetype(self) -> str:
        """The type of its content, without parameters."""

    def save(self, dst: Path) -> None:
        """Write it to a path."""


@dataclass(frozen=True, slots=True)
class Meaning:
    """What the values of uploaded files mean.

    :param unit: default that of the sensor.
    :param measured_instantly: each value was known when its event ended; else, where the file does
        not say when, now.
    """

    unit: str | None = None
    measured_instantly: bool = False


def check_uploads(uploads: Sequence[Upload]) -> list[str]:
    """What is wrong with the files, before they are read."""
    found = []
    for upload in uploads:
        name = Path((upload.filename or "").replace("\\", "/").replace("\0", "")).name
        if not name:
            found.append("Filename is missing.")
        elif not name.lower().endswith(_SUFFIXES):
            found.append(f"Invalid filename: {name}. Only CSV or Excel files are accepted.")
        elif upload.mimetype not in _CONTENT_TYPES:
            found.append(
                f"Invalid content type: {upload.mimetype}. Only the following content types are "
                f"accepted: {', '.join(sorted(_CONTENT_TYPES))}"
            )
    return found


def take_in(
    installation: Installation,
    session: Session,
    sensor: Sensor,
    uploads: Sequence[Upload],
    meaning: Meaning,
    user: User,
) -> Ingested:
    """Store the beliefs of files, as beliefs of the user's own source; of all files or of none.

    The caller has asked the policy and :func:`check_uploads`, commits, and then calls
    :func:`fmhost.services.ingest.announce`. Whatever source a file names, it is the user who says.

    :raises UnreadableFile: naming file, row, column and reason.
    :raises UnitMismatch: where the unit does not convert to the sensor's.
    :raises ReplacementNotAllowed: where a belief is stored with another value already.
    """
    source = get_or_create_source(session, user)
    parts = [_read(installation, upload, sensor, source.id, meaning) for upload in uploads]
    saved = Saved()
    overwrite = installation.settings["FLEXMEASURES_ALLOW_DATA_OVERWRITE"]
    for beliefs in parts:
        more = save(session, sensor, beliefs, overwrite=overwrite)
        saved = Saved(
            saved.stored + more.stored,
            saved.unchanged + more.unchanged,
            saved.replaced + more.replaced,
        )
    names = ", ".join(Path(upload.filename or "").name for upload in uploads)
    audit.record_for_asset(
        installation,
        session,
        f"Uploaded data to sensor '{sensor.name}': {sensor.id}. Files: {names}"[:500],
        actor=user,
        asset_id=sensor.generic_asset_id,
    )
    return Ingested(sensor, source, saved, _window(sensor, Beliefs.joined(parts)))


def _read(
    installation: Installation, upload: Upload, sensor: Sensor, source_id: int, meaning: Meaning
) -> Beliefs:
    name = Path((upload.filename or "").replace("\\", "/").replace("\0", "")).name
    with TemporaryDirectory() as folder:
        path = Path(folder) / name[-100:]
        upload.save(path)
        try:
            return import_upload(
                path,
                sensor,
                source_id,
                now=installation.now(),
                unit=meaning.unit,
                measured_instantly=meaning.measured_instantly,
            )
        except UnreadableFile as error:
            raise UnreadableFile(
                f"Invalid content in file: {name}. Failed with: {error.message}",
                field="uploaded-files",
                hint=error.hint,
            ) from error


def _window(sensor: Sensor, beliefs: Beliefs) -> tuple[datetime, datetime] | None:
    if not len(beliefs):
        return None
    starts = beliefs.event_start
    zone = time_zone(sensor.timezone, field="timezone")
    ends = event_ends(starts, sensor.event_resolution, zone)
    return to_datetime(starts.min()), to_datetime(ends.max())


def delete_data(
    installation: Installation,
    session: Session,
    sensor: Sensor,
    user: User,
    *,
    source_id: int | None = None,
    start: datetime | None = None,
    until: datetime | None = None,
) -> int:
    """Delete beliefs about the events that start within [start, until); the number of rows.

    The caller has asked the policy, and commits.

    :param source_id: only those of this source.
    """
    sources = None if source_id is None else [source_id]
    deleted = delete(session, sensor, start=start, end=until, source_ids=sources)
    limits = {"source": source_id, "start": start, "until": until}
    given = [f"{name} {value}" for name, value in limits.items() if value is not None]
    audit.record_for_asset(
        installation,
        session,
        f"Deleted data of sensor '{sensor.name}': {sensor.id}. "
        f"{deleted} beliefs{', ' if given else ''}{', '.join(given)}"[:500],
        actor=user,
        asset_id=sensor.generic_asset_id,
    )
    return deleted

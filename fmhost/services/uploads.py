"""Take in files that somebody uploads for a sensor."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from sqlalchemy.orm import Session

from fmhost.beliefs import Beliefs, Doomed, delete, save
from fmhost.beliefs.uploads import import_upload
from fmhost.errors import UnreadableFile
from fmhost.model import Sensor, User
from fmhost.services import audit
from fmhost.services.ingest import Ingested, window_of
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


@dataclass(frozen=True, slots=True)
class Upload:
    """A file as it arrives.

    :param filename: what the client calls it.
    :param mimetype: the type of its content, without parameters.
    """

    filename: str
    mimetype: str
    content: bytes

    @property
    def name(self) -> str:
        """What the client calls it, without the path that it had there."""
        return Path(self.filename.replace("\\", "/").replace("\0", "")).name


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
        if not upload.name:
            found.append("Filename is missing.")
        elif not upload.name.lower().endswith(_SUFFIXES):
            found.append(f"Invalid filename: {upload.name}. Only CSV or Excel files are accepted.")
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
    *,
    now: datetime | None = None,
) -> Ingested:
    """Store the beliefs of files, as beliefs of the user's own source; of all files or of none.

    The caller has asked the policy and :func:`check_uploads`, commits, and then calls
    :func:`fmhost.services.ingest.announce`. Whatever source a file names, it is the user who says.

    :param now: when they were received; default the present.
    :raises UnreadableFile: naming file, row, column and reason.
    :raises UnitMismatch: where the unit does not convert to the sensor's.
    :raises ReplacementNotAllowed: where a belief is stored with another value already.
    """
    source = get_or_create_source(session, user)
    received = now or installation.now()
    beliefs = Beliefs.joined(
        [_read(upload, sensor, source.id, meaning, received) for upload in uploads]
    )
    overwrite = installation.settings["FLEXMEASURES_ALLOW_DATA_OVERWRITE"]
    saved = save(session, sensor, beliefs, overwrite=overwrite)
    names = ", ".join(upload.name for upload in uploads)
    audit.record_for_asset(
        installation,
        session,
        f"Uploaded data to sensor '{sensor.name}': {sensor.id}. Files: {names}"[:500],
        actor=user,
        asset_id=sensor.generic_asset_id,
    )
    return Ingested(sensor, source, saved, window_of(sensor, beliefs.event_start))


def _read(
    upload: Upload, sensor: Sensor, source_id: int, meaning: Meaning, now: datetime
) -> Beliefs:
    with TemporaryDirectory() as folder:
        path = Path(folder) / upload.name[-100:]
        path.write_bytes(upload.content)
        try:
            return import_upload(
                path,
                sensor,
                source_id,
                now=now,
                unit=meaning.unit,
                measured_instantly=meaning.measured_instantly,
            )
        except UnreadableFile as error:
            raise UnreadableFile(
                f"Invalid content in file: {upload.name}. Failed with: {error.message}",
                field="uploaded-files",
                hint=error.hint,
            ) from error


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
    deleted = delete(session, sensor, Doomed(start=start, end=until, source_ids=sources))
    limits = {"source": source_id, "start": start, "until": until}
    given = [f"{name} {value}" for name, value in limits.items() if value is not None]
    audit.record_for_asset(
        installation,
        session,
        f"Deleted data for sensor '{sensor.name}': {sensor.id}. "
        f"{deleted} beliefs{', ' if given else ''}{', '.join(given)}"[:500],
        actor=user,
        asset_id=sensor.generic_asset_id,
    )
    return deleted

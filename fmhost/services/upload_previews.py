"""What a file would bring to a sensor, or what is wrong with it, before anything is stored."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

import numpy as np

from fmhost.beliefs import Beliefs
from fmhost.beliefs.files import CsvOptions, read_rows
from fmhost.beliefs.uploads import import_upload
from fmhost.domain.arrays import to_datetime
from fmhost.domain.zones import time_zone
from fmhost.errors import InvalidInput, UnreadableFile
from fmhost.model import Sensor
from fmhost.services.installation import Installation
from fmhost.services.uploads import Meaning, Upload, check_uploads

#: So many rows, and events, are shown.
SHOWN: Final = 8
#: So many bad rows are looked for; in files beyond a size [bytes], only one.
MOST_COMPLAINTS: Final = 20
LARGE: Final = 2_000_000


@dataclass(frozen=True, slots=True)
class Complaint:
    """What is wrong in a file.

    :param row: line of the file, from 1; None for the file as a whole.
    :param column: such as ``column 2 (price)``; empty for the row as a whole.
    """

    reason: str
    row: int | None = None
    column: str = ""
    hint: str = ""


@dataclass(frozen=True, slots=True)
class Event:
    """A value as it would be stored, in the unit of the sensor and on its clock."""

    start: datetime
    value: float


@dataclass(frozen=True, slots=True)
class Preview:
    """What is in a file.

    :param header: the names of its columns; `rows` the first of its rows, with their lines.
    :param number: of its rows, and `beliefs` that of what would be stored.
    :param unit: of its values, and `has_offsets` whether its times say how far they are from UTC;
        else they are on the clock of the sensor.
    :param events: the first ones that would be stored; `last` is the start of the last one.
    :param complaints: what is wrong, by row; then nothing of the file would be stored.
    :param may_be_more: whether not every row has been looked at.
    """

    name: str
    unit: str
    header: Sequence[str] = ()
    rows: Sequence[tuple[int, Sequence[str]]] = ()
    number: int = 0
    has_offsets: bool = False
    beliefs: int = 0
    events: Sequence[Event] = ()
    last: datetime | None = None
    complaints: Sequence[Complaint] = field(default=())
    may_be_more: bool = False


def preview(
    installation: Installation, sensor: Sensor, upload: Upload, meaning: Meaning
) -> Preview:
    """What a file would bring to a sensor. The caller has asked the policy."""
    unit = sensor.unit if meaning.unit is None else meaning.unit
    wrong = check_uploads([upload])
    if wrong:
        return Preview(upload.name, unit, complaints=[Complaint(text) for text in wrong])
    with TemporaryDirectory() as folder:
        path = Path(folder) / upload.name[-100:]
        path.write_bytes(upload.content)
        try:
            header, rows = read_rows(path, CsvOptions(timezone=sensor.timezone, by_name=True))
        except InvalidInput as error:
            return Preview(upload.name, unit, complaints=[_complaint(error)])
        most = MOST_COMPLAINTS if len(upload.content) <= LARGE else 1
        complaints, beliefs = _tried(installation, sensor, path, meaning, most)
    found = Beliefs.joined([] if beliefs is None else [beliefs])
    order = np.argsort(found.event_start, kind="stable")
    zone = time_zone(sensor.timezone)
    starts = [to_datetime(each).astimezone(zone) for each in found.event_start[order[:SHOWN]]]
    values = found.event_value[order[:SHOWN]].tolist()
    last = found.event_start.max() if len(found) else None
    return Preview(
        name=upload.name,
        unit=unit,
        header=header,
        rows=rows[:SHOWN],
        number=len(rows),
        has_offsets=any(_has_offset(row) for _, row in rows[:SHOWN]),
        beliefs=len(found),
        events=[Event(start, value) for start, value in zip(starts, values, strict=True)],
        last=None if last is None else to_datetime(last).astimezone(zone),
        complaints=sorted(complaints, key=lambda each: each.row or 0),
        may_be_more=len(complaints) >= most,
    )


def _tried(
    installation: Installation, sensor: Sensor, path: Path, meaning: Meaning, most: int
) -> tuple[list[Complaint], Beliefs | None]:
    """What is wrong with the rows, each told once; or what they say."""
    complaints: list[Complaint] = []
    left_out: frozenset[int] = frozenset()
    while len(complaints) < most:
        try:
            beliefs = import_upload(
                path,
                sensor,
                0,
                now=installation.now(),
                unit=meaning.unit,
                measured_instantly=meaning.measured_instantly,
                left_out=left_out,
            )
        except InvalidInput as error:
            found = _complaint(error)
            if found.row is None:
                # Once bad rows are left out, what is left may be too little to be understood.
                return complaints or [found], None
            complaints.append(found)
            left_out |= {found.row}
        else:
            return complaints, None if complaints else beliefs
    return complaints, None


def _complaint(error: InvalidInput) -> Complaint:
    told = error.details or {}
    if not isinstance(error, UnreadableFile) or "row" not in told:
        return Complaint(error.message, hint=error.hint or "")
    return Complaint(told["reason"], told["row"], told["column"], told["hint"] or "")


def _has_offset(row: Sequence[str]) -> bool:
    try:
        return datetime.fromisoformat(row[0].strip()).tzinfo is not None
    except (ValueError, IndexError):
        return False

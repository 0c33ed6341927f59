"""Load beliefs from files."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

from sqlalchemy.orm import Session

from fmhost.beliefs import Saved, save
from fmhost.beliefs.columns import DETERMINISTIC
from fmhost.beliefs.files import CsvOptions
from fmhost.beliefs.imports import import_csv
from fmhost.errors import UnreadableFile
from fmhost.model import Sensor, Source
from fmhost.services.ingest import window_of
from fmhost.services.installation import Installation

__all__ = ["BeliefFile", "CsvOptions", "Loaded", "announce", "load"]


@dataclass(frozen=True, slots=True, kw_only=True)
class BeliefFile:
    """A file, and what its values mean.

    :param layout: how the file is to be read.
    :param unit: of the values, with a leading minus where their sign is the opposite of the
        sensor's; ``datetime``, ``dayfirst datetime`` and ``timedelta`` for moments and durations;
        default the sensor's unit.
    :param horizon: how long before its event was known each belief was formed; default: all are
        formed now, unless the file has a column with belief times.
    :param cumulative_probability: of each value.
    :param resample: whether data of another resolution are averaged or repeated to the sensor's.
    :param overwrite: whether stored beliefs may be replaced.
    """

    path: Path
    layout: CsvOptions = field(default_factory=CsvOptions)
    unit: str | None = None
    horizon: timedelta | None = None
    cumulative_probability: float = DETERMINISTIC
    resample: bool = True
    overwrite: bool = False


@dataclass(frozen=True, slots=True)
class Loaded:
    """What became of a file.

    :param window: start of the first and end of the last event.
    :param repeated: the lines, from 1, that say what lines before them said; they were left out.
    """

    sensor: Sensor
    source: Source
    saved: Saved
    window: tuple[datetime, datetime]
    repeated: Sequence[int] = ()


def load(
    installation: Installation, session: Session, sensor: Sensor, source: Source, file: BeliefFile
) -> Loaded:
    """Store the beliefs of a file. The caller commits, and then calls :func:`announce`.

    :raises UnreadableFile: naming file, row, column and reason.
    :raises UnitMismatch: where the unit does not convert to the sensor's.
    :raises InvalidInput: where the options are impossible, or the resolution does not fit.
    :raises ReplacementNotAllowed: where a belief is stored with another value already.
    """
    imported = import_csv(
        file.path,
        sensor,
        source.id,
        now=installation.now(),
        options=file.layout,
        unit=file.unit,
        horizon=file.horizon,
        cumulative_probability=file.cumulative_probability,
        resample=file.resample,
    )
    window = window_of(sensor, imported.beliefs.event_start)
    if window is None:
        raise UnreadableFile(
            f"{file.path.name} cannot be read: all of its values are missing.",
            field="file",
            hint="Check --valuecol and --na-values.",
        )
    overwrite = file.overwrite or installation.settings["FLEXMEASURES_ALLOW_DATA_OVERWRITE"]
    saved = save(session, sensor, imported.beliefs, overwrite=overwrite)
    return Loaded(sensor, source, saved, window, imported.repeated)


def announce(installation: Installation, loaded: Loaded) -> None:
    """Tell the plugins, after the commit."""
    count = loaded.saved.stored + loaded.saved.replaced
    if count:
        installation.host.hooks.call(
            "fmhost_beliefs_saved",
            sensor=loaded.sensor,
            window=loaded.window,
            source=loaded.source,
            count=count,
        )

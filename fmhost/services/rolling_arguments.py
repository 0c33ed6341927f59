"""What a job for forecasts at a fixed horizon is to do, and what it finds to do when it begins."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy.orm import Session

from fmhost.beliefs.extent import end_of_measurements
from fmhost.model import Job, Sensor

KIND = "rolling-forecast"
QUEUE = "forecasting"

#: Of what arrives, only the last days are looked ahead from; for longer periods there is
#: ``fmhost add forecasts``.
FARTHEST_BACK = timedelta(days=2)


@dataclass(frozen=True, slots=True)
class Rolling:
    """What a job is to forecast; as JSON, it is the arguments of the job.

    :param start: of the events that were measured, `end` is excluded; the events that are forecast
        lie `horizon` later. Aware datetimes.
    :param arrived: when the measurements arrived that started this; None where they did not.
    :param config: as JSON.
    """

    start: datetime
    end: datetime
    horizon: timedelta
    arrived: datetime | None = None
    forecaster: str | None = None
    probabilistic: bool = False
    config: Mapping[str, Any] | None = None
    sensor_to_save: int | None = None

    def as_arguments(self) -> dict[str, Any]:
        """The JSON object."""
        found = asdict(self)
        for name in ("start", "end", "arrived"):
            found[name] = found[name].isoformat() if found[name] else None
        found["horizon"] = self.horizon.total_seconds()
        return found

    @classmethod
    def from_arguments(cls, arguments: Mapping[str, Any]) -> Rolling:
        """What a job's row holds."""
        given = {name: arguments[name] for name in cls.__dataclass_fields__}
        for name in ("start", "end", "arrived"):
            given[name] = datetime.fromisoformat(given[name]) if given[name] else None
        return cls(**{**given, "horizon": timedelta(seconds=given["horizon"])})


def settled(session: Session, job: Job, sensor: Sensor, now: datetime) -> Rolling:
    """What a job is to forecast, now that it begins.

    One that started by itself takes in what was measured while it waited, and then looks ahead from
    no more than the last days.
    """
    asked = Rolling.from_arguments(job.arguments)
    if "until" not in job.meta:  # somebody asked for it, or an older version did
        return asked
    until = datetime.fromisoformat(job.meta["until"])
    window = asked.end, until
    end = end_of_measurements(session, sensor, job.meta["source"], window) or asked.end
    return replace(asked, start=max(asked.start, end - FARTHEST_BACK), end=end, arrived=now)


def ready(source_id: int, until: datetime) -> dict[str, Any]:
    """The `meta` of a job: until when it will look for further measurements, of which source."""
    return {"automatic": True, "source": source_id, "until": until.isoformat()}

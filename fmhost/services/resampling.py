"""Give a sensor another event resolution, and its beliefs as well."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

import numpy as np
from sqlalchemy.orm import Session

from fmhost.beliefs import Beliefs, Query, delete_these, read, save
from fmhost.beliefs.rebinning import rebinned
from fmhost.beliefs.selection import most_recent
from fmhost.domain.arrays import moment64
from fmhost.errors import InvalidInput
from fmhost.model import Sensor, User
from fmhost.services.installation import Installation
from fmhost.services.sensors import update_sensor


@dataclass(frozen=True, slots=True, eq=False)
class Resampling:
    """The beliefs about a sensor as they are, and as they would be."""

    before: Beliefs
    after: Beliefs

    @property
    def means(self) -> tuple[float, float]:
        """The mean of what is known most recently about each event, before and after; NaN: none."""
        return _mean(self.before), _mean(self.after)


def _mean(beliefs: Beliefs) -> float:
    values = most_recent(beliefs).event_value
    known = values[~np.isnan(values)]
    return float(known.mean()) if len(known) else float("nan")


def rehearse(
    session: Session,
    sensor: Sensor,
    resolution: timedelta,
    *,
    start: datetime | None = None,
    end: datetime | None = None,
) -> Resampling:
    """What resampling would bring; nothing is changed.

    :param start: only of events that start at this moment or later; `end`: before this one.
    :raises InvalidInput: where the sensor has that resolution, or it cannot be resampled to it.
    """
    if sensor.event_resolution == resolution:
        raise InvalidInput(
            f"Sensor '{sensor.name}' (ID: {sensor.id}) already has the desired event resolution.",
            field="event-resolution",
        )
    found = read(session, Query(sensor=sensor, start=start, end=end, most_recent=False))
    if start is not None:
        found = found.take(found.event_start >= moment64(start))
    return Resampling(found, rebinned(sensor, found, resolution))


def resample(
    installation: Installation,
    session: Session,
    sensor: Sensor,
    resolution: timedelta,
    *,
    start: datetime | None = None,
    end: datetime | None = None,
    actor: User | None = None,
) -> Resampling:
    """Give a sensor another event resolution, and resample what is stored, all that was believed.

    Where a window is given, what lies outside of it stays as it is.

    :raises InvalidInput: as :func:`rehearse` does.
    """
    done = rehearse(session, sensor, resolution, start=start, end=end)
    delete_these(session, sensor, done.before)
    changes = {"event_resolution": resolution}
    update_sensor(installation, session, sensor, changes, actor=actor)
    save(session, sensor, done.after, overwrite=True)
    return done

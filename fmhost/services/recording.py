"""Record a series that some script knows, one value per event."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import numpy as np
from sqlalchemy.orm import Session

from fmhost.beliefs import Beliefs, Saved, save
from fmhost.beliefs.timing import horizons, knowledge_of
from fmhost.domain.arrays import moment64
from fmhost.domain.calendar_days import steps
from fmhost.domain.zones import time_zone
from fmhost.errors import InvalidInput
from fmhost.model import Sensor, Source
from fmhost.services.installation import Installation


def record(
    installation: Installation,
    session: Session,
    sensor: Sensor,
    source: Source,
    *,
    start: datetime,
    values: Sequence[float],
    belief_time: datetime,
) -> Saved:
    """Store one value per event of the sensor, from `start` on; NaN is left out.

    :param values: in the unit and with the sign of the sensor.
    :param start: aware start of the first event.
    :param belief_time: when the source formed these beliefs; aware.
    :raises InvalidInput: where the sensor is instantaneous, so that its events have no length.
    :raises ReplacementNotAllowed: where a belief is stored with another value already.
    """
    if sensor.is_instantaneous:
        raise InvalidInput(f"Sensor {sensor.id} is instantaneous.", field="sensor")
    given = np.asarray(values, dtype=np.float64)
    zone = time_zone(sensor.timezone, field="timezone")
    starts = steps(moment64(start), sensor.event_resolution, len(given), zone)
    known = ~np.isnan(given)
    event_start = starts[known]
    horizon = horizons(knowledge_of(sensor, event_start), now=installation.now(), prior=belief_time)
    return save(
        session,
        sensor,
        Beliefs.of(event_start, horizon, source.id, given[known]),
        overwrite=installation.settings["FLEXMEASURES_ALLOW_DATA_OVERWRITE"],
    )

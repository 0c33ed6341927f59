"""Take in measurements, forecasts and prices that somebody posts for a sensor.

In this order: units, resolution, flooring, resampling, conversion, belief timing, and then the
store, which drops what it knows already and refuses to replace what it has otherwise.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

import numpy as np
from numpy.typing import NDArray
from sqlalchemy.orm import Session

from fmhost.beliefs import Beliefs, Saved, save
from fmhost.beliefs.capacity import capacity_between
from fmhost.beliefs.inference import Events, grid_of, infer_events
from fmhost.beliefs.timing import horizons, knowledge_of
from fmhost.domain import units
from fmhost.domain.arrays import Durations, Floats, Moments, to_datetime
from fmhost.domain.calendar_days import event_ends
from fmhost.domain.durations import Span
from fmhost.domain.messages import PostType, require_horizons, require_unit
from fmhost.domain.zones import time_zone
from fmhost.errors import InvalidInput
from fmhost.model import Sensor, Source, User
from fmhost.services.automatic_forecasts import Arrival, request_automatic
from fmhost.services.installation import Installation
from fmhost.services.sources import get_or_create_source
from fmhost.services.windows import length_of


@dataclass(frozen=True, slots=True, eq=False)
class Posting:
    """What somebody posts for one sensor.

    :param values: in `unit`, NaN for what is missing; they share `duration` equally.
    :param start: of the first value; aware.
    :param duration: of all values together; days and months are those of the sensor's zone.
    :param prior: when all of it was believed, and `horizon` how long before its knowledge time
        each value was (negative: afterwards); where both are given, the earlier time counts,
        where none is, the present.
    :param kind: what the message says it brings.
    """

    values: NDArray[np.float64]
    start: datetime
    duration: Span
    unit: str
    prior: datetime | None = None
    horizon: timedelta | None = None
    kind: PostType = PostType.SENSOR_DATA


@dataclass(frozen=True, slots=True)
class Ingested:
    """What became of a posting.

    :param window: start of the first and end of the last event; None where there was no value.
    """

    sensor: Sensor
    source: Source
    saved: Saved
    window: tuple[datetime, datetime] | None

    @property
    def complete(self) -> bool:
        """Whether nothing of it was known already."""
        return not self.saved.unchanged


def ingest(
    installation: Installation,
    session: Session,
    sensor: Sensor,
    posting: Posting,
    user: User,
    *,
    source: Source | None = None,
    now: datetime | None = None,
) -> Ingested:
    """Store what `user` posts, as beliefs of the user's own data source.

    The caller has asked the policy, commits, and then calls :func:`announce`. It runs the whole
    transaction again where :func:`fmhost.model.contention.gave_way` says so.

    :param source: the user's data source, where the caller knows it; else it is looked up.
    :param now: when it was received; default the present.
    :raises UnitMismatch: where the unit fits neither the sensor nor the kind of message.
    :raises InvalidInput: naming the field, where values and times do not fit the sensor.
    :raises ReplacementNotAllowed: where a belief is stored with another value already.
    """
    starts, timing, values = _beliefs(installation, sensor, posting, now or installation.now())
    source = source or get_or_create_source(session, user)
    saved = save(
        session,
        sensor,
        Beliefs.of(starts, timing, source.id, values),
        overwrite=installation.settings["FLEXMEASURES_ALLOW_DATA_OVERWRITE"],
        repeated=True,
    )
    window = window_of(sensor, starts)
    if window is not None and saved.stored + saved.replaced:
        measured = bool((timing <= np.timedelta64(0)).all())
        arrival = Arrival(sensor, window, posting.kind, source.id, measured)
        request_automatic(installation, session, arrival, user)
    return Ingested(sensor, source, saved, window)


def check(installation: Installation, sensor: Sensor, posting: Posting) -> None:
    """See that what is posted can be stored, as far as that does not depend on what is stored.

    :raises UnitMismatch: as :func:`ingest` does, and InvalidInput likewise.
    """
    _beliefs(installation, sensor, posting, installation.now())


def _beliefs(
    installation: Installation, sensor: Sensor, posting: Posting, now: datetime
) -> tuple[Moments, Durations, Floats]:
    """Event starts, belief horizons and values of what is posted."""
    events = _events(sensor, posting)
    values = _in_unit_of(sensor, events, posting.unit)
    timing = horizons(
        knowledge_of(sensor, events.event_start),
        now=now,
        prior=posting.prior,
        horizon=posting.horizon,
        play=installation.settings.mode == "play",
    )
    require_horizons(posting.kind, timing)
    return events.event_start, timing, values


def announce(installation: Installation, ingested: Ingested) -> None:
    """Tell the plugins, after the commit."""
    count = ingested.saved.stored + ingested.saved.replaced
    if count and ingested.window is not None:
        installation.host.hooks.call(
            "fmhost_beliefs_saved",
            sensor=ingested.sensor,
            window=ingested.window,
            source=ingested.source,
            count=count,
        )


def _events(sensor: Sensor, posting: Posting) -> Events:
    """The events that the values stand for, on the sensor's grid."""
    length = length_of(posting.duration, posting.start, sensor)
    inferred = length / max(len(posting.values), 1)
    known_length = None if sensor.is_instantaneous else inferred
    capacity = capacity_between(sensor, posting.unit)
    require_unit(posting.kind, posting.unit, sensor.unit, known_length, capacity=capacity)
    try:
        return infer_events(posting.values, posting.start, length, grid_of(sensor))
    except InvalidInput as error:
        if error.field == "duration" and length >= timedelta(0):
            error.field = None  # it is as much about the number of values
        raise


def _in_unit_of(sensor: Sensor, events: Events, unit: str) -> Floats:
    """The values in the unit of the sensor.

    Amounts become rates over the time for which they were posted, and rates become amounts over
    the length of the sensor's events.
    """
    power = units.time_power(unit, sensor.unit)
    own_length = power > 0 or events.resolution == sensor.event_resolution
    with np.errstate(over="ignore"):
        if power and own_length and sensor.event_resolution:
            # Days differ in length where the clock changes.
            zone = time_zone(sensor.timezone, field="timezone")
            ends = event_ends(events.event_start, sensor.event_resolution, zone)
            values = units.convert_by_length(
                events.event_value, unit, sensor.unit, ends - events.event_start
            )
        else:
            values = units.convert(
                events.event_value,
                unit,
                sensor.unit,
                event_resolution=events.resolution or None,
                capacity=capacity_between(sensor, unit),
            )
    if not np.isfinite(values).all():
        raise InvalidInput(
            f"A value is too large to be stored in the sensor's unit {sensor.unit}.",
            field="values",
        )
    return values


def window_of(sensor: Sensor, starts: Moments) -> tuple[datetime, datetime] | None:
    """Start of the first and end of the last of the sensor's events; None where there is none."""
    if not len(starts):
        return None
    zone = time_zone(sensor.timezone, field="timezone")
    last = event_ends(starts[[starts.argmax()]], sensor.event_resolution, zone)[0]
    return to_datetime(starts.min()), to_datetime(last)

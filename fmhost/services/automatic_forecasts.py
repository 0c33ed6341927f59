"""Forecasts that start by themselves when measurements of power, weather or prices arrive.

What arrives shortly after each other for one sensor is forecast once: its jobs wait a little, and
as long as they wait, they take in what arrives. They are ready for some days more than what has
arrived, so that most messages write nothing for them: they look when they begin:
:func:`fmhost.services.rolling_arguments.settled`.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from operator import attrgetter
from weakref import WeakKeyDictionary

from sqlalchemy import bindparam, select, update
from sqlalchemy.orm import Session

from fmhost.beliefs.extent import end_of_measurements
from fmhost.domain import units
from fmhost.domain.forecast_horizons import PRICE_HORIZONS, default_horizons
from fmhost.domain.messages import PostType
from fmhost.errors import FmhostError, InvalidInput
from fmhost.model import Job, JobState, Sensor, User
from fmhost.model.job import hash_arguments, request_job
from fmhost.services.forecast_runs import choose_forecaster
from fmhost.services.installation import Installation
from fmhost.services.rolling_arguments import FARTHEST_BACK, KIND, QUEUE, Rolling, ready

#: Units of weather, and those of an asset's type that has some.
_WEATHER_UNITS = ("°C", "m/s", "W/m**2", "%", "hPa")
_WEATHER_TYPES = frozenset({"weather_station", "weather station"})

#: How far ahead of what was measured a job looks for more, where nothing is known there yet.
_FARTHEST_AHEAD = timedelta(days=60)

#: A job that begins sooner than that could begin before a message is committed that counts on it.
_SOON = timedelta(seconds=5)

#: Sensor, source, user, and kind of message.
_Key = tuple[int, int, int, PostType]
_Remembered = dict[_Key, "_Waiting"]

# Jobs that were found waiting, so that not every message asks for them again. What arrives after
# one of them was cancelled is forecast with what arrives after it should have begun.
_remembered: WeakKeyDictionary[Installation, _Remembered] = WeakKeyDictionary()
_MOST_REMEMBERED = 10_000

_WIDEN = (
    update(Job.__table__)  # type: ignore[arg-type]
    .where(
        Job.__table__.c.id == bindparam("number"),
        Job.__table__.c.state == JobState.SCHEDULED.value,
    )
    .values(
        arguments=bindparam("wider"),
        arguments_hash=bindparam("digest"),
        meta=bindparam("ready"),
    )
)


@dataclass(frozen=True, slots=True)
class Arrival:
    """What arrived for a sensor.

    :param window: start of the first and end of the last event that was new.
    :param kind: what the message said it brings.
    :param source_id: whose beliefs they are.
    :param measured: whether all of it was believed at its knowledge time or later.
    """

    sensor: Sensor
    window: tuple[datetime, datetime]
    kind: PostType
    source_id: int
    measured: bool


def horizons_for(sensor: Sensor, kind: PostType) -> Sequence[timedelta]:
    """How far ahead a sensor is to be forecast when data of that kind arrive; empty for not."""
    if kind == PostType.PROGNOSIS or sensor.event_resolution <= timedelta(0):
        return ()
    is_price = units.is_energy_price(sensor.unit)
    if kind == PostType.PRICE_DATA or (kind == PostType.SENSOR_DATA and is_price):
        return [each for each in PRICE_HORIZONS if not each % sensor.event_resolution]
    wanted = kind in (PostType.METER_DATA, PostType.WEATHER_DATA)
    if wanted or units.is_power(sensor.unit) or _is_weather(sensor):
        try:
            return default_horizons(sensor.event_resolution)
        except InvalidInput:
            return ()
    return ()


def _is_weather(sensor: Sensor) -> bool:
    if sensor.generic_asset.generic_asset_type.name not in _WEATHER_TYPES:
        return False
    return any(units.convertible(sensor.unit, unit) for unit in _WEATHER_UNITS)


def request_automatic(
    installation: Installation, session: Session, arrival: Arrival, user: User
) -> list[Job]:
    """Write down what is to be forecast after data arrived; the caller commits.

    Jobs for the sensor that still wait take in the window. In play mode there are none, nor where
    a setting says so, nor of sensors that no forecaster serves.

    :return: the jobs that are new.
    """
    settings = installation.settings
    if not settings["FMHOST_FORECAST_AUTOMATICALLY"] or settings.mode == "play":
        return []
    horizons = horizons_for(arrival.sensor, arrival.kind)
    if not horizons:
        return []
    now = installation.now()
    start, end = arrival.window
    window = max(start, end - FARTHEST_BACK), end
    remembered = _remembered.setdefault(installation, {})
    key = arrival.sensor.id, arrival.source_id, user.id, arrival.kind
    if key in remembered and remembered[key].finds(arrival, window, now):
        return []
    waiting = _waiting(session, arrival, user)
    asked = {each.asked.horizon for each in waiting.values()}
    if all(each.finds(arrival, window, now) for each in waiting.values()):
        if asked.issuperset(horizons):
            _remember(remembered, key, waiting.values())
    else:
        asked = _extend(session, waiting, window, arrival, now)
    missing = [horizon for horizon in horizons if horizon not in asked]
    if not missing:
        return []
    try:
        choice = choose_forecaster(installation, arrival.sensor, None)
    except FmhostError:
        return []  # who asks for a forecast is told why; who posts data has nothing to do with it
    meta = ready(arrival.source_id, _reach(session, arrival, end))
    return [
        request_job(
            session,
            kind=KIND,
            queue=QUEUE,
            arguments=Rolling(
                *window, horizon, arrived=now, probabilistic=True, config={}
            ).as_arguments(),
            requester_user_id=user.id,
            sensor_id=arrival.sensor.id,
            asset_id=arrival.sensor.generic_asset_id,
            provenance=choice.provenance.as_dict(),
            meta=meta,
            priority=-1,
            scheduled_for=now + settings["FMHOST_FORECAST_DELAY"],
            now=now,
        )
        for horizon in missing
    ]


def _reach(session: Session, arrival: Arrival, end: datetime) -> datetime:
    """Until when jobs for measurements up to `end` will find by themselves what follows.

    Where nothing follows yet, whatever they find there will have arrived after this.
    """
    far = end + _FARTHEST_AHEAD
    known = end_of_measurements(session, arrival.sensor, arrival.source_id, (end, far))
    return far if known is None else end + FARTHEST_BACK


@dataclass(frozen=True, slots=True)
class _Waiting:
    """A job that nobody has begun; `until` is the end of what it will find by itself."""

    asked: Rolling
    until: datetime
    begins: datetime

    def finds(self, arrival: Arrival, window: tuple[datetime, datetime], now: datetime) -> bool:
        """Whether it will find what arrived, once that is committed, without being told."""
        end = self.until if arrival.measured else self.asked.end
        return self.asked.start <= window[0] and window[1] <= end and now + _SOON <= self.begins


def _remember(remembered: _Remembered, key: _Key, waiting: Collection[_Waiting]) -> None:
    """Keep of several jobs for the same what all of them will find."""
    if len(remembered) >= _MOST_REMEMBERED:
        remembered.clear()
    latest = max(waiting, key=lambda each: each.asked.start)
    until, begins = (min(map(attrgetter(name), waiting)) for name in ("until", "begins"))
    remembered[key] = replace(latest, until=until, begins=begins)


def _waiting(session: Session, arrival: Arrival, user: User) -> dict[str, _Waiting]:
    """The automatic jobs for the sensor and the source that nobody has begun, by their ids."""
    # Columns and no entities, since every message that brings data asks for them.
    query = (
        select(Job.id, Job.arguments, Job.meta, Job.scheduled_for)
        .where(
            Job.sensor_id == arrival.sensor.id,
            Job.kind == KIND,
            Job.state == JobState.SCHEDULED.value,
            Job.requester_user_id == user.id,
            Job.attempts == 0,
        )
        .order_by(Job.id)  # so that two messages do not wait for each other
    )
    return {
        job.id: _Waiting(
            Rolling.from_arguments(job.arguments),
            datetime.fromisoformat(job.meta["until"]),
            job.scheduled_for,
        )
        for job in session.execute(query)
        if job.meta.get("automatic") and job.meta.get("source") == arrival.source_id
    }


def _extend(
    session: Session,
    waiting: Mapping[str, _Waiting],
    window: tuple[datetime, datetime],
    arrival: Arrival,
    now: datetime,
) -> set[timedelta]:
    """Have waiting jobs take in a window; the horizons of those that still waited."""
    changes = []
    last = max(window[1], *(each.asked.end for each in waiting.values()))
    meta = ready(arrival.source_id, _reach(session, arrival, last))
    for number, each in waiting.items():
        start, end = min(each.asked.start, window[0]), max(each.asked.end, window[1])
        arguments = replace(each.asked, start=start, end=end, arrived=now).as_arguments()
        digest = hash_arguments(KIND, arguments)
        changes.append({"number": number, "wider": arguments, "digest": digest, "ready": meta})
    if session.connection().execute(_WIDEN, changes).rowcount == len(changes):
        return {each.asked.horizon for each in waiting.values()}
    # Somebody has begun with some of them in between.
    still = select(Job.id).where(Job.id.in_(waiting), Job.state == JobState.SCHEDULED.value)
    return {waiting[number].asked.horizon for number in session.scalars(still)}

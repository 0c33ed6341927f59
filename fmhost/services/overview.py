"""What somebody may read at a glance: assets with their sensors, and what is scheduled."""

from __future__ import annotations

import math
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

import numpy as np
from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session, joinedload, selectinload

from fmhost.auth.visibility import readable_assets as readable
from fmhost.auth.visibility import readable_sensors
from fmhost.beliefs import Query, read, series
from fmhost.beliefs.selection import most_recent
from fmhost.domain.moments import floor_moment
from fmhost.domain.zones import time_zone
from fmhost.model import Asset, Sensor, Source, User
from fmhost.model import beliefs as table
from fmhost.model.sources import TYPE_SYNONYMS
from fmhost.services.results import measures_power

#: How far ahead schedules are looked at.
FARTHEST: Final = timedelta(days=7)

_SCHEDULER = "scheduler"
_SCHEDULER_TYPES: Final = [
    _SCHEDULER,
    *(old for old, new in TYPE_SYNONYMS.items() if new == _SCHEDULER),
]


@dataclass(frozen=True, slots=True)
class ScheduleAhead:
    """What is scheduled for a power sensor from now on.

    :param start: aware start of the first step, in which now lies.
    :param step: length of a step.
    :param consumption: one value per step [unit of the sensor, consumption positive]; NaN where
        nothing is scheduled. The last one is known.
    :param fallback: whether some of it stands in for a schedule that was impossible.
    """

    sensor: Sensor
    start: datetime
    step: timedelta
    consumption: Sequence[float]
    fallback: bool = False


def readable_assets(session: Session, user: User) -> Sequence[Asset]:
    """All assets that `user` may read, public ones included, with owners, types and sensors."""
    query = (
        select(Asset)
        .where(readable(user))
        .options(
            joinedload(Asset.account),
            joinedload(Asset.generic_asset_type),
            selectinload(Asset.sensors),
        )
        .order_by(Asset.id)
    )
    return session.scalars(query).all()


def schedules_ahead(
    session: Session, sensors: Iterable[Sensor], now: datetime, *, at_most: int | None = None
) -> Mapping[int, ScheduleAhead]:
    """What is scheduled for these sensors from now on, by sensor id.

    Looks ahead seven days. Sensors for which nothing is scheduled, those of moments and those of
    other things than power have no entry. The policy is the caller's.

    :param now: aware.
    :param at_most: the number of sensors whose schedules are read: those with the lowest ids.
    """
    candidates = {
        sensor.id: sensor
        for sensor in sensors
        if not sensor.is_instantaneous and measures_power(sensor)
    }
    found = {}
    fallbacks = _fallbacks(session) if candidates else []
    for sensor_id in _with_schedule(session, candidates.values(), now)[:at_most]:
        ahead = _ahead(session, candidates[sensor_id], now, fallbacks)
        if ahead is not None:
            found[sensor_id] = ahead
    return found


def planned_sensors(
    session: Session,
    user: User,
    now: datetime,
    *,
    at_most: int,
    assets: Collection[Asset] | None = None,
) -> Sequence[Sensor]:
    """Sensors of power for which something is scheduled from now on, and which `user` may read.

    With their assets and these assets' types. Two statements, however many sensors there are.

    :param now: aware.
    :param at_most: how many; those with the lowest ids.
    :param assets: only those of these assets.
    """
    longest = session.scalar(select(func.max(Sensor.event_resolution))) or timedelta(0)
    query = select(Sensor).where(
        readable_sensors(user),
        Sensor.event_resolution != timedelta(0),
        _is_scheduled(now, longest),
    )
    if assets is not None:
        query = query.where(Sensor.generic_asset_id.in_([asset.id for asset in assets]))
    owner = joinedload(Sensor.generic_asset)
    query = query.options(owner.joinedload(Asset.generic_asset_type)).order_by(Sensor.id)
    # States of charge are scheduled, too: as a rule, one for each power.
    found = session.scalars(query.limit(3 * at_most)).all()
    return [sensor for sensor in found if measures_power(sensor)][:at_most]


def _with_schedule(session: Session, sensors: Collection[Sensor], now: datetime) -> Sequence[int]:
    """Those for which a scheduler says something about the time from now on, in one statement."""
    ids = [sensor.id for sensor in sensors]
    longest = max((sensor.event_resolution for sensor in sensors), default=timedelta(0))
    said = _is_scheduled(now, longest)
    query = select(Sensor.id).where(Sensor.id.in_(ids), said).order_by(Sensor.id)
    return session.scalars(query).all()


def _is_scheduled(now: datetime, longest: timedelta) -> ColumnElement[bool]:
    """The condition on :class:`Sensor` that a scheduler says something about from now on.

    :param longest: no event is longer.
    """
    schedulers = select(Source.id).where(Source.type.in_(_SCHEDULER_TYPES))
    return (
        select(table.c.sensor_id)
        .where(
            table.c.sensor_id == Sensor.id,
            table.c.event_start > now - longest,
            table.c.event_start < now + FARTHEST,
            table.c.source_id.in_(schedulers),
        )
        .exists()
    )


def _fallbacks(session: Session) -> Sequence[int]:
    """Ids of the sources of fallbacks; there are few schedulers."""
    query = select(Source).where(Source.type.in_(_SCHEDULER_TYPES))
    return [source.id for source in session.scalars(query) if source.is_fallback]


def _ahead(
    session: Session, sensor: Sensor, now: datetime, fallbacks: Sequence[int]
) -> ScheduleAhead | None:
    step = sensor.event_resolution
    start = floor_moment(now, step, time_zone(sensor.timezone))
    found = series(session, sensor, start, start + FARTHEST, source_types=[_SCHEDULER])
    sign = 1.0 if sensor.get_attribute("consumption_is_positive", False) else -1.0
    values = (found.values * sign + 0.0).tolist()  # + 0.0 turns -0.0 into 0.0
    while values and math.isnan(values[-1]):
        values.pop()
    if not values:
        return None
    return ScheduleAhead(sensor, start, step, values, _from(session, sensor, start, fallbacks))


def _from(session: Session, sensor: Sensor, start: datetime, sources: Sequence[int]) -> bool:
    """Whether some of what is scheduled from a start on was said by some sources, and last."""
    if not sources:
        return False
    query = Query(
        sensor=sensor, start=start, end=start + FARTHEST, source_types=tuple(_SCHEDULER_TYPES)
    )
    said = most_recent(read(session, query))
    return bool(np.isin(said.source_id, sources).any())

"""What is planned for the devices of an asset, why, and what changed since the plan before it."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final

import numpy as np
from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from fmhost.auth.policy import Permission, allowed
from fmhost.beliefs import Query, read, series
from fmhost.beliefs.timing import knowledge_of
from fmhost.domain.arrays import to_datetime
from fmhost.errors import NotFound
from fmhost.model import Asset, Job, JobState, Sensor, User
from fmhost.services import explanations, overview, schedules
from fmhost.services.installation import Installation
from fmhost.services.results import measures_power
from fmhost.services.schedule_requests import Request
from fmhost.services.shown import sensors_among

#: Most devices of one asset whose plans are told, most sensors that are looked at for them, and
#: most jobs.
MOST_DEVICES: Final = 20
MOST_SENSORS: Final = 100
MOST_JOBS: Final = 50

_SCHEDULER: Final = ("scheduler",)
_MOMENT: Final = timedelta(microseconds=1)

#: A job, what it says of its schedule, and what it says of one device.
_Explained = tuple[Job, Mapping[str, Any], Mapping[str, Any]]


@dataclass(frozen=True, slots=True)
class DevicePlan:
    """What is planned for a device from now on.

    :param ahead: the schedule.
    :param formed: when it was made; aware, like all moments.
    :param before: what was planned before that, one value per step of the schedule, NaN where
        nothing was; empty where there was no plan.
    :param formed_before: when that was made.
    :param job: which made it, where it explains it; `explanation` is what it says, and `device`
        what it says of this device.
    """

    ahead: overview.ScheduleAhead
    formed: datetime
    before: Sequence[float]
    formed_before: datetime | None
    job: Job | None = None
    explanation: Mapping[str, Any] | None = None
    device: Mapping[str, Any] | None = None

    @property
    def sensor(self) -> Sensor:
        """The power of the device."""
        return self.ahead.sensor

    @property
    def difference(self) -> Sequence[float]:
        """By how much each step differs from what was planned before; NaN where that is unknown.

        In the unit of the sensor, consumption positive.
        """
        if not self.before:
            return [math.nan] * len(self.ahead.consumption)
        pairs = zip(self.ahead.consumption, self.before, strict=True)
        return [new - old for new, old in pairs]


def plans_of(
    installation: Installation, session: Session, user: User, asset: Asset, now: datetime
) -> list[DevicePlan]:
    """The plans for the devices of an asset and of those below it, as far as `user` may read them.

    By the ids of their sensors; at most :data:`MOST_DEVICES`, found among the sensors of the asset
    and then those below it, at most :data:`MOST_SENSORS`. The policy for the asset is the caller's.

    :param now: aware.
    """
    family = (asset, *asset.offspring)
    ids = [
        sensor.id
        for each in family
        for sensor in each.sensors
        if not sensor.is_instantaneous and measures_power(sensor)
    ]
    sensors = sensors_among(session, user, ids[:MOST_SENSORS])
    ahead = overview.schedules_ahead(session, sensors.values(), now)
    if not ahead:
        return []
    jobs = _jobs(session, user, [each.id for each in (*family, *asset.ancestors)])
    told: dict[str, list[Mapping[str, Any]]] = {}
    return [
        _plan(installation, session, ahead[sensor_id], jobs, told)
        for sensor_id in sorted(ahead)[:MOST_DEVICES]
    ]


def _jobs(session: Session, user: User, asset_ids: Sequence[int]) -> list[Job]:
    """The newest finished schedules of these assets that `user` may know of."""
    query = (
        select(Job)
        .where(
            Job.asset_id.in_(asset_ids),
            Job.kind == schedules.KIND,
            Job.state == JobState.FINISHED.value,
        )
        .options(joinedload(Job.sensor), joinedload(Job.asset))
        .order_by(Job.created_at.desc(), Job.id)
        .limit(MOST_JOBS)
    )
    return [
        job
        for job in session.scalars(query)
        if (about := job.sensor or job.asset) and allowed(user, about, Permission.READ)
    ]


def _plan(
    installation: Installation,
    session: Session,
    ahead: overview.ScheduleAhead,
    jobs: Sequence[Job],
    told: dict[str, list[Mapping[str, Any]]],
) -> DevicePlan:
    sensor = ahead.sensor
    start = ahead.start.astimezone(UTC)  # on a local clock, a day may have another length
    end = start + len(ahead.consumption) * ahead.step
    stored = _formed(session, sensor, start, end, None)
    assert stored is not None  # there is a schedule
    found = _explained(installation, sensor, start, stored, jobs, told)
    formed = stored if found is None else max(stored, _belief_time(found[0]))
    prior = formed - _MOMENT
    formed_before = _formed(session, sensor, start, end, prior)
    before: Sequence[float] = ()
    if formed_before is not None:
        earlier = series(session, sensor, start, end, source_types=_SCHEDULER, prior=prior)
        sign = 1.0 if sensor.get_attribute("consumption_is_positive", False) else -1.0
        before = (earlier.values * sign + 0.0).tolist()  # + 0.0 turns -0.0 into 0.0
    job, explanation, device = found or (None, None, None)
    return DevicePlan(ahead, formed, before, formed_before, job, explanation, device)


def _formed(
    session: Session, sensor: Sensor, start: datetime, end: datetime, prior: datetime | None
) -> datetime | None:
    """When the last schedule was made about events of a window, at most at `prior`."""
    query = Query(sensor=sensor, start=start, end=end, prior=prior, source_types=_SCHEDULER)
    found = read(session, query)
    if not len(found):
        return None
    formed = knowledge_of(sensor, found.event_start) - found.belief_horizon
    return to_datetime(np.max(formed))


def _explained(
    installation: Installation,
    sensor: Sensor,
    now: datetime,
    stored: datetime,
    jobs: Sequence[Job],
    told: dict[str, list[Mapping[str, Any]]],
) -> _Explained | None:
    """The newest job that explains the schedule of a sensor; none where the schedule is newer.

    A schedule that says what was planned already is not stored again, so that the job may be newer
    than what is stored.
    """
    for job in jobs:
        if _belief_time(job) < stored:
            continue
        if job.id not in told:
            told[job.id] = list(_parts(installation, job))
        for part in told[job.id]:
            if _covers(part, now):
                for device in part["devices"]:
                    if device.get("sensor") == sensor.id:
                        return job, part, device
    return None


def _parts(installation: Installation, job: Job) -> Iterator[Mapping[str, Any]]:
    """What a job says of its schedules, where it speaks of devices; it may say something else."""
    try:
        explanation = explanations.explanation_of(installation, job)
    except NotFound:
        return
    for part in explanation.get("sequence", [explanation]):
        if {"devices", "start", "end"} <= part.keys():
            yield part


def _covers(part: Mapping[str, Any], now: datetime) -> bool:
    start, end = (datetime.fromisoformat(part[name]) for name in ("start", "end"))
    return start <= now < end


def _belief_time(job: Job) -> datetime:
    return Request.from_arguments(job.arguments).prior or job.created_at

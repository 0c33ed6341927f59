"""Ask for a schedule, compute it, and fetch it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sqlalchemy.orm import Session

from fmhost.beliefs import series
from fmhost.domain.flexibility import Scheduler, ScheduleResult
from fmhost.domain.moments import floor_moment
from fmhost.domain.zones import time_zone
from fmhost.errors import InvalidInput, NotFound
from fmhost.model import Asset, Job, Sensor, Source, User
from fmhost.model.job import find_equal_job, request_job
from fmhost.model.types import EPOCH
from fmhost.services import results
from fmhost.services.installation import Installation
from fmhost.services.reading import StoreReader
from fmhost.services.selection import Choice, by_name, choose

#: Kind of the jobs that compute schedules, and the queue on which they run.
KIND = "schedule"
QUEUE = "scheduling"


@dataclass(frozen=True, slots=True)
class Request:
    """What a client asks for; as JSON, it is the arguments of the job.

    :param start: start of the first step; `end` is excluded.
    :param resolution: length of a step.
    :param prior: only beliefs recorded up to then count; None for the time of the request.
    :param scheduler: the scheduler's name where somebody chose it, else None.
    """

    start: datetime
    end: datetime
    resolution: timedelta
    prior: datetime | None
    flex_model: Any
    flex_context: Any
    scheduler: str | None = None

    def as_arguments(self) -> dict[str, Any]:
        """The request as a JSON object."""
        return {
            "start": self.start.isoformat(),
            "end": self.end.isoformat(),
            "resolution_s": self.resolution.total_seconds(),
            "prior": self.prior.isoformat() if self.prior else None,
            "flex_model": self.flex_model,
            "flex_context": self.flex_context,
            "scheduler": self.scheduler,
        }

    @classmethod
    def from_arguments(cls, arguments: Mapping[str, Any]) -> Request:
        """The request that a job's row holds."""
        return cls(
            start=datetime.fromisoformat(arguments["start"]),
            end=datetime.fromisoformat(arguments["end"]),
            resolution=timedelta(seconds=arguments["resolution_s"]),
            prior=datetime.fromisoformat(arguments["prior"]) if arguments["prior"] else None,
            flex_model=arguments["flex_model"],
            flex_context=arguments["flex_context"],
            scheduler=arguments["scheduler"],
        )


def trigger(
    installation: Installation,
    session: Session,
    *,
    target: Sensor | Asset,
    start: datetime,
    duration: timedelta | None = None,
    prior: datetime | None = None,
    resolution: timedelta | None = None,
    flex_model: Any = None,
    flex_context: Any = None,
    scheduler: str | None = None,
    requester: User | None = None,
    force_new: bool = False,
) -> Job:
    """Check a request for a schedule and write down the job that will compute it.

    The caller commits, and then dispatches the job. The same request within
    ``FLEXMEASURES_JOB_CACHE_TTL`` gives the job of the first one, unless that failed.

    :param start: floored to the resolution.
    :param duration: default ``FLEXMEASURES_PLANNING_HORIZON``.
    :param prior: only beliefs recorded up to then count; default now.
    :param resolution: default that of the sensor.
    :param scheduler: name of the scheduler, instead of the one that the target would get.
    :param requester: on whose behalf; None for the operator.
    :raises InvalidInput: naming the field, for whatever the scheduler does not accept.
    """
    now = installation.now()
    request = _request(
        installation,
        target,
        start=start,
        duration=duration,
        resolution=resolution,
        prior=prior,
        flex_model=flex_model,
        flex_context=flex_context,
        scheduler=scheduler,
    )
    choice, _ = _prepare(installation, session, target, request, requester, now)
    arguments = request.as_arguments() | {
        ("sensor" if isinstance(target, Sensor) else "asset"): target.id,
        "requester": requester.id if requester else None,
    }
    if not force_new:
        seconds = installation.settings["FLEXMEASURES_JOB_CACHE_TTL"]
        since = now - timedelta(seconds=seconds) if seconds >= 0 else EPOCH
        earlier = find_equal_job(session, kind=KIND, arguments=arguments, since=since)
        if earlier is not None:
            return earlier
    return request_job(
        session,
        kind=KIND,
        queue=QUEUE,
        arguments=arguments,
        requester_user_id=requester.id if requester else None,
        sensor_id=target.id if isinstance(target, Sensor) else None,
        asset_id=target.generic_asset_id if isinstance(target, Sensor) else target.id,
        provenance=choice.provenance.as_dict(),
        now=now,
    )


def compute(
    installation: Installation,
    session: Session,
    *,
    target: Sensor | Asset,
    requester: User | None = None,
    **request: Any,
) -> list[ScheduleResult]:
    """Compute a schedule without storing it; the keywords are those of :func:`trigger`.

    :raises InvalidInput: naming the field.
    :raises ComputationFailed: where there is no schedule.
    """
    for optional in ("duration", "prior", "resolution", "flex_model", "flex_context", "scheduler"):
        request.setdefault(optional, None)
    made = _request(installation, target, **request)
    _, scheduler = _prepare(installation, session, target, made, requester, installation.now())
    return results.of_scheduler(scheduler, scheduler.compute())


def run(installation: Installation, job: Job) -> dict[str, Any]:
    """Compute and store the schedule that `job` asks for; the task of the job.

    :return: the job's result: the number of stored beliefs, and what the scheduler says about
        its work.
    """
    request = Request.from_arguments(job.arguments)
    with installation.database.reading() as session:
        target: Sensor | Asset | None = (
            session.get(Sensor, job.sensor_id)
            if job.sensor_id is not None
            else session.get(Asset, job.asset_id)
        )
        if target is None:
            raise NotFound("The sensor or asset to schedule has been deleted.")
        requester = session.get(User, job.requester_user_id) if job.requester_user_id else None
        choice, scheduler = _prepare(
            installation, session, target, request, requester, job.created_at
        )
        computed = results.of_scheduler(scheduler, scheduler.compute())
    with installation.database.transaction() as session:
        stored, source = results.store_schedule(
            installation, session, choice, scheduler, computed, request.prior or job.created_at
        )
        source_id = source.id
    installation.host.hooks.call("fmhost_schedule_computed", job=job, schedule=computed)
    return {
        "num-beliefs": stored,
        "resolved": scheduler.info.get("resolved", []),
        "unresolved": scheduler.info.get("unresolved", []),
        "source_id": source_id,
        "scheduler_info": scheduler.info,
        "chosen_by": choice.reason,
    }


@dataclass(frozen=True, slots=True)
class FetchedSchedule:
    """A stored schedule.

    :param values: one value per step, in `unit`.
    """

    values: NDArray[np.float64]
    start: datetime
    duration: timedelta
    unit: str
    scheduler_info: Mapping[str, Any]


def fetch(
    installation: Installation,
    session: Session,
    job: Job,
    sensor: Sensor,
    *,
    duration: timedelta | None = None,
    unit: str | None = None,
    sign_convention: str = "consumption-positive",
) -> FetchedSchedule:
    """The schedule that `job` stored for `sensor`, read back from its beliefs.

    :param duration: from the start of the schedule on; at most the planning horizon.
    :param unit: default that of the sensor.
    :param sign_convention: ``consumption-positive``, ``production-positive`` or ``wysiwyg``
        (as stored).
    :raises NotFound: where nothing is stored for this sensor and period.
    """
    request = Request.from_arguments(job.arguments)
    result = job.result or {}
    horizon: timedelta = installation.settings["FLEXMEASURES_PLANNING_HORIZON"]
    longest = max(horizon, request.end - request.start)
    wanted = min(duration or request.end - request.start, longest)
    resolution = sensor.event_resolution or request.resolution
    found = series(
        session,
        sensor,
        request.start,
        request.start + wanted,
        resolution=resolution,
        unit=unit,
        source_ids=[result["source_id"]],
    )
    known = np.flatnonzero(~np.isnan(found.values))
    if known.size == 0:
        raise NotFound("No known schedule for this time period.")
    values = found.values[: known[-1] + 1]
    if sign_convention != "wysiwyg" and results.measures_power(sensor):
        stored_sign = 1.0 if sensor.get_attribute("consumption_is_positive", False) else -1.0
        wanted_sign = 1.0 if sign_convention == "consumption-positive" else -1.0
        values = values * (stored_sign * wanted_sign) + 0.0  # + 0.0 turns -0.0 into 0.0
    return FetchedSchedule(
        values=values,
        start=request.start,
        duration=resolution * len(values),
        unit=found.unit,
        scheduler_info=result.get("scheduler_info", {}),
    )


def latest_source(session: Session, job: Job) -> Source | None:
    """The data source to which the job's results belong, once it is finished."""
    source_id = (job.result or {}).get("source_id")
    return session.get(Source, source_id) if source_id is not None else None


def _request(
    installation: Installation,
    target: Sensor | Asset,
    *,
    start: datetime,
    duration: timedelta | None,
    resolution: timedelta | None,
    prior: datetime | None,
    flex_model: Any,
    flex_context: Any,
    scheduler: str | None,
) -> Request:
    if start.tzinfo is None:
        raise InvalidInput("The start needs a UTC offset, such as +01:00.", field="start")
    step = resolution or _natural_resolution(target)
    if step <= timedelta(0):
        raise InvalidInput("The resolution must be longer than zero.", field="resolution")
    # Zero is refused below, not replaced by the default.
    length = (
        installation.settings["FLEXMEASURES_PLANNING_HORIZON"] if duration is None else duration
    )
    if length <= timedelta(0):
        raise InvalidInput("The duration must be longer than zero.", field="duration")
    longest = _longest(installation, step)
    if longest is not None and length > longest:
        raise InvalidInput(
            f"A schedule of {length} is longer than the {longest} that this host allows.",
            field="duration",
            hint="Ask for less, or raise FLEXMEASURES_MAX_PLANNING_HORIZON.",
        )
    zone = time_zone(target.timezone if isinstance(target, Sensor) else "UTC")
    begin = floor_moment(start, step, zone)
    # A fixed offset: sums and differences within a zone follow its clock, also where that jumps.
    begin = begin.astimezone(timezone(begin.utcoffset() or timedelta(0)))
    return Request(
        start=begin,
        end=begin + length,
        resolution=step,
        prior=prior,
        flex_model=flex_model,
        flex_context=flex_context,
        scheduler=scheduler,
    )


def _natural_resolution(target: Sensor | Asset) -> timedelta:
    """The resolution of the sensor, or the smallest of the power sensors of an asset's tree."""
    if isinstance(target, Sensor):
        if target.event_resolution <= timedelta(0):
            raise InvalidInput(
                f"Sensor {target.id} is instantaneous, so a schedule needs a resolution.",
                field="resolution",
            )
        return target.event_resolution
    sensors = [
        sensor
        for asset in (target, *target.offspring)
        for sensor in asset.sensors
        if results.measures_power(sensor) and sensor.event_resolution > timedelta(0)
    ]
    if not sensors:
        raise InvalidInput(
            f"Asset {target.id} has no power sensor to schedule.", field="flex-model"
        )
    return min(sensor.event_resolution for sensor in sensors)


def _longest(installation: Installation, step: timedelta) -> timedelta | None:
    """``FLEXMEASURES_MAX_PLANNING_HORIZON`` as a duration: it may count steps."""
    limit = installation.settings["FLEXMEASURES_MAX_PLANNING_HORIZON"]
    return limit * step if isinstance(limit, int) else limit


def _prepare(
    installation: Installation,
    session: Session,
    target: Sensor | Asset,
    request: Request,
    requester: User | None,
    requested_at: datetime,
) -> tuple[Choice, Scheduler]:
    """Choose the scheduler, make it, and let it check its configuration."""
    belief_time = request.prior or requested_at
    choice = (
        by_name(installation, "scheduler", request.scheduler)
        if request.scheduler
        else choose(installation, "scheduler", target)
    )
    scheduler: Scheduler = choice.driver(
        target,
        request.start,
        request.end,
        request.resolution,
        belief_time=belief_time,
        flex_model=request.flex_model,
        flex_context=request.flex_context,
        return_multiple=True,
        reader=StoreReader(session, requester, belief_time),
        config=choice.config,
        settings=installation.settings,
    )
    scheduler.deserialize_config()
    return choice, scheduler

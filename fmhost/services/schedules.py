"""Ask for a schedule, compute it, and fetch it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sqlalchemy.orm import Session

from fmhost.beliefs import series
from fmhost.domain.flexibility import Scheduler, ScheduleResult
from fmhost.errors import InvalidInput, NotFound
from fmhost.model import Asset, Job, Sensor, Source, User
from fmhost.model.job import find_equal_job, request_job
from fmhost.model.job_runs import complete, hold
from fmhost.model.types import EPOCH
from fmhost.services import explanations, results
from fmhost.services.installation import Installation
from fmhost.services.progress import report_progress
from fmhost.services.reading import StoreReader
from fmhost.services.schedule_requests import Request, make_request, prepare
from fmhost.services.selection import Choice
from fmhost.services.sequences import turns_of

#: Kind of the jobs that compute schedules, and the queue on which they run.
KIND = "schedule"
QUEUE = "scheduling"


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
    sequential: bool = False,
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
    :param sequential: schedule the devices that the flex-model of an asset lists one after another;
        each takes the schedules of those before it as given.
    :raises InvalidInput: naming the field, for whatever the scheduler does not accept.
    """
    now = installation.now()
    request = make_request(
        installation,
        target,
        start=start,
        duration=duration,
        resolution=resolution,
        prior=prior,
        flex_model=flex_model,
        flex_context=flex_context,
        scheduler=scheduler,
        sequential=sequential,
    )
    choice = _check(installation, session, target, request, requester, now)
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
    made = make_request(installation, target, **request)
    _, scheduler = prepare(installation, session, target, made, requester, installation.now())
    return results.of_scheduler(scheduler, scheduler.compute())


def _check(
    installation: Installation,
    session: Session,
    target: Sensor | Asset,
    request: Request,
    requester: User | None,
    now: datetime,
) -> Choice:
    """See that every scheduler that is needed accepts what it gets; the choice of the first one."""
    reader = StoreReader(session, requester, request.prior or now)
    choices = []
    for turn in turns_of(reader, target, request):
        try:
            choice, _ = prepare(
                installation, session, turn.target, turn.request, requester, now, reader
            )
        except InvalidInput as error:
            raise turn.placed(error) from error
        choices.append(choice)
    return choices[0]


def run(installation: Installation, job: Job) -> dict[str, Any]:
    """Compute and store the schedule that `job` asks for; the task of the job.

    :return: the job's result: the number of stored beliefs, and what the scheduler says about
        its work.
    """
    request = Request.from_arguments(job.arguments)
    outcomes: list[_Outcome] = []
    explained: list[dict[str, Any]] = []
    number = 1
    while len(outcomes) < number:
        with installation.database.reading() as session:
            target, requester = _target(session, job), _requester(session, job)
            reader = StoreReader(session, requester, request.prior or job.created_at)
            turns = turns_of(reader, target, request)
            number, turn = len(turns), turns[len(outcomes)]
            choice, scheduler = prepare(
                installation,
                session,
                turn.target,
                turn.request,
                requester,
                job.created_at,
                reader,
            )
            computed = results.of_scheduler(scheduler, scheduler.compute())
        with installation.database.transaction() as session:
            stored, source = results.store_schedule(
                session, choice, scheduler, computed, request.prior or job.created_at
            )
            _persist(session, scheduler)
            explained.append(explanations.entry(choice.provenance.name, scheduler))
            explanations.keep(session, job, explained)
            outcomes.append(_Outcome(computed, stored, source.id, scheduler.info, choice.reason))
            outcome = _result(outcomes)
            if len(outcomes) == number:
                complete(session, job, outcome, now=installation.now())
            else:
                hold(session, job)
        report_progress(len(outcomes) / number, f"device {len(outcomes)} of {number}")
    schedule = [result for outcome in outcomes for result in outcome.computed]
    installation.host.hooks.call("fmhost_schedule_computed", job=job, schedule=schedule)
    return outcome


def _persist(session: Session, scheduler: Scheduler) -> None:
    """Let the scheduler keep what the next run should know, with the entities of this session."""
    if scheduler.sensor is not None:
        scheduler.sensor = session.get_one(Sensor, scheduler.sensor.id)
        scheduler.asset = scheduler.sensor.generic_asset
    else:
        scheduler.asset = session.get_one(Asset, scheduler.asset.id)
    scheduler.persist_flex_model()


def _target(session: Session, job: Job) -> Sensor | Asset:
    target: Sensor | Asset | None = (
        session.get(Sensor, job.sensor_id)
        if job.sensor_id is not None
        else session.get(Asset, job.asset_id)
    )
    if target is None:
        raise NotFound("The sensor or asset to schedule has been deleted.")
    return target


def _requester(session: Session, job: Job) -> User | None:
    return session.get(User, job.requester_user_id) if job.requester_user_id else None


@dataclass(frozen=True, slots=True)
class _Outcome:
    """What came of one computation."""

    computed: Sequence[ScheduleResult]
    stored: int
    source_id: int
    info: dict[str, Any]
    reason: str


def _result(outcomes: Sequence[_Outcome]) -> dict[str, Any]:
    """The result of a job, as JSON."""
    infos = [outcome.info for outcome in outcomes]
    names = dict.fromkeys(str(info.get("scheduler")) for info in infos)
    return {
        "num-beliefs": sum(outcome.stored for outcome in outcomes),
        "resolved": [each for info in infos for each in info.get("resolved", [])],
        "unresolved": [each for info in infos for each in info.get("unresolved", [])],
        "source_id": outcomes[-1].source_id,
        "source_ids": list(dict.fromkeys(outcome.source_id for outcome in outcomes)),
        "scheduler_info": infos[0]
        if len(infos) == 1
        else {"scheduler": ", ".join(names), "sequence": infos},
        "chosen_by": outcomes[0].reason,
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
    :raises NotFound: where nothing is stored for this sensor and period, or the job ended longer
        than ``FLEXMEASURES_PLANNING_TTL`` ago.
    """
    request = Request.from_arguments(job.arguments)
    result = job.result or {}
    if _is_forgotten(installation, job):
        raise NotFound("No known schedule for this time period.")
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
        source_ids=result["source_ids"],
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


def _is_forgotten(installation: Installation, job: Job) -> bool:
    kept: timedelta = installation.settings["FLEXMEASURES_PLANNING_TTL"]
    if job.ended_at is None or kept < timedelta(0):
        return False
    return installation.now() - job.ended_at > kept


def latest_source(session: Session, job: Job) -> Source | None:
    """The data source to which the job's results belong, once it is finished; the last of them."""
    source_id = (job.result or {}).get("source_id")
    return session.get(Source, source_id) if source_id is not None else None

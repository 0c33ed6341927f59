"""Ask for a forecast, and compute it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta, timezone
from typing import Any

from sqlalchemy.orm import Session

from fmhost.domain.flexibility import Forecaster, ForecastResult, ForecastTask
from fmhost.domain.moments import floor_moment
from fmhost.domain.zones import time_zone
from fmhost.errors import InvalidInput, NotFound
from fmhost.model import Job, Sensor, User
from fmhost.model.job import request_job
from fmhost.services import results
from fmhost.services.installation import Installation
from fmhost.services.reading import StoreReader
from fmhost.services.selection import Choice, by_name, choose

#: Kind of the jobs that compute forecasts, and the queue on which they run.
KIND = "forecast"
QUEUE = "forecasting"


def trigger(
    installation: Installation,
    session: Session,
    *,
    sensor: Sensor,
    start: datetime | None = None,
    duration: timedelta | None = None,
    prior: datetime | None = None,
    forecaster: str | None = None,
    requester: User | None = None,
) -> Job:
    """Check a request for a forecast and write down the job that will compute it.

    The caller commits, and then dispatches the job.

    :param start: start of the first event, floored to the sensor's resolution; default now.
    :param duration: default ``FLEXMEASURES_PLANNING_HORIZON``.
    :param prior: only beliefs recorded up to then are used; default now, or `start` where that
        lies in the past.
    :param forecaster: name of the forecaster, instead of the one that the sensor would get.
    :raises InvalidInput: naming the field.
    """
    now = installation.now()
    arguments = _arguments(
        installation,
        sensor,
        start=start,
        duration=duration,
        prior=prior,
        forecaster=forecaster,
    )
    choice = _choose(installation, sensor, arguments)
    return request_job(
        session,
        kind=KIND,
        queue=QUEUE,
        arguments=arguments,
        requester_user_id=requester.id if requester else None,
        sensor_id=sensor.id,
        asset_id=sensor.generic_asset_id,
        provenance=choice.provenance.as_dict(),
        now=now,
    )


def compute(
    installation: Installation,
    session: Session,
    *,
    sensor: Sensor,
    requester: User | None = None,
    **request: Any,
) -> list[ForecastResult]:
    """Compute a forecast without storing it; the keywords are those of :func:`trigger`.

    :raises InvalidInput: naming the field.
    :raises ComputationFailed: where there is no forecast.
    """
    for optional in ("start", "duration", "prior", "forecaster"):
        request.setdefault(optional, None)
    arguments = _arguments(installation, sensor, **request)
    _, forecaster = _prepare(installation, session, sensor, arguments, requester)
    return list(forecaster.compute())


def run(installation: Installation, job: Job) -> dict[str, Any]:
    """Compute and store the forecast that `job` asks for; the task of the job."""
    with installation.database.reading() as session:
        sensor = session.get(Sensor, job.sensor_id)
        if sensor is None:
            raise NotFound("The sensor to forecast has been deleted.")
        requester = session.get(User, job.requester_user_id) if job.requester_user_id else None
        choice, forecaster = _prepare(installation, session, sensor, job.arguments, requester)
        computed = list(forecaster.compute())
    with installation.database.transaction() as session:
        stored, source = results.store_forecast(
            installation, session, choice, computed, forecaster.task.belief_time
        )
        source_id = source.id
    installation.host.hooks.call("fmhost_forecast_computed", job=job, forecast=computed)
    return {"num-beliefs": stored, "source_id": source_id, "forecaster_info": forecaster.info}


def _arguments(
    installation: Installation,
    sensor: Sensor,
    *,
    start: datetime | None,
    duration: timedelta | None,
    prior: datetime | None,
    forecaster: str | None,
) -> dict[str, Any]:
    """A request as a JSON object: the arguments of the job."""
    now = installation.now()
    if sensor.event_resolution <= timedelta(0):
        raise InvalidInput(
            f"Sensor {sensor.id} is instantaneous; only sensors with a resolution are forecast.",
            field="sensor",
        )
    # Zero is refused below, not replaced by the default.
    length = (
        installation.settings["FLEXMEASURES_PLANNING_HORIZON"] if duration is None else duration
    )
    if length <= timedelta(0):
        raise InvalidInput("The duration must be longer than zero.", field="duration")
    begin = floor_moment(start or now, sensor.event_resolution, time_zone(sensor.timezone))
    # A fixed offset: sums and differences within a zone follow its clock, also where that jumps.
    begin = begin.astimezone(timezone(begin.utcoffset() or timedelta(0)))
    return {
        "start": begin.isoformat(),
        "end": (begin + length).isoformat(),
        "belief_time": (prior or min(now, begin)).isoformat(),
        "forecaster": forecaster,
    }


def _prepare(
    installation: Installation,
    session: Session,
    sensor: Sensor,
    arguments: Mapping[str, Any],
    requester: User | None,
) -> tuple[Choice, Forecaster]:
    """Choose the forecaster, and make it."""
    belief_time = datetime.fromisoformat(arguments["belief_time"])
    choice = _choose(installation, sensor, arguments)
    task = ForecastTask(
        sensor=sensor,
        start=datetime.fromisoformat(arguments["start"]),
        end=datetime.fromisoformat(arguments["end"]),
        resolution=sensor.event_resolution,
        belief_time=belief_time,
        config=choice.config,
    )
    forecaster: Forecaster = choice.driver(task, StoreReader(session, requester, belief_time))
    return choice, forecaster


def _choose(installation: Installation, sensor: Sensor, arguments: Mapping[str, Any]) -> Choice:
    name = arguments["forecaster"]
    return (
        by_name(installation, "forecaster", name)
        if name
        else choose(installation, "forecaster", sensor)
    )

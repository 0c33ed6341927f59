"""Ask for a forecast, compute it, and fetch it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

import numpy as np
from sqlalchemy.orm import Session

from fmhost.beliefs import series
from fmhost.domain.arrays import Floats, to_datetime
from fmhost.domain.durations import Span
from fmhost.domain.flexibility import ForecastResult
from fmhost.errors import NotFound
from fmhost.model import Job, Sensor, User
from fmhost.model.job import request_job
from fmhost.model.job_runs import complete
from fmhost.services import results
from fmhost.services.forecast_config import check_references, divide
from fmhost.services.forecast_requests import Request, make_request
from fmhost.services.forecast_runs import (
    ForecastRun,
    Outcome,
    choose_forecaster,
    described,
    saved_on,
)
from fmhost.services.installation import Installation
from fmhost.services.progress import report_progress
from fmhost.services.reading import StoreReader
from fmhost.services.selection import Choice

#: Kind of the jobs that compute forecasts, and the queue on which they run.
KIND = "forecast"
QUEUE = "forecasting"


def trigger(
    installation: Installation,
    session: Session,
    *,
    sensor: Sensor,
    start: datetime | date | None = None,
    end: datetime | date | None = None,
    duration: timedelta | Span | None = None,
    prior: datetime | None = None,
    max_forecast_horizon: timedelta | None = None,
    forecast_frequency: timedelta | None = None,
    probabilistic: bool = False,
    config: Mapping[str, Any] | None = None,
    sensor_to_save: int | None = None,
    forecaster: str | None = None,
    requester: User | None = None,
) -> Job:
    """Check a request for a forecast and write down the job that will compute it.

    The caller commits, and then dispatches the job.

    :param start: start of the first event, floored to the sensor's resolution; default now.
    :param end: of the last event; a date counts as a whole. Default `start` and `duration`.
    :param duration: default ``FLEXMEASURES_PLANNING_HORIZON``.
    :param prior: only beliefs recorded up to then are used; default now, or `start` where that
        lies in the past.
    :param max_forecast_horizon: how far one forecast looks ahead; default the whole period.
    :param forecast_frequency: how often there is one in the period; default
        `max_forecast_horizon`. What is in the future is forecast once.
    :param probabilistic: whether quantiles are asked for.
    :param config: JSON, see :class:`~fmhost.schemas.forecasts.ForecastConfigSchema`.
    :param sensor_to_save: id of the sensor that gets the results instead; its unit and resolution
        fit.
    :param forecaster: name of the forecaster, instead of the one that the sensor would get.
    :param requester: on whose behalf; None for the operator.
    :raises InvalidInput: naming the field.
    """
    request = make_request(
        installation,
        sensor,
        start=start,
        end=end,
        duration=duration,
        prior=prior,
        max_forecast_horizon=max_forecast_horizon,
        forecast_frequency=forecast_frequency,
        probabilistic=probabilistic,
        config=config,
        sensor_to_save=sensor_to_save,
        forecaster=forecaster,
    )
    choice = choose_forecaster(installation, sensor, request.forecaster)
    reader = StoreReader(session, requester, installation.now())
    check_references(session, requester, reader, request.config)
    divide(choice, sensor, request.config)
    saved_on(reader, sensor, request.sensor_to_save)
    return request_job(
        session,
        kind=KIND,
        queue=QUEUE,
        arguments=request.as_arguments(),
        requester_user_id=requester.id if requester else None,
        sensor_id=sensor.id,
        asset_id=sensor.generic_asset_id,
        provenance=choice.provenance.as_dict(),
        now=installation.now(),
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
    made = make_request(installation, sensor, **request)
    choice = choose_forecaster(installation, sensor, made.forecaster)
    running = _run(session, choice, sensor, made, requester)
    outcomes = [running.outcome(viewpoint) for viewpoint in made.viewpoints]
    return [result for outcome in outcomes for result in outcome.computed]


def run(installation: Installation, job: Job) -> dict[str, Any]:
    """Compute and store the forecast that `job` asks for; the task of the job."""
    request = Request.from_arguments(job.arguments)
    with installation.database.reading() as session:
        sensor = session.get(Sensor, job.sensor_id)
        if sensor is None:
            raise NotFound("The sensor to forecast has been deleted.")
        requester = session.get(User, job.requester_user_id) if job.requester_user_id else None
        choice = choose_forecaster(installation, sensor, request.forecaster)
        running = _run(session, choice, sensor, request, requester)
        outcomes: list[Outcome] = []
        for viewpoint in request.viewpoints:
            report_progress(len(outcomes) / len(request.viewpoints), "computing")
            outcomes.append(running.outcome(viewpoint))
    with installation.database.transaction() as session:
        stored, sources = 0, {}
        for outcome in outcomes:
            added, by = results.store_forecast(
                session, choice, outcome.computed, outcome.viewpoint.belief_time
            )
            stored += added
            sources.update(dict.fromkeys(source.id for source in by))
        ids = list(sources)
        result = {
            "num-beliefs": stored,
            "source_id": ids[0],
            "source_ids": ids,
            "forecaster_info": described(running, outcomes),
        }
        complete(session, job, result, now=installation.now())
    computed = [each for outcome in outcomes for each in outcome.computed]
    installation.host.hooks.call("fmhost_forecast_computed", job=job, forecast=computed)
    return result


@dataclass(frozen=True, slots=True)
class FetchedForecast:
    """A stored forecast.

    :param values: one column per viewpoint, a value per event, in `unit`; NaN where none is known.
    """

    values: Sequence[Floats]
    start: datetime
    duration: timedelta
    unit: str
    forecaster_info: Mapping[str, Any]


def fetch(session: Session, job: Job, sensor: Sensor) -> FetchedForecast:
    """The forecast that `job` stored, read back from its beliefs: what was believed at the time.

    :param sensor: on which it was stored.
    :raises NotFound: where nothing is stored for this sensor and period.
    """
    request = Request.from_arguments(job.arguments)
    result = job.result or {}
    columns = [
        series(
            session,
            sensor,
            viewpoint.start,
            viewpoint.end,
            resolution=sensor.event_resolution or None,
            prior=viewpoint.belief_time,
            source_ids=result["source_ids"],
        ).values
        for viewpoint in request.viewpoints
    ]
    if all(np.isnan(values).all() for values in columns):
        raise NotFound("No known forecast for this time period.")
    return FetchedForecast(
        values=columns,
        start=request.start,
        duration=request.end - request.start,
        unit=sensor.unit,
        forecaster_info=result.get("forecaster_info", {}),
    )


@dataclass(frozen=True, slots=True)
class ForecastValue:
    """A stored value, with the time of the knowledge behind it; aware datetimes."""

    event_start: datetime
    belief_time: datetime
    value: float


def stored_values(session: Session, job: Job, sensor: Sensor) -> list[ForecastValue]:
    """The values that `job` stored, viewpoint by viewpoint; of quantiles the median.

    :param sensor: on which they are stored.
    """
    result = job.result or {}
    found = []
    for viewpoint in Request.from_arguments(job.arguments).viewpoints:
        known = series(
            session,
            sensor,
            viewpoint.start,
            viewpoint.end,
            resolution=sensor.event_resolution or None,
            prior=viewpoint.belief_time,
            source_ids=result["source_ids"],
        )
        found += [
            ForecastValue(to_datetime(tick), viewpoint.belief_time, value)
            for tick, value in zip(known.window.ticks, known.values.tolist(), strict=True)
            if not np.isnan(value)
        ]
    return found


def _run(
    session: Session, choice: Choice, sensor: Sensor, request: Request, requester: User | None
) -> ForecastRun:
    return ForecastRun(
        session,
        choice,
        sensor,
        requester,
        divide(choice, sensor, request.config),
        request.probabilistic,
        request.sensor_to_save,
    )

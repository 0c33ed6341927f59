"""Ask for a forecast, compute it, and fetch it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any

import numpy as np
from sqlalchemy.orm import Session

from fmhost.beliefs import series
from fmhost.domain import units
from fmhost.domain.arrays import Floats
from fmhost.domain.durations import Span
from fmhost.domain.flexibility import Forecaster, ForecastResult, ForecastTask
from fmhost.errors import InvalidInput, NotFound
from fmhost.model import Job, Sensor, User
from fmhost.model.job import request_job
from fmhost.services import results
from fmhost.services.forecast_config import Config, check_references, divide
from fmhost.services.forecast_requests import Request, Viewpoint, make_request
from fmhost.services.installation import Installation
from fmhost.services.reading import StoreReader
from fmhost.services.selection import Choice, by_name, choose

#: Kind of the jobs that compute forecasts, and the queue on which they run.
KIND = "forecast"
QUEUE = "forecasting"

_SAVED = "sensor-to-save"


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
    choice = _choose(installation, sensor, request)
    reader = StoreReader(session, requester, installation.now())
    check_references(session, requester, reader, request.config)
    divide(choice, sensor, request.config)
    _saved_on(reader, sensor, request)
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
    choice = _choose(installation, sensor, made)
    outcomes = _outcomes(session, choice, sensor, made, requester)
    return [result for outcome in outcomes for result in outcome.computed]


def run(installation: Installation, job: Job) -> dict[str, Any]:
    """Compute and store the forecast that `job` asks for; the task of the job."""
    request = Request.from_arguments(job.arguments)
    with installation.database.reading() as session:
        sensor = session.get(Sensor, job.sensor_id)
        if sensor is None:
            raise NotFound("The sensor to forecast has been deleted.")
        requester = session.get(User, job.requester_user_id) if job.requester_user_id else None
        choice = _choose(installation, sensor, request)
        outcomes = list(_outcomes(session, choice, sensor, request, requester))
    with installation.database.transaction() as session:
        stored = 0
        for outcome in outcomes:
            added, source = results.store_forecast(
                installation, session, choice, outcome.computed, outcome.viewpoint.belief_time
            )
            stored += added
        source_id = source.id
    computed = [result for outcome in outcomes for result in outcome.computed]
    installation.host.hooks.call("fmhost_forecast_computed", job=job, forecast=computed)
    info = _info(request, choice, sensor, outcomes)
    return {"num-beliefs": stored, "source_id": source_id, "forecaster_info": info}


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
            source_ids=[result["source_id"]],
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
class _Outcome:
    """What was computed from one viewpoint."""

    viewpoint: Viewpoint
    computed: Sequence[ForecastResult]
    info: dict[str, Any]


def _outcomes(
    session: Session,
    choice: Choice,
    sensor: Sensor,
    request: Request,
    requester: User | None,
) -> Iterator[_Outcome]:
    config = divide(choice, sensor, request.config)
    for viewpoint in request.viewpoints:
        reader = StoreReader(session, requester, viewpoint.belief_time)
        saved = _saved_on(reader, sensor, request)
        task = ForecastTask(
            sensor=sensor,
            start=viewpoint.start,
            end=viewpoint.end,
            resolution=sensor.event_resolution,
            belief_time=viewpoint.belief_time,
            config=config.of_driver,
            probabilistic=request.probabilistic,
        )
        forecaster: Forecaster = choice.driver(task, reader)
        computed = [_finished(each, sensor, saved, config) for each in forecaster.compute()]
        yield _Outcome(viewpoint, computed, forecaster.info)


def _finished(
    result: ForecastResult, sensor: Sensor, saved: Sensor, config: Config
) -> ForecastResult:
    """The result within the limits, for the sensor that is to get it."""
    if result.sensor.id != sensor.id:
        return result
    limited = config.limits.apply(result)
    if saved.id == sensor.id:
        return limited
    values = units.convert(
        limited.values, sensor.unit, saved.unit, event_resolution=result.resolution
    )
    return replace(limited, sensor=saved, values=values)


def _saved_on(reader: StoreReader, sensor: Sensor, request: Request) -> Sensor:
    """The sensor that gets the results.

    :raises InvalidInput: where it may not be written to, or does not fit.
    """
    if request.sensor_to_save is None:
        return sensor
    saved = reader.output_sensor(request.sensor_to_save, field=_SAVED)
    step, own = sensor.event_resolution, saved.event_resolution
    try:
        units.convert(np.empty(0), sensor.unit, saved.unit, event_resolution=step)
    except InvalidInput as error:
        error.field = _SAVED
        raise
    if own and step % own and own % step:
        raise InvalidInput(
            f"A forecast with a step of {step} does not fit the resolution of sensor {saved.id}, "
            f"which is {own}.",
            field=_SAVED,
        )
    return saved


def _info(
    request: Request, choice: Choice, sensor: Sensor, outcomes: Sequence[_Outcome]
) -> dict[str, Any]:
    """What the forecaster says about its work, and what of the request it left aside."""
    infos = [outcome.info for outcome in outcomes]
    info = infos[0] if len(infos) == 1 else {**infos[0], "viewpoints": infos}
    ignored = [f"config.{name}" for name in divide(choice, sensor, request.config).ignored]
    single = all(len(each.probabilities) == 1 for one in outcomes for each in one.computed)
    if request.probabilistic and single:
        ignored.append("probabilistic")
    return {**info, "ignored": ignored} if ignored else info


def _choose(installation: Installation, sensor: Sensor, request: Request) -> Choice:
    return (
        by_name(installation, "forecaster", request.forecaster)
        if request.forecaster
        else choose(installation, "forecaster", sensor)
    )

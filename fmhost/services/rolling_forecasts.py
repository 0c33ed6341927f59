"""Forecasts at fixed horizons: each event as it was, or would have been, forecast so long before.

One job per horizon. The forecast of an event uses only what was known that long before the event's
knowledge time, and is recorded as believed then.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

import numpy as np
from sqlalchemy.orm import Session

from fmhost.domain import knowledge
from fmhost.domain.arrays import duration64, moment64, to_datetime
from fmhost.domain.forecast_horizons import check_horizon, default_horizons
from fmhost.domain.moments import floor_moment
from fmhost.errors import ComputationFailed, InvalidInput, NotFound
from fmhost.model import Job, Sensor, User
from fmhost.model.job import request_job
from fmhost.model.job_runs import complete, hold
from fmhost.services import results
from fmhost.services.forecast_config import check_references, divide
from fmhost.services.forecast_requests import MOST_EVENTS, Viewpoint
from fmhost.services.forecast_runs import (
    ForecastRun,
    Outcome,
    choose_forecaster,
    saved_on,
)
from fmhost.services.installation import Installation
from fmhost.services.progress import report_progress
from fmhost.services.reading import StoreReader
from fmhost.services.rolling_arguments import KIND, QUEUE, Rolling, settled
from fmhost.services.windows import zone_of

#: Events whose viewpoints differ by less than this share of the horizon are forecast together,
#: from the viewpoint of the first.
_TOGETHER = 4


def request_rolling(
    installation: Installation,
    session: Session,
    *,
    sensor: Sensor,
    start: datetime,
    end: datetime,
    horizons: Sequence[timedelta] | None = None,
    forecaster: str | None = None,
    probabilistic: bool = False,
    config: Mapping[str, Any] | None = None,
    sensor_to_save: int | None = None,
    requester: User | None = None,
) -> list[Job]:
    """Write down one job per horizon. The caller commits, and then dispatches the jobs.

    :param start: begin of the first event from which is looked ahead, `end` is excluded; the events
        that are forecast lie a horizon later. Aware datetimes.
    :param horizons: default those that are usual for the sensor's resolution.
    :raises InvalidInput: naming the field.
    """
    step = sensor.event_resolution
    horizons = default_horizons(step) if horizons is None else horizons
    for horizon in horizons:
        check_horizon(horizon, step)
    zone = zone_of(sensor)
    start, end = floor_moment(start, step, zone), floor_moment(end, step, zone)
    if end <= start:
        raise InvalidInput("There is no whole event between start and end.", field="end")
    if (end - start) / step > MOST_EVENTS:
        raise InvalidInput(
            f"A forecast has at most {MOST_EVENTS} events.", field="end", hint="Ask for less."
        )
    choice = choose_forecaster(installation, sensor, forecaster)
    reader = StoreReader(session, requester, installation.now())
    check_references(session, requester, reader, config or {})
    divide(choice, sensor, config or {})
    saved_on(reader, sensor, sensor_to_save)
    return [
        request_job(
            session,
            kind=KIND,
            queue=QUEUE,
            arguments=Rolling(
                start,
                end,
                horizon,
                None,
                forecaster,
                probabilistic,
                dict(config or {}),
                sensor_to_save,
            ).as_arguments(),
            requester_user_id=requester.id if requester else None,
            sensor_id=sensor.id,
            asset_id=sensor.generic_asset_id,
            provenance=choice.provenance.as_dict(),
            now=installation.now(),
        )
        for horizon in horizons
    ]


def run(installation: Installation, job: Job) -> dict[str, Any]:
    """Compute and store the forecasts that `job` asks for; the task of the job.

    :raises ComputationFailed: where no event can be forecast.
    """
    with installation.database.reading() as session:
        sensor = session.get(Sensor, job.sensor_id)
        if sensor is None:
            raise NotFound("The sensor to forecast has been deleted.")
        rolling = settled(session, job, sensor, installation.now())
        requester = session.get(User, job.requester_user_id) if job.requester_user_id else None
        runs = _runs(installation, session, sensor, rolling, requester)
        outcomes = []
        failures = []
        looks = list(viewpoints(sensor, rolling))
        for number, (viewpoint, believed) in enumerate(looks):
            report_progress(number / len(looks), "computing")
            try:
                run, outcome = _first_that_works(runs, viewpoint)
            except ComputationFailed as error:
                failures.append(error)
            else:
                outcomes.append((run, outcome, believed))
    if failures and not outcomes:
        raise failures[-1]
    info = dict(outcomes[-1][1].info) if outcomes else {}
    with installation.database.transaction() as session:
        hold(session, job)
        stored, sources = 0, {}
        for run, outcome, believed in outcomes:
            added, by = results.store_forecast(session, run.choice, outcome.computed, believed)
            stored += added
            sources.update(dict.fromkeys(source.id for source in by))
        result = {
            "num-beliefs": stored,
            "source_ids": list(sources),
            "forecaster_info": {
                **info,
                "viewpoints": len(outcomes),
                "impossible": len(failures),
            },
        }
        complete(session, job, result, now=installation.now())
    computed = [each for _, outcome, _ in outcomes for each in outcome.computed]
    installation.host.hooks.call("fmhost_forecast_computed", job=job, forecast=computed)
    return result


def viewpoints(
    sensor: Sensor, rolling: Rolling
) -> Iterator[tuple[Viewpoint, datetime | timedelta]]:
    """Windows of events with the time of which the knowledge is taken, and when it is believed.

    Where measurements arrived more than one event late, what they say about events still to come is
    believed when they arrived.
    """
    step, horizon = sensor.event_resolution, rolling.horizon
    count = (rolling.end - rolling.start) // step
    first = rolling.start + horizon
    ticks = moment64(first) + np.arange(count) * duration64(step)
    known = knowledge.knowledge_times(
        ticks, step, sensor.knowledge_horizon_fnc, sensor.knowledge_horizon_par
    )
    formed = known - duration64(horizon)
    begin = 0
    if rolling.arrived is not None:
        late = int(np.searchsorted(formed, moment64(rolling.arrived - step)))
        gone = int(np.searchsorted(known, moment64(rolling.arrived), side="right"))
        if gone < late:
            window = first + gone * step, first + late * step
            yield Viewpoint(*window, rolling.arrived), rolling.arrived
        begin = late
    while begin < count:
        reach = formed[begin] + duration64(max(step, horizon / _TOGETHER))
        end = max(begin + 1, int(np.searchsorted(formed, reach)))
        window = first + begin * step, first + end * step
        yield Viewpoint(*window, to_datetime(formed[begin])), horizon
        begin = end


def _runs(
    installation: Installation,
    session: Session,
    sensor: Sensor,
    rolling: Rolling,
    requester: User | None,
) -> list[ForecastRun]:
    """The forecaster of the sensor, and the one that steps in for it."""
    choices = [choose_forecaster(installation, sensor, rolling.forecaster)]
    spare = installation.settings["FMHOST_FALLBACK_FORECASTER"]
    if spare and spare != choices[0].provenance.name:
        choices.append(choose_forecaster(installation, sensor, spare))
    found = []
    for number, choice in enumerate(choices):
        config = divide(choice, sensor, {} if number else rolling.config or {})
        probabilistic = rolling.probabilistic
        found.append(
            ForecastRun(
                session, choice, sensor, requester, config, probabilistic, rolling.sensor_to_save
            )
        )
    return found


def _first_that_works(
    runs: Sequence[ForecastRun], viewpoint: Viewpoint
) -> tuple[ForecastRun, Outcome]:
    """What the first forecaster computes that does not fail.

    :raises ComputationFailed: where all fail: the reason of the first one.
    """
    failure: ComputationFailed | None = None
    for run in runs:
        try:
            outcome = run.outcome(viewpoint)
        except ComputationFailed as error:
            failure = failure or error
            continue
        if failure is not None:
            outcome.info["fallback"] = f"{run.choice.provenance.name}: {failure.message}"
        return run, outcome
    assert failure is not None
    raise failure

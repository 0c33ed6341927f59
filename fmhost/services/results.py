"""Turn what schedulers, forecasters and reporters compute into beliefs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray
from sqlalchemy.orm import Session

from fmhost.beliefs import Beliefs, save
from fmhost.beliefs.bulk import save_all
from fmhost.domain import knowledge, units
from fmhost.domain.arrays import Durations, Moments, duration64, moment64
from fmhost.domain.calendar_days import steps
from fmhost.domain.flexibility import ForecastResult, Scheduler, ScheduleResult
from fmhost.domain.reporting import ReportResult
from fmhost.domain.zones import time_zone
from fmhost.errors import ComputationFailed, NotFound
from fmhost.model import Sensor, Source
from fmhost.model.sensors import load_sensors
from fmhost.model.sources import get_or_create_source
from fmhost.services.installation import Installation
from fmhost.services.selection import Choice

_Result = TypeVar("_Result", ScheduleResult, ForecastResult)

#: Results with a sign of their own, which their sensor remembers: is consumption positive?
OUTPUT_SIGNS = {"consumption_schedule": True, "production_schedule": False}


def measures_power(sensor: Sensor) -> bool:
    """Whether the sensor's unit converts to MW."""
    return units.convertible(sensor.unit, "MW")


def of_scheduler(scheduler: Scheduler, raw: Any) -> list[ScheduleResult]:
    """What a scheduler returned, as a list of results.

    A scheduler may return results, or (the older contract) one series of power for its sensor,
    with one value per step, consumption positive, in the unit of the sensor.

    :raises ComputationFailed: where it is neither; the message names the scheduler.
    """
    name = type(scheduler).__name__
    if raw is None:
        return []
    if isinstance(raw, Sequence) and all(isinstance(item, ScheduleResult) for item in raw):
        for result in raw:
            _require_every_step(name, scheduler, result)
        return list(raw)
    if scheduler.sensor is None:
        raise ComputationFailed(
            f"{name} returned a {type(raw).__name__} for an asset; expected a list of "
            "ScheduleResult."
        )
    try:
        values = np.asarray(raw, dtype=np.float64)
    except (TypeError, ValueError) as error:
        raise ComputationFailed(
            f"{name} returned a {type(raw).__name__}; expected numbers, one per step."
        ) from error
    steps = round((scheduler.end - scheduler.start) / scheduler.resolution)
    if values.shape != (steps,):
        raise ComputationFailed(
            f"{name} returned an array of shape {values.shape}; expected {steps} values, one per "
            f"step of {scheduler.resolution}."
        )
    return [
        ScheduleResult(
            sensor=scheduler.sensor,
            start=scheduler.start,
            resolution=scheduler.resolution,
            values=values,
            unit=scheduler.sensor.unit,
        )
    ]


def _require_every_step(name: str, scheduler: Scheduler, result: ScheduleResult) -> None:
    """:raises ComputationFailed: where a series of power leaves out steps or goes beyond them."""
    expected = round((scheduler.end - scheduler.start) / result.resolution)
    if result.name == "storage_schedule" and result.values.shape != (expected,):
        raise ComputationFailed(
            f"{name} returned an array of shape {result.values.shape} for sensor "
            f"{result.sensor.id}; expected {expected} values, one per step of {result.resolution}."
        )


def store_schedule(
    session: Session,
    choice: Choice,
    scheduler: Scheduler,
    computed: Sequence[ScheduleResult],
    belief_time: datetime,
) -> tuple[int, Source]:
    """Store the results as beliefs held at `belief_time`.

    Power is stored production positive, unless the sensor says ``consumption_is_positive``; but a
    ``consumption_schedule`` or ``production_schedule`` as it is, and its sensor says so from then
    on.

    :return: the number of beliefs that say something new, and their source.
    """
    source = _source(session, choice, "scheduler", fallback=bool(scheduler.info.get("fallback")))
    ids = [result.sensor.id for result in computed]
    kept = load_sensors(session, ids)  # all at once; the session alone would forget them
    parts = []
    for result in _in_order(computed):
        sensor = _as_stored(session, result.sensor)
        values = units.convert(
            result.values, result.unit, sensor.unit, event_resolution=result.resolution
        )
        if result.name == "storage_schedule" and not sensor.get_attribute(
            "consumption_is_positive", False
        ):
            values = -values
        if result.name in OUTPUT_SIGNS:
            sensor.set_attribute("consumption_is_positive", OUTPUT_SIGNS[result.name])
        beliefs = _beliefs(
            sensor,
            source,
            result.start,
            result.resolution,
            values,
            belief_time,
            decimals=scheduler.round_to_decimals,
        )
        parts.append((sensor, beliefs))
    del kept
    return save_all(session, parts, overwrite=True), source


def _in_order(computed: Sequence[_Result]) -> list[_Result]:
    """Results by sensor, so that two jobs about the same sensors do not wait for each other."""
    return sorted(computed, key=lambda result: result.sensor.id)


def store_forecast(
    session: Session,
    choice: Choice,
    computed: Sequence[ForecastResult],
    belief_time: datetime | timedelta,
) -> tuple[int, list[Source]]:
    """Store the results as beliefs held at `belief_time`; they have the sensor's unit and sign.

    :param belief_time: when they were believed; or how long before each event was known.
    :return: the number of beliefs that say something new, and their sources.
    """
    sources = {
        result.model: _source(session, choice, "forecaster", result.model) for result in computed
    } or {None: _source(session, choice, "forecaster")}
    stored = 0
    for result in _in_order(computed):
        source = sources[result.model]
        sensor = _as_stored(session, result.sensor)
        columns = result.values.reshape(len(result.values), -1)
        # One call, because a distribution is compared with the one before it as a whole.
        distribution = Beliefs.joined(
            [
                _beliefs(
                    sensor,
                    source,
                    result.start,
                    result.resolution,
                    columns[:, index],
                    belief_time,
                    probability=probability,
                )
                for index, probability in enumerate(result.probabilities)
            ]
        )
        stored += _keep(session, sensor, distribution)
    return stored, list(sources.values())


def store_report(
    session: Session,
    source: Source,
    computed: Sequence[ReportResult],
    believed: datetime | timedelta,
) -> int:
    """Store the results as beliefs of `source`; they have their sensor's unit and sign.

    :param believed: when they are believed; or how long before each event is known.
    :return: the number of beliefs that say something new.
    """
    stored = 0
    for result in sorted(computed, key=lambda result: result.sensor.id):
        sensor = _as_stored(session, result.sensor)
        beliefs = _beliefs(sensor, source, result.start, result.resolution, result.values, believed)
        stored += _keep(session, sensor, beliefs)
    return stored


def source_of_reporter(
    installation: Installation,
    session: Session,
    choice: Choice,
    config: Mapping[str, Any] | None = None,
) -> Source:
    """The source of a reporter's results, made where it is missing; the setting has its name.

    :param config: the configuration, as JSON, where the source is to keep it.
    """
    generator = {} if config is None else {"data_generator": {"config": dict(config)}}
    name = installation.settings["FLEXMEASURES_DEFAULT_DATASOURCE"]
    return _source(session, choice, "reporter", name=name, attributes=generator)


def _keep(session: Session, sensor: Sensor, beliefs: Beliefs) -> int:
    """Store computed beliefs; how many say something new.

    What was computed anew for the same moment of belief, with other data or another configuration,
    takes the place of what the same source said before.
    """
    saved = save(session, sensor, beliefs, overwrite=True)
    return saved.stored + saved.replaced


def _as_stored(session: Session, sensor: Sensor) -> Sensor:
    """The sensor as it is now; what the computation worked with may be out of date.

    :raises NotFound: where it has been deleted in the meantime.
    """
    found = session.get(Sensor, sensor.id)
    if found is None:
        raise NotFound(
            f"Sensor {sensor.id} has been deleted, so that results for it cannot be stored."
        )
    return found


def _source(
    session: Session,
    choice: Choice,
    source_type: str,
    model: str | None = None,
    *,
    fallback: bool = False,
    name: str | None = None,
    attributes: Mapping[str, Any] | None = None,
) -> Source:
    described = choice.driver.get_data_source_info()
    return get_or_create_source(
        session,
        name or described["name"],
        source_type=source_type,
        model=model or described["model"],
        version=described["version"],
        attributes={
            "distribution": choice.provenance.distribution,
            "distribution_version": choice.provenance.version,
            **({"fallback": True} if fallback else {}),
            **(attributes or {}),
        },
    )


def sources_of_drivers(installation: Installation, session: Session, kind: str) -> list[Source]:
    """The sources under which the results of all drivers of a kind are stored, made where missing.

    :param kind: ``scheduler``, ``forecaster`` or ``reporter``.
    :raises PluginError: where a driver cannot be loaded.
    """
    choices = [
        Choice(*installation.host.registry.get(kind, name), {}, "listed")
        for name in installation.host.registry.names(kind)
    ]
    if kind == "reporter":
        return [source_of_reporter(installation, session, choice) for choice in choices]
    return [_source(session, choice, kind) for choice in choices]


def _beliefs(
    sensor: Sensor,
    source: Source,
    start: datetime,
    resolution: timedelta,
    values: NDArray[np.float64],
    belief_time: datetime | timedelta,
    *,
    probability: float = 0.5,
    decimals: int | None = None,
) -> Beliefs:
    """One value per event from `start` on; missing ones (NaN) are left out."""
    if sensor.event_resolution not in (timedelta(0), resolution):
        values = _regrid(values, resolution, sensor.event_resolution)
        resolution = sensor.event_resolution
    zone = time_zone(sensor.timezone, field="timezone")
    event_start = steps(moment64(start), resolution, len(values), zone)
    known = ~np.isnan(values)
    event_start, values = event_start[known], values[known]
    if decimals is not None:
        values = np.round(values, decimals) + 0.0  # + 0.0 turns -0.0 into 0.0
    return Beliefs(
        event_start=event_start,
        belief_horizon=_horizons(sensor, event_start, belief_time),
        source_id=np.full(len(values), source.id, dtype=np.int64),
        cumulative_probability=np.full(len(values), probability),
        event_value=values,
    )


def _horizons(sensor: Sensor, event_start: Moments, belief_time: datetime | timedelta) -> Durations:
    if isinstance(belief_time, timedelta):
        return np.full(len(event_start), duration64(belief_time))
    known_at = knowledge.knowledge_times(
        event_start,
        sensor.event_resolution,
        sensor.knowledge_horizon_fnc,
        sensor.knowledge_horizon_par,
    )
    return knowledge.belief_horizons(known_at, belief_time)


def _regrid(
    values: NDArray[np.float64], resolution: timedelta, wanted: timedelta
) -> NDArray[np.float64]:
    """Repeat or average, where one resolution is a multiple of the other.

    :raises ComputationFailed: where it is not, or the values do not fill the last event.
    """
    if resolution % wanted == timedelta(0):
        return np.repeat(values, resolution // wanted)
    ratio, rest = divmod(wanted, resolution)
    if rest or len(values) % ratio:
        raise ComputationFailed(
            f"A result with a step of {resolution} does not fit the sensor's resolution of "
            f"{wanted}."
        )
    return np.asarray(values.reshape(-1, ratio).mean(axis=1))

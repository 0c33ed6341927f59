"""Have a forecaster compute, from one viewpoint after another."""

from __future__ import annotations

from collections.abc import MutableMapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

import numpy as np
from sqlalchemy.orm import Session

from fmhost.domain import knowledge, units
from fmhost.domain.arrays import moment64
from fmhost.domain.flexibility import Forecaster, ForecastResult, ForecastTask
from fmhost.errors import InvalidInput
from fmhost.model import Sensor, User
from fmhost.services.forecast_config import Config
from fmhost.services.forecast_requests import Viewpoint
from fmhost.services.installation import Installation
from fmhost.services.reading import StoreReader
from fmhost.services.selection import Choice, by_name, choose

_SAVED = "sensor-to-save"
#: How far around a belief time is looked for the last event that can be known then.
_KNOWN_WITHIN = timedelta(days=8)


def choose_forecaster(installation: Installation, sensor: Sensor, name: str | None) -> Choice:
    """The forecaster of that name, or else the one that serves the sensor.

    :raises InvalidInput: where it is not available.
    """
    if name:
        return by_name(installation, "forecaster", name)
    return choose(installation, "forecaster", sensor)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What was computed from one viewpoint.

    :param info: what the forecaster says about its work.
    """

    viewpoint: Viewpoint
    computed: Sequence[ForecastResult]
    info: dict[str, Any]


@dataclass(frozen=True)
class ForecastRun:
    """One forecaster and one sensor, for as many viewpoints as one likes.

    :param requester: on whose behalf; None for the operator.
    :param saved_on: id of the sensor that gets the results instead.
    """

    session: Session
    choice: Choice
    sensor: Sensor
    requester: User | None
    config: Config
    probabilistic: bool = False
    saved_on: int | None = None
    _memory: MutableMapping[Any, Any] = field(default_factory=dict)

    def outcome(self, viewpoint: Viewpoint) -> Outcome:
        """The forecast of the window that the viewpoint has.

        :raises ComputationFailed: where there is none.
        """
        sensor = self.sensor
        reader = StoreReader(self.session, self.requester, viewpoint.belief_time, self._memory)
        saved = saved_on(reader, sensor, self.saved_on)
        task = ForecastTask(
            sensor=sensor,
            start=viewpoint.start,
            end=viewpoint.end,
            resolution=sensor.event_resolution,
            belief_time=viewpoint.belief_time,
            config=self.config.of_driver,
            probabilistic=self.probabilistic,
            known_until=known_until(sensor, viewpoint),
        )
        forecaster: Forecaster = self.choice.driver(task, reader)
        computed = [self._finished(each, saved) for each in forecaster.compute()]
        return Outcome(viewpoint, computed, forecaster.info)

    def _finished(self, result: ForecastResult, saved: Sensor) -> ForecastResult:
        """The result within the limits, for the sensor that is to get it."""
        if result.sensor.id != self.sensor.id:
            return result
        limited = self.config.limits.apply(result)
        if saved.id == self.sensor.id:
            return limited
        values = units.convert(
            limited.values, self.sensor.unit, saved.unit, event_resolution=result.resolution
        )
        return replace(limited, sensor=saved, values=values)


def saved_on(reader: StoreReader, sensor: Sensor, other: int | None) -> Sensor:
    """The sensor that gets the results.

    :raises InvalidInput: where it may not be written to, or does not fit.
    """
    if other is None:
        return sensor
    saved = reader.output_sensor(other, field=_SAVED)
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


def known_until(sensor: Sensor, viewpoint: Viewpoint) -> datetime:
    """Start of the first event of the sensor that cannot be measured yet at a viewpoint.

    Events are those of the grid on which the window starts. What lies in the window itself counts
    only where it was known before it began, as prices are.
    """
    step = sensor.event_resolution
    believed = viewpoint.belief_time
    first = -((viewpoint.start - believed + _KNOWN_WITHIN) // step)
    last = -((viewpoint.start - believed - _KNOWN_WITHIN) // step)
    ticks = moment64(viewpoint.start) + np.arange(first, last + 1) * np.timedelta64(
        step // timedelta(microseconds=1), "us"
    )
    known_at = knowledge.knowledge_times(
        ticks, step, sensor.knowledge_horizon_fnc, sensor.knowledge_horizon_par
    )
    known = np.flatnonzero(known_at <= moment64(min(believed, viewpoint.start)))
    steps = first + (int(known[-1]) + 1 if len(known) else 0)
    return viewpoint.start + step * steps


def described(run: ForecastRun, outcomes: Sequence[Outcome]) -> dict[str, Any]:
    """What the forecaster says about its work, and what of the request it left aside."""
    infos = [outcome.info for outcome in outcomes]
    info = infos[0] if len(infos) == 1 else {**infos[0], "viewpoints": infos}
    ignored = [f"config.{name}" for name in run.config.ignored]
    single = all(len(each.probabilities) == 1 for one in outcomes for each in one.computed)
    if run.probabilistic and single:
        ignored.append("probabilistic")
    return {**info, "ignored": ignored} if ignored else info

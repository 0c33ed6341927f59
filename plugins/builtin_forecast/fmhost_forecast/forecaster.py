"""The forecaster that is used where nobody chooses another one."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import numpy as np

from fmhost.plugin import Forecaster, ForecastResult
from fmhost_forecast.bounds import bounds, dark
from fmhost_forecast.config import (
    DEFAULT_QUANTILES,
    DEFAULT_RETRAIN_FREQUENCY,
    RegressionConfigSchema,
    train_period,
)
from fmhost_forecast.features import LOOKBACK_DAYS, Inputs
from fmhost_forecast.memory import fitted
from fmhost_forecast.naive import SeasonalNaiveForecaster
from fmhost_forecast.sources import Sources, floored
from fmhost_forecast.timeline import DAY, Floats, Integers

#: A model needs so much history, and with so much of it, it is used for a while.
LEAST_HISTORY = timedelta(days=2)
ENOUGH_TO_KEEP = timedelta(days=28)


class RegressionForecaster(Forecaster):
    """Regression on the calendar, the sun, the weather and earlier values, for each day ahead.

    What was lately wrong is corrected as far as it will last. Its quantiles come from how far off
    it would have been in the history. With less than two days of history it repeats the last day,
    and says so.
    """

    __author__ = "fmhost"
    __version__ = "1"
    config_schema = RegressionConfigSchema

    def compute(self) -> list[ForecastResult]:
        """Medians, or quantiles where they are asked for; in the sensor's unit.

        :raises ComputationFailed: where there is not even a day of history.
        """
        task = self.task
        begin = task.start.astimezone(UTC)
        belief_time = task.belief_time.astimezone(UTC)
        until = (task.known_until or min(belief_time, begin)).astimezone(UTC)
        until = begin - (begin - until) // task.resolution * task.resolution
        sources = Sources.of(task, self.reader)
        lookback = begin - (LOOKBACK_DAYS * DAY // task.resolution + 1) * task.resolution
        recent = sources.read(lookback, task.end, until=until, prior=belief_time)
        known = np.flatnonzero(~np.isnan(recent.values))
        history = self._training(sources, until, belief_time) if len(known) else None
        if history is None:
            return self._naive("Less than two days of history are known.")
        model = fitted(history, self._longest(until))
        earliest = min(int(known[0]), round((begin - lookback) / task.resolution))
        recent = recent.part(earliest, recent.timeline.size)
        known -= earliest
        origin = int(known[-1])
        first = round((begin - recent.timeline.start) / task.resolution)
        targets = np.arange(first, recent.timeline.size)
        quantiles = tuple(task.config.get("quantiles", DEFAULT_QUANTILES))
        median, spread = model.forecast(recent, origin, targets, quantiles)
        values = spread if task.probabilistic else median[:, None]
        values = self._possible(history, recent, values, targets)
        if sources.assumed:
            self.info["assumed"] = sources.assumed
        self.info["last-known"] = (
            recent.timeline.start + task.resolution * (origin + 1)
        ).isoformat()
        if not task.probabilistic:
            return [ForecastResult(task.sensor, task.start, task.resolution, values[:, 0])]
        return [ForecastResult(task.sensor, task.start, task.resolution, values, quantiles)]

    def _training(self, sources: Sources, until: datetime, belief_time: datetime) -> Inputs | None:
        """The history for the model of this viewpoint; None where there is too little."""
        task = self.task
        every = task.config.get("retrain_frequency", DEFAULT_RETRAIN_FREQUENCY)
        trained_at = floored(belief_time, every)
        # The same distance from the time of training to its last event as at the viewpoint.
        back = -(-(belief_time - trained_at) // task.resolution) * task.resolution
        history = self._history(sources, until - back, trained_at)
        if history is None or _span(history) < ENOUGH_TO_KEEP:
            trained_at = belief_time
            history = self._history(sources, until, belief_time)
        if history is None or _span(history) < LEAST_HISTORY:
            return None
        self.info["model"] = "regression"
        self.info["trained-at"] = trained_at.isoformat()
        self.info["history-days"] = round(_span(history) / DAY, 1)
        self.info["regressors"] = [each.sensor_id for each in sources.weather]
        return history

    def _longest(self, until: datetime) -> int:
        """How many events ahead the model has to see.

        Whole days, two at least, so that windows of different lengths share a model.
        """
        days = max(2, -((until - self.task.end) // DAY))
        return max(1, round(days * DAY / self.task.resolution))

    def _history(self, sources: Sources, until: datetime, prior: datetime) -> Inputs | None:
        """The history of a model, without what lies before the first measurement."""
        task = self.task
        length = train_period(task.config)
        start = until - length // task.resolution * task.resolution
        if "train_start" in task.config:
            earliest = task.config["train_start"].astimezone(UTC)
            start = max(start, until - (until - earliest) // task.resolution * task.resolution)
        if start >= until:
            return None
        key = ("history", task.sensor.id, start, until, prior, sources.names)
        memory = self.reader.memory
        if key not in memory:
            memory[key] = _begun(sources, start, until, prior)
        found: Inputs | None = memory[key]
        return found

    def _possible(
        self, history: Inputs, recent: Inputs, values: Floats, targets: Integers
    ) -> Floats:
        """The values within what can be, ascending, and as they are known where they are."""
        low, high = bounds(self.task.sensor, history)
        values = np.sort(np.clip(values, low, high), axis=1)
        night = dark(recent, slice(targets[0], None))[:, None]
        values = np.where(np.isnan(night), values, night)
        known = recent.values[targets][:, None]
        return np.where(np.isnan(known), values, known)

    def _naive(self, reason: str) -> list[ForecastResult]:
        """What the simpler forecaster says, under its own name."""
        simpler = SeasonalNaiveForecaster(self.task, self.reader)
        computed = simpler.compute()
        self.info.update(simpler.info, forecaster=type(self).__name__)
        self.info["fallback"] = f"{type(simpler).__name__}: {reason}"
        return [
            ForecastResult(
                each.sensor,
                each.start,
                each.resolution,
                each.values,
                each.probabilities,
                model=type(simpler).__name__,
            )
            for each in computed
        ]


def _begun(sources: Sources, start: datetime, until: datetime, prior: datetime) -> Inputs | None:
    found = sources.read(start, until, until=until, prior=prior)
    known = np.flatnonzero(~np.isnan(found.values))
    if not len(known):
        return None
    return found.part(int(known[0]), int(known[-1]) + 1)


def _span(history: Inputs) -> timedelta:
    return history.timeline.step * history.timeline.size

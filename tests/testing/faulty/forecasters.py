"""A sound forecaster, and others that are the same but for one fault each."""

from __future__ import annotations

from datetime import timedelta

import numpy as np
from sqlalchemy.orm import object_session

from fmhost.beliefs import series
from fmhost.plugin import ComputationFailed, Forecaster, ForecastResult, units
from fmhost.testing import ForecasterConformance

WEEK = timedelta(days=7)
PROBABILITIES = (0.1, 0.5, 0.9)


class Sound(Forecaster):
    """The quantiles of the last week, for each hour of the day (UTC)."""

    __author__ = "Acme"
    __version__ = "3"

    def compute(self):
        task = self.task
        steps = (task.end - task.start) // task.resolution
        history = self.history(task.start - WEEK, task.start)
        if np.isnan(history).all():
            return self.refuse(steps)
        days = history.reshape(7, 24)
        values = np.nanquantile(days, PROBABILITIES, axis=0).T
        return self.results(values[np.arange(steps) % 24])

    def history(self, start, end):
        sensor = self.task.sensor
        return self.reader.values(
            sensor, start, end, resolution=self.task.resolution, unit=sensor.unit
        )

    def refuse(self, steps):
        raise ComputationFailed("There is no history.")

    def results(self, values):
        task = self.task
        return [ForecastResult(task.sensor, task.start, task.resolution, values, PROBABILITIES)]


class TestSound(ForecasterConformance):
    forecaster = Sound


class TestPeeks(ForecasterConformance):
    class forecaster(Sound):
        def history(self, start, end):
            return series(object_session(self.task.sensor), self.task.sensor, start, end).values


class TestRolledDice(ForecasterConformance):
    class forecaster(Sound):
        def results(self, values):
            return super().results(values + np.random.default_rng().normal(0, 1e-12))


class TestQuantilesDescend(ForecasterConformance):
    class forecaster(Sound):
        def results(self, values):
            return super().results(values[:, ::-1])


class TestForgetsTheLastEvent(ForecasterConformance):
    class forecaster(Sound):
        def results(self, values):
            return super().results(values[:-1])


class TestEveryDayHas24Hours(ForecasterConformance):
    class forecaster(Sound):
        def results(self, values):
            return super().results(np.resize(values, (24, 3)))


class TestZeroWithoutHistory(ForecasterConformance):
    class forecaster(Sound):
        def refuse(self, steps):
            return self.results(np.zeros((steps, 3)))


class TestCrashesWithoutHistory(ForecasterConformance):
    class forecaster(Sound):
        def refuse(self, steps):
            raise IndexError("index 0 is out of bounds")


class TestSilentAboutGaps(ForecasterConformance):
    class forecaster(Sound):
        def history(self, start, end):
            known = super().history(start, end)
            yesterday = np.roll(known, 12)[-24:]  # of the last 12 hours nothing is known yet
            return np.tile(yesterday, 7)


class TestAlwaysKilowatts(ForecasterConformance):
    class forecaster(Sound):
        def results(self, values):
            return super().results(units.convert(values, self.task.sensor.unit, "kW"))


class TestTurnsTheSign(ForecasterConformance):
    class forecaster(Sound):
        def results(self, values):
            return super().results(-values[:, ::-1])

"""Sensors whose beliefs are in memory, each with the time of its recording."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

import numpy as np
import pytest

from fmhost.plugin import ForecastTask
from fmhost_forecast.forecaster import RegressionForecaster

HOUR = timedelta(hours=1)
DAY = timedelta(days=1)


class World:
    """A sensor of a load, and others that may tell something about it.

    It is a reader itself; what it gives is what was recorded up to its belief time.
    """

    def __init__(self):
        self.belief_time = datetime(2026, 6, 10, tzinfo=UTC)
        self.beliefs = {}
        self.sensors = {}
        self.holidays = []
        self.memory = {}
        self.load = self.add(7, "load", unit="kW")

    def add(self, number, name, *, unit="°C", zone="Europe/Amsterdam", location=None, **attributes):
        sensor = SimpleNamespace(
            id=number,
            name=name,
            unit=unit,
            timezone=zone,
            location=location,
            attributes=attributes,
            get_attribute=lambda key, default=None: attributes.get(key, default),
        )
        self.sensors[number] = sensor
        self.beliefs[number] = []
        return sensor

    def record(self, sensor, start, values, *, step=HOUR, recorded=None, source_type="gateway"):
        """Store one value per step; each recorded when it ends unless `recorded` says."""
        rows = self.beliefs[sensor.id]
        for number, value in enumerate(values):
            moment = start + step * number
            rows.append((moment, recorded or moment + step, source_type, float(value)))

    def sensor(self, sensor_id, *, field):
        return self.sensors[sensor_id]

    def closest(self, sensor, name):
        return next((each for each in self.sensors.values() if each.name == name), None)

    def values(
        self,
        sensor,
        start,
        end,
        *,
        resolution,
        unit,
        exclude_source_types=None,
        prior=None,
        horizon=None,
        **filters,
    ):
        assert unit == sensor.unit
        result = np.full(round((end - start) / resolution), np.nan)
        newest = {}
        latest = min(prior or self.belief_time, self.belief_time)
        for moment, recorded, source_type, value in self.beliefs[sensor.id]:
            position = (moment - start) // resolution
            if (
                0 <= position < len(result)
                and recorded <= latest
                and source_type not in (exclude_source_types or ())
                and (horizon is None or moment + resolution - recorded >= horizon)
                and recorded >= newest.get(position, recorded)
            ):
                newest[position] = recorded
                result[position] = value
        return result

    def annotated(self, entity, start, end, *, resolution, kind="holiday", content=None):
        steps = round((end - start) / resolution)
        moments = [start + resolution * step for step in range(steps)]
        return np.array([float(each.date() in self.holidays) for each in moments])

    def forecaster(self, start=None, *, hours=48, step=HOUR, made=RegressionForecaster, **task):
        start = start or self.belief_time
        config = made.config_schema().load(task.pop("config", {}))
        return made(
            ForecastTask(
                self.load, start, start + hours * HOUR, step, self.belief_time, config, **task
            ),
            self,
        )

    def forecast(self, start=None, **options):
        (result,) = self.forecaster(start, **options).compute()
        return result.values


@pytest.fixture
def world():
    return World()

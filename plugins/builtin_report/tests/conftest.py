"""Sensors whose values are in memory, and reporters that read them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

import numpy as np
import pytest

from fmhost.plugin import ReportInput, ReportOutput, ReportTask, units

HOUR = timedelta(hours=1)
START = datetime(2026, 3, 1, 23, tzinfo=UTC)  # midnight in Amsterdam


class World:
    """Sensors by id; it is the reader of its reporters."""

    def __init__(self):
        self.known = {}
        self.sources_of = {}

    def add(self, unit="kW", values=(), *, step=HOUR, sources=(1,), **attributes):
        number = len(self.known) + 1
        sensor = SimpleNamespace(
            id=number,
            unit=unit,
            timezone="Europe/Amsterdam",
            event_resolution=step,
            get_attribute=lambda key, default=None: attributes.get(key, default),
        )
        self.known[number] = (sensor, np.array(values, dtype=float))
        self.sources_of[number] = sources
        return sensor

    def sensor(self, sensor_id, *, field):
        return self.known[sensor_id][0]

    def values(self, sensor, start, end, *, resolution, unit, **filters):
        """As stored; coarser values are repeated, finer ones averaged."""
        own = sensor.event_resolution
        values = units.convert(self.known[sensor.id][1], sensor.unit, unit, event_resolution=own)
        if own > resolution:
            values = np.repeat(values, own // resolution)
        elif own < resolution:
            values = values.reshape(-1, resolution // own).mean(axis=1)
        found = np.full((end - start) // resolution, np.nan)
        found[: len(values)] = values[: len(found)]
        return found

    def sources(self, sensor, start, end, **filters):
        return list(self.sources_of[sensor.id])

    def task(self, inputs, outputs, *, hours=4, step=HOUR, **more):
        """The task; inputs and outputs are sensors by name."""
        return ReportTask(
            inputs=[ReportInput(name, sensor) for name, sensor in inputs.items()],
            outputs=[ReportOutput(name, sensor) for name, sensor in outputs.items()],
            start=START,
            end=START + hours * HOUR,
            resolution=step,
            zone="Europe/Amsterdam",
            belief_time=START,
            **more,
        )

    def made(self, reporter, inputs, outputs, config=None, *, settings=None, **more):
        """A reporter that has checked its configuration, given as JSON."""
        loaded = reporter.config_schema().load(config or {})
        found = reporter(self.task(inputs, outputs, config=loaded, **more), self, settings)
        found.check()
        return found

    def report(self, reporter, inputs, outputs, config=None, **more):
        """The values of each result, by its name."""
        results = self.made(reporter, inputs, outputs, config, **more).compute()
        return {each.name: each.values.tolist() for each in results}


@pytest.fixture
def world():
    return World()

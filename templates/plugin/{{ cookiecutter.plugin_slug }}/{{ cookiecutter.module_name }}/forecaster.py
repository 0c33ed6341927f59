"""A forecaster; replace what ``compute`` does by your own."""

from __future__ import annotations

from datetime import timedelta

import numpy as np
from fmhost.plugin import ComputationFailed, Forecaster, ForecastResult

#: How far back a value may lie.
LOOK_BACK = timedelta(days=7)


class {{ cookiecutter.__class_prefix }}Forecaster(Forecaster):
    """Repeats the last value that was known."""

    __author__ = "{{ cookiecutter.author_name or cookiecutter.plugin_name }}"
    __version__ = "1"

    def compute(self) -> list[ForecastResult]:
        """One value per event, in the sensor's unit.

        :raises ComputationFailed: where nothing is known.
        """
        task = self.task
        # The reader gives nothing that was recorded after the belief time of the forecast.
        history = self.reader.values(
            task.sensor,
            task.start - LOOK_BACK,
            task.start,
            resolution=task.resolution,
            unit=task.sensor.unit,
        )
        known = history[~np.isnan(history)]
        if known.size == 0:
            raise ComputationFailed(
                f"Sensor {task.sensor.id} has no values in the {LOOK_BACK.days} days before "
                f"{task.start.isoformat()}.",
                hint="Record some data first.",
            )
        steps = round((task.end - task.start) / task.resolution)
        values = np.full(steps, known[-1])
        return [ForecastResult(task.sensor, task.start, task.resolution, values)]

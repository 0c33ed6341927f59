"""Run a forecaster over a series in memory."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from types import SimpleNamespace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fmhost.plugin import Forecaster, ForecastTask
from real_series.series import Series


@dataclass
class Reader:
    """What is known of a series: measurements when their event is over, the weather always."""

    series: Series
    belief_time: datetime
    memory: dict[Any, Any] = field(default_factory=dict)

    def sensor(self, sensor_id: int, *, field: str) -> Any:
        """The series itself has the id 0; the others are its weather."""
        series = self.series
        return SimpleNamespace(
            id=sensor_id,
            name=series.name if sensor_id == 0 else f"weather {sensor_id}",
            unit=series.unit if sensor_id == 0 else "1",
            timezone=series.zone,
            location=series.place,
            get_attribute=lambda name, default=None: default,
        )

    def closest(self, sensor: Any, name: str) -> None:
        """Nobody names sensors here."""

    def annotated(
        self, entity: Any, start: datetime, end: datetime, *, resolution: timedelta, **_: Any
    ) -> NDArray[np.float64]:
        """No holidays."""
        return np.zeros(round((end - start) / resolution))

    def values(
        self,
        sensor: Any,
        start: datetime,
        end: datetime,
        *,
        resolution: timedelta,
        unit: str,
        prior: datetime | None = None,
        horizon: timedelta | None = None,
        **_: Any,
    ) -> NDArray[np.float64]:
        """One value per step."""
        series = self.series
        whole = series.values if sensor.id == 0 else series.weather[sensor.id - 1]
        first = round((start - series.start) / resolution)
        found = np.full(round((end - start) / resolution), np.nan)
        begin, stop = max(first, 0), min(first + len(found), len(whole))
        if begin < stop:
            found[begin - first : stop - first] = whole[begin:stop]
        if sensor.id == 0:
            latest = min(self.belief_time, prior or self.belief_time)
            found[max(0, (latest - start) // resolution) :] = np.nan
        return found


def forecast(
    made: type[Forecaster],
    series: Series,
    moments: Sequence[datetime],
    ahead: Sequence[int],
    **config: Any,
) -> NDArray[np.float64]:
    """Quantiles (or single values) at each moment, so many events ahead: (moments, ahead, ...)."""
    schema = made.config_schema
    weather = list(range(1, len(series.weather) + 1))
    given = schema().load({"regressors": weather, **config}) if schema else {}
    rows = []
    memory: dict[Any, Any] = {}
    for moment in moments:
        reader = Reader(series, moment, memory)
        task = ForecastTask(
            sensor=reader.sensor(0, field="sensor"),
            start=moment,
            end=moment + series.step * max(ahead),
            resolution=series.step,
            belief_time=moment,
            config=given,
            probabilistic=True,
        )
        (result,) = made(task, reader).compute()
        rows.append(result.values.reshape(max(ahead), -1)[[each - 1 for each in ahead]])
    return np.stack(rows)

"""A forecaster without a model: what was measured a week or a day ago will happen again."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray

from fmhost.plugin import ComputationFailed, Forecaster, ForecastResult

#: Periods that are tried, longest first [days].
PERIODS = (7, 1)

#: Results of computations are no measurements.
COMPUTED = ("forecaster", "scheduler")

#: A period is used where it gives a value for at least this share of the events.
ENOUGH = 0.9


def earlier_events(
    events: Sequence[datetime], known_until: datetime, days: int, zone: ZoneInfo
) -> list[datetime]:
    """For each event the latest one at the same local time, whole periods earlier, already known.

    Local time, so that a load that follows people's clocks stays in step across a change to or
    from daylight saving time.

    :param known_until: an earlier event must start before this moment.
    :param days: length of the period [days].
    """
    found = []
    for event in events:
        local = event.astimezone(zone)
        periods = 1
        while (earlier := local - timedelta(days=days * periods)) >= known_until:
            periods += 1
        found.append(earlier.astimezone(UTC))
    return found


class SeasonalNaiveForecaster(Forecaster):
    """Repeats the last known week; with less than a week of history, the last known day.

    It has no weather, no trend and no uncertainty: the baseline that a better forecaster has to
    beat.
    """

    __author__ = "fmhost"
    __version__ = "1"

    def compute(self) -> list[ForecastResult]:
        """One deterministic value per event, in the sensor's unit.

        :raises ComputationFailed: where there is not even a day of history.
        """
        task = self.task
        steps = round((task.end - task.start) / task.resolution)
        start = task.start.astimezone(UTC)
        events = [start + task.resolution * step for step in range(steps)]
        known_until = task.known_until or min(task.belief_time, task.start)
        known_until = known_until.astimezone(UTC)
        zone = ZoneInfo(task.sensor.timezone)
        values: NDArray[np.float64] = np.full(steps, np.nan)
        for days in PERIODS:
            values = self._repeat(events, known_until, days, zone)
            if np.mean(~np.isnan(values)) >= ENOUGH:
                self.info["period"] = f"P{days}D"
                break
        if np.isnan(values).all():
            raise ComputationFailed(
                f"Sensor {task.sensor.id} ('{task.sensor.name}') has no values in the "
                f"{max(PERIODS)} days before {known_until.isoformat()}, so there is nothing to "
                "repeat.",
                hint="Record at least one day of data first.",
            )
        self.info["missing"] = int(np.isnan(values).sum())
        return [ForecastResult(task.sensor, task.start, task.resolution, values)]

    def _repeat(
        self, events: Sequence[datetime], known_until: datetime, days: int, zone: ZoneInfo
    ) -> NDArray[np.float64]:
        task = self.task
        sources = earlier_events(events, known_until, days, zone)
        begin, end = min(sources), max(sources) + task.resolution
        history = self.reader.values(
            task.sensor,
            begin,
            end,
            resolution=task.resolution,
            unit=task.sensor.unit,
            exclude_source_types=COMPUTED,
        )
        index = [round((source - begin) / task.resolution) for source in sources]
        return history[np.array(index, dtype=np.int64)]

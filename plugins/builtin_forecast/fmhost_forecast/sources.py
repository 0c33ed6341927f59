"""Read what a forecast is made from, as it was known at the time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np

from fmhost.plugin import ForecastTask, SeriesReader, forecast_fields
from fmhost_forecast.features import Inputs, filled
from fmhost_forecast.naive import COMPUTED
from fmhost_forecast.sun import sine_of_elevation
from fmhost_forecast.timeline import Floats, Timeline

_QUARTER = timedelta(hours=6)


@dataclass
class Sources:
    """The sensors and annotations that a forecast of a sensor reads.

    :ivar assumed: sentences about what was not known.
    """

    task: ForecastTask
    reader: SeriesReader
    weather: Sequence[forecast_fields.SensorReference] = ()
    past: Sequence[forecast_fields.SensorReference] = ()
    annotations: Sequence[Any] = ()
    assumed: list[str] = field(default_factory=list)

    @classmethod
    def of(cls, task: ForecastTask, reader: SeriesReader) -> Sources:
        """What the configuration names, and the attribute ``weather_correlations``."""
        made = cls(task, reader)
        config = task.config
        weather = [*config.get("regressors", ()), *config.get("future_regressors", ())]
        for name in task.sensor.get_attribute("weather_correlations", None) or ():
            closest = reader.closest(task.sensor, name)
            if closest is None:
                made.assumed.append(f"There is no sensor '{name}' with a location to read.")
            else:
                weather.append(forecast_fields.SensorReference(closest.id))
        made.weather = weather
        made.past = list(config.get("past_regressors", ()))
        made.annotations = list(config.get("annotation_regressors", ()))
        return made

    @property
    def lead(self) -> timedelta:
        """How far ahead the middle of the forecast is, in whole quarters of a day."""
        middle = (self.task.end - self.task.belief_time) / 2
        return max(timedelta(0), middle // _QUARTER * _QUARTER)

    @property
    def names(self) -> tuple[Any, ...]:
        """What identifies the sources, for what is remembered of them."""
        annotations = tuple(tuple(sorted(each.items())) for each in self.annotations)
        return self.lead, tuple(self.weather), tuple(self.past), annotations

    def read(self, start: datetime, end: datetime, *, until: datetime, prior: datetime) -> Inputs:
        """What is known of [start, end), measurements up to `until`.

        :param prior: the time of which the knowledge is taken.
        """
        step = self.task.resolution
        timeline = Timeline.between(start, end, step, ZoneInfo(self.task.sensor.timezone))
        values = np.full(timeline.size, np.nan)
        measured = self._values(start, min(until, end), prior)
        values[: len(measured)] = measured
        ahead = end > until
        weather = [self._weather(each, timeline, prior, ahead=ahead) for each in self.weather]
        past = [self._past(each, timeline, until, prior) for each in self.past]
        return Inputs(timeline, values, weather, past, self._special(timeline), self._sun(timeline))

    def _values(self, start: datetime, until: datetime, prior: datetime) -> Floats:
        if until <= start:
            return np.empty(0)
        sensor = self.task.sensor
        return self.reader.values(
            sensor,
            start,
            until,
            resolution=self.task.resolution,
            unit=sensor.unit,
            exclude_source_types=COMPUTED,
            prior=prior,
        )

    def _weather(
        self,
        reference: forecast_fields.SensorReference,
        timeline: Timeline,
        prior: datetime,
        *,
        ahead: bool,
    ) -> Floats:
        """The series as it was forecast where that is known, else as it was measured."""
        sensor = self.reader.sensor(reference.sensor_id, field="config.regressors")
        options: dict[str, Any] = {"resolution": timeline.step, "unit": sensor.unit, "prior": prior}
        begin, end = timeline.start, timeline.end
        known = self.reader.values(sensor, begin, end, **options, **reference.filters)
        if not ahead:
            # The model has to learn from forecasts like those that it will get.
            early = self.reader.values(
                sensor, begin, end, horizon=self.lead, **options, **reference.filters
            )
            known = np.where(np.isnan(early), known, early)
        missing = float(np.mean(np.isnan(known[-_window(self.task) :]))) if ahead else 0.0
        if missing > 0:
            self.assumed.append(
                f"Sensor {sensor.id} ('{sensor.name}') has no forecast for {missing:.0%} of the "
                "period; there it is taken to be as on the last days that are known."
            )
        return filled(timeline, known)

    def _past(
        self,
        reference: forecast_fields.SensorReference,
        timeline: Timeline,
        until: datetime,
        prior: datetime,
    ) -> Floats:
        """What the series was above its level of the same time on earlier days; 0 if unknown."""
        sensor = self.reader.sensor(reference.sensor_id, field="config.past-regressors")
        values = np.full(timeline.size, np.nan)
        known = self.reader.values(
            sensor,
            timeline.start,
            min(until, timeline.end),
            resolution=timeline.step,
            unit=sensor.unit,
            prior=prior,
            **reference.filters,
        )
        values[: len(known)] = known
        level = np.mean(
            [timeline.before(filled(timeline, values), day) for day in (1, 2, 7)], axis=0
        )
        return np.asarray(np.nan_to_num(values - level))

    def _special(self, timeline: Timeline) -> list[Floats]:
        """Holidays of the sensor, its asset and its account, and the annotations asked for."""

        def annotated(entity: Any, **choice: Any) -> Floats:
            return self.reader.annotated(
                entity, timeline.start, timeline.end, resolution=timeline.step, **choice
            )

        found = [annotated(self.task.sensor)]
        for each in self.annotations:
            entity = next(
                (kind, each[kind]) for kind in ("account", "asset", "sensor") if kind in each
            )
            found.append(annotated(entity, kind=each["annotation_type"], content=each.get("name")))
        return found

    def _sun(self, timeline: Timeline) -> Floats | None:
        location = self.task.sensor.location
        return None if location is None else sine_of_elevation(timeline, *location)


def _window(task: ForecastTask) -> int:
    return max(1, int((task.end - task.start) / task.resolution))


def floored(moment: datetime, length: timedelta) -> datetime:
    """The last moment at or before `moment` that is a multiple of `length` since the epoch."""
    epoch = datetime(1970, 1, 1, tzinfo=moment.tzinfo)
    return moment - (moment - epoch) % length

"""The contract of reporters: what the host gives them and what it takes back.

A plugin subclasses :class:`Reporter` and names the class in its manifest. The host makes one object
per run, lets it check what it is given when the report is asked for (so that whoever asks gets the
errors at once), and calls ``compute()`` where the job runs.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, ClassVar

import numpy as np

from fmhost.domain.arrays import Moments, duration64, moment64, to_datetime, to_timedelta
from fmhost.domain.calendar_days import DAY, event_ends, on_clock, steps, whole_days
from fmhost.domain.durations import Span
from fmhost.domain.flexibility import FloatArray, SeriesReader
from fmhost.domain.moments import floor_all
from fmhost.domain.windows import Window
from fmhost.domain.zones import time_zone, to_utc
from fmhost.errors import ComputationFailed

_NONE = timedelta(0)


@dataclass(frozen=True, slots=True)
class ReportInput:
    """A series that goes into a report.

    :param name: by which the configuration knows it.
    :param filters: whose beliefs count, and when they were formed; the arguments of
        :meth:`~fmhost.domain.flexibility.SeriesReader.values`.
    :param resolution: in which it is read; None for that of the report.
    :param events_after: events that start before count as missing; None for no limit. Aware.
    :param events_before: likewise those that end after it.
    :param latest_counts: whether of several sources the most recent belief counts; otherwise it is
        an error to have several.
    """

    name: str
    sensor: Any
    filters: Mapping[str, Any] = field(default_factory=dict)
    resolution: timedelta | None = None
    events_after: datetime | None = None
    events_before: datetime | None = None
    latest_counts: bool = False


@dataclass(frozen=True, slots=True)
class ReportOutput:
    """A sensor that gets a result of a report.

    :param name: by which the configuration knows the result.
    :param column: of the result, where it has several; None for its only one.
    """

    name: str
    sensor: Any
    column: str | None = None


@dataclass(frozen=True, slots=True)
class ReportTask:
    """What a report is asked for.

    :param start: start of the first event; `end` is excluded. Aware datetimes.
    :param resolution: length of one event, unless an input says otherwise. Whole days are those of
        the calendar of `zone`.
    :param zone: name of the time zone in which days begin.
    :param belief_time: only beliefs recorded up to then count.
    :param config: the configuration, as the reporter's ``config_schema`` loads it.
    :param parameters: those of this run, as the reporter's ``parameters_schema`` loads them.
    """

    inputs: Sequence[ReportInput]
    outputs: Sequence[ReportOutput]
    start: datetime
    end: datetime
    resolution: timedelta
    zone: str
    belief_time: datetime
    config: Mapping[str, Any] = field(default_factory=dict)
    parameters: Mapping[str, Any] = field(default_factory=dict)

    def event_starts(self, resolution: timedelta | None = None) -> Moments:
        """The starts of the events, `datetime64[us]` in UTC.

        :param resolution: length of the events; default that of the report.
        """
        zone = time_zone(self.zone)
        window = Window(self.start, self.end, calendar_step(resolution or self.resolution), zone)
        return window.ticks


@dataclass(frozen=True, slots=True)
class ReportResult:
    """A series that a reporter computed for one of the outputs.

    :param name: of the output.
    :param sensor: that of the output.
    :param start: start of the first event; consecutive events follow each `resolution`. Aware.
    :param values: one value per event, in `unit` and with the sign of the sensor; NaN for none.
    """

    name: str
    sensor: Any
    start: datetime
    resolution: timedelta
    values: FloatArray
    unit: str

    @classmethod
    def of_events(
        cls,
        output: ReportOutput,
        starts: Moments,
        values: FloatArray,
        unit: str,
        *,
        resolution: timedelta | None = None,
    ) -> ReportResult:
        """The result of events that are given one by one, in any order; gaps are missing values.

        :param starts: `datetime64[us]` in UTC, without repetition; at least one.
        :param resolution: of the events; default the shortest step between two of them.
        :raises ComputationFailed: where they do not follow each other in equal steps.
        """
        order = np.argsort(starts)
        starts, values = starts[order], values[order]
        zone = time_zone(output.sensor.timezone)
        clock = on_clock(starts, zone)
        if whole_days(resolution or DAY) and not (np.diff(clock) % duration64(DAY)).any():
            starts = clock
        if resolution is None:
            passed = np.diff(starts)
            resolution = to_timedelta(passed.min()) if len(passed) else _NONE
        step = duration64(resolution or output.sensor.event_resolution or DAY)
        position, between = np.divmod(starts - starts[0], step)
        if between.any():
            raise ComputationFailed(
                f"The events of the result '{output.name}' do not follow each other in equal steps."
            )
        gridded = np.full(int(position[-1]) + 1, np.nan)
        gridded[position.astype(np.int64)] = values
        first = to_datetime(to_utc(starts[:1], zone)[0] if starts is clock else starts[0])
        return cls(output.name, output.sensor, first, to_timedelta(step), gridded, unit)

    def event_starts(self) -> Moments:
        """The starts of the events, `datetime64[us]` in UTC; days are those of the sensor."""
        zone = time_zone(self.sensor.timezone)
        return steps(moment64(self.start), self.resolution, len(self.values), zone)


def totals(
    starts: Moments, values: FloatArray, step: timedelta, wanted: timedelta, zone: str
) -> tuple[Moments, FloatArray]:
    """Sums over longer events: what is earned in quarters of an hour, by the day.

    Events that the values do not cover as a whole are left out; one with a missing value is
    missing.

    :param starts: of the events, ascending, each `step` long; `datetime64[us]` in UTC.
    :param wanted: length of the longer events; whole days are those of `zone`.
    :return: the starts of the longer events, and their sums.
    """
    calendar = time_zone(zone)
    groups = floor_all(starts, wanted, calendar)
    longer, first, number = np.unique(groups, return_index=True, return_counts=True)
    if not len(longer):
        return longer, values
    sums = np.add.reduceat(values, first)
    lasting = event_ends(longer, wanted, calendar) - longer
    whole = number * duration64(step) == lasting
    return longer[whole], sums[whole]


class Reporter:
    """Base of all reporters; a subclass overrides :meth:`compute`.

    Its class attributes name marshmallow schemas: ``config_schema`` that of its configuration,
    which stays the same from report to report (None means that it takes none), and
    ``parameters_schema`` that of what is given for each run (None for the common one, which is
    :class:`fmhost.plugin.ReportParametersSchema`; others are derived from it).

    :param task: what is asked for.
    :param reader: access to sensors and their time series.
    :param settings: the settings of the installation, by name.
    """

    __author__: ClassVar[str] = "Unknown author"
    __version__: ClassVar[str] = "1"
    config_schema: ClassVar[type[Any] | None] = None
    parameters_schema: ClassVar[type[Any] | None] = None

    def __init__(
        self,
        task: ReportTask,
        reader: SeriesReader,
        settings: Mapping[str, Any] | None = None,
    ) -> None:
        self.task = task
        self.reader = reader
        self.settings: Mapping[str, Any] = settings or {}
        self.info: dict[str, Any] = {"reporter": type(self).__name__}

    def check(self) -> None:
        """See that the configuration fits the parameters; the base class accepts anything.

        :raises InvalidInput: naming the field.
        """

    def compute(self) -> Sequence[ReportResult]:
        """Compute the report: a result for each of the task's outputs.

        :raises ComputationFailed: where there is none; the job fails with its message.
        """
        raise TypeError(f"{type(self).__name__} has no compute() method.")

    def values(self, given: ReportInput, unit: str | None = None) -> FloatArray:
        """The values of an input, one per event; NaN where nothing is known.

        :param unit: default is that of the sensor.
        :raises UnitMismatch: where the sensor's unit does not convert to `unit`.
        """
        resolution = given.resolution or self.task.resolution
        found = self.reader.values(
            given.sensor,
            self.task.start,
            self.task.end,
            resolution=calendar_step(resolution),
            unit=unit or given.sensor.unit,
            **given.filters,
        )
        if given.events_after is None and given.events_before is None:
            return found
        starts = self.task.event_starts(resolution)[: len(found)]
        outside = np.zeros(len(found), dtype=np.bool_)
        if given.events_after is not None:
            outside |= starts < moment64(given.events_after)
        if given.events_before is not None:
            ends = event_ends(starts, resolution, time_zone(self.task.zone))
            outside |= ends > moment64(given.events_before)
        return np.where(outside, np.nan, found)

    def sources(self, given: ReportInput) -> Sequence[int]:
        """The ids of the data sources whose beliefs about an input's events count."""
        return self.reader.sources(given.sensor, self.task.start, self.task.end, **given.filters)

    @classmethod
    def get_data_source_info(cls) -> dict[str, str]:
        """Model and version of the data source to which the results belong; the host names it."""
        return {
            "name": cls.__author__,
            "model": cls.__name__,
            "version": str(cls.__version__),
        }


def calendar_step(resolution: timedelta) -> timedelta | Span:
    """The step of a grid: whole days are those of the calendar."""
    days = whole_days(resolution)
    return Span(days=days) if days else resolution

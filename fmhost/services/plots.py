"""The lines of a chart: of each sensor what each source believes, in no more points than show."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Literal

import numpy as np
from sqlalchemy.orm import Session

from fmhost.beliefs import Beliefs, Query, read_several, selection
from fmhost.beliefs.columns import DETERMINISTIC
from fmhost.beliefs.timing import knowledge_of
from fmhost.domain.arrays import (
    MOMENT,
    Durations,
    Flags,
    Floats,
    Integers,
    Moments,
    moment64,
    to_datetime,
)
from fmhost.domain.calendar_days import event_ends
from fmhost.domain.downsampling import buckets_of, telling
from fmhost.domain.zones import time_zone
from fmhost.errors import InvalidInput
from fmhost.model import Sensor, Source
from fmhost.services.charted import sources_in

Kind = Literal["recorded", "forecast", "scheduled"]

#: Most beliefs that are looked at for one chart.
MOST_READ: Final = 1_000_000
#: Most points of all lines together where they are not reduced.
MOST_WHOLE: Final = 200_000
#: Most bands around one line.
MOST_BANDS: Final = 3

_KINDS: Final[dict[str, Kind]] = {"forecaster": "forecast", "scheduler": "scheduled"}


@dataclass(frozen=True, slots=True, eq=False)
class Band:
    """Between which values something lies with a probability of `high` - `low`.

    :param low: cumulative probability of `lower`; likewise `high`.
    :param lower: one value per point of its line.
    """

    low: float
    high: float
    lower: Floats
    upper: Floats


@dataclass(frozen=True, slots=True, eq=False)
class Line:
    """What one source believes about the events of one sensor, in columns of equal length.

    :param events: how many events there are; the line has fewer points where it was reduced.
    :param starts: of the events, UTC.
    :param values: median where beliefs are probabilistic; all are known. In the unit of the axis.
    :param ends: of the events.
    :param breaks: whether nothing is known right after the event.
    :param horizons: how long before the event became known it was believed.
    :param formed: when it was believed, UTC.
    """

    sensor: Sensor
    source: Source
    events: int
    starts: Moments
    ends: Moments
    values: Floats
    breaks: Flags
    horizons: Durations
    formed: Moments
    bands: Sequence[Band]

    @property
    def kind(self) -> Kind:
        """What it is: measured (or otherwise recorded), forecast or scheduled."""
        return _KINDS.get(self.source.chart_type, "recorded")


@dataclass(frozen=True, slots=True)
class Frame:
    """What part of time a chart shows.

    :param start: aware; likewise `end`, after it.
    :param prior: only beliefs formed by then count; None for all.
    :param pixels: how wide the chart is; None for all points.
    """

    start: datetime
    end: datetime
    prior: datetime | None = None
    pixels: int | None = None


def lines_of(
    session: Session, sensors: Sequence[Sensor], factors: Mapping[int, float], frame: Frame
) -> list[Line]:
    """The lines of a chart, by sensor and then by source; the policy is the caller's.

    Each line has the first, the last, the lowest and the highest point of each pixel. Gaps that
    are shorter than a pixel are closed.

    :param factors: by what the values of each sensor are multiplied, by its id.
    :raises InvalidInput: where there are more beliefs than a chart can take.
    """
    queries = [
        Query(
            sensor=sensor,
            start=frame.start,
            end=frame.end,
            prior=frame.prior,
            latest_versions=True,
        )
        for sensor in sensors
    ]
    found = read_several(session, queries, at_most=MOST_READ)
    if frame.pixels is None and sum(map(len, found)) > MOST_WHOLE:
        raise InvalidInput(
            f"There are more than {MOST_WHOLE} values.", hint="Ask for a shorter time."
        )
    sources = sources_in(session, found)
    return [
        line
        for sensor, beliefs in zip(sensors, found, strict=True)
        for line in _lines(sensor, beliefs, sources, factors[sensor.id], frame)
    ]


def _lines(
    sensor: Sensor,
    beliefs: Beliefs,
    sources: Mapping[int, Source],
    factor: float,
    frame: Frame,
) -> Iterator[Line]:
    for source_id in np.unique(beliefs.source_id).tolist():
        own = beliefs.take(beliefs.source_id == source_id)
        single = selection.medians(own)
        known = np.flatnonzero(~np.isnan(single.event_value))
        if len(known):
            bands = [
                Band(band.low, band.high, band.lower[known] * factor, band.upper[known] * factor)
                for band in _bands(own)
            ]
            yield _line(sensor, sources[source_id], single, known, bands, factor, frame)


def _line(
    sensor: Sensor,
    source: Source,
    beliefs: Beliefs,
    known: Integers,
    bands: Sequence[Band],
    factor: float,
    frame: Frame,
) -> Line:
    single = beliefs.take(known)
    zone = time_zone(sensor.timezone, field="timezone")
    starts, values = single.event_start, single.event_value * factor
    ends = event_ends(starts, sensor.event_resolution, zone)
    breaks = np.ones(len(single), dtype=np.bool_)
    # Moments are joined, unless a source says that there is no value between them.
    breaks[:-1] = np.diff(known) > 1 if sensor.is_instantaneous else starts[1:] > ends[:-1]
    kept, breaks = _kept(starts, ends, breaks, values, bands, frame)
    horizons = single.belief_horizon[kept]
    return Line(
        sensor=sensor,
        source=source,
        events=len(single),
        starts=starts[kept],
        ends=ends[kept],
        values=values[kept],
        breaks=breaks,
        horizons=horizons,
        formed=knowledge_of(sensor, starts[kept]) - horizons,
        bands=[Band(each.low, each.high, each.lower[kept], each.upper[kept]) for each in bands],
    )


def _kept(
    starts: Moments,
    ends: Moments,
    breaks: Flags,
    values: Floats,
    bands: Sequence[Band],
    frame: Frame,
) -> tuple[Integers, Flags]:
    """Positions of the points to draw, and which of them have nothing after them."""
    if frame.pixels is None or len(starts) <= 2 * frame.pixels:
        return np.arange(len(starts)), breaks
    first, last = moment64(frame.start), moment64(frame.end)
    columns = [values, *(column for band in bands for column in (band.lower, band.upper))]
    kept = telling(buckets_of(starts, first, last, frame.pixels), columns)
    runs = np.concatenate([[0], np.cumsum(breaks[:-1])])[kept]
    width = (last - first) / frame.pixels
    after = np.ones(len(kept), dtype=np.bool_)
    apart = starts[kept][1:] - ends[kept][:-1]
    after[:-1] = (runs[1:] != runs[:-1]) & (apart >= width)
    return kept, after


def _bands(beliefs: Beliefs) -> list[Band]:
    """What lies between quantiles that are as far below the median as above, the widest first."""
    probabilities = np.unique(beliefs.cumulative_probability)
    found: list[Band] = []
    for low in probabilities[probabilities < DETERMINISTIC].tolist():
        opposite = probabilities[np.isclose(probabilities, 1 - low, atol=1e-6)]
        if len(opposite) and len(found) < MOST_BANDS:
            high = float(opposite[0])
            lower, upper = (selection.medians(beliefs, each).event_value for each in (low, high))
            found.append(Band(low, high, lower, upper))
    return found


def recorded_when(
    session: Session, sensors: Sequence[Sensor], frame: Frame, *, at_most: int
) -> list[datetime]:
    """The moments at which beliefs about the events of a frame were formed, ascending, in UTC.

    :param at_most: how many there are; of more than these some, the first and the last among them.
    :raises InvalidInput: where there are more beliefs than a chart can take.
    """
    queries = [
        Query(sensor=sensor, start=frame.start, end=frame.end, most_recent=False)
        for sensor in sensors
    ]
    found = read_several(session, queries, at_most=MOST_READ)
    formed = [
        knowledge_of(sensor, beliefs.event_start) - beliefs.belief_horizon
        for sensor, beliefs in zip(sensors, found, strict=True)
    ]
    moments = np.unique(np.concatenate([*formed, np.empty(0, MOMENT)]))
    if len(moments) > at_most:
        moments = moments[np.unique(np.linspace(0, len(moments) - 1, at_most).astype(np.int64))]
    return [to_datetime(each) for each in moments]

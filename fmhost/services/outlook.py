"""What is known about one sensor around now: recorded, forecast and scheduled, side by side."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, Literal

import numpy as np
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from fmhost.beliefs import Beliefs, Query, read
from fmhost.beliefs.resample import on_grid
from fmhost.beliefs.selection import medians, most_recent
from fmhost.domain.arrays import Floats, Moments, to_datetime
from fmhost.domain.windows import Window
from fmhost.domain.zones import time_zone
from fmhost.model import Sensor, Source
from fmhost.model import beliefs as table

Kind = Literal["recorded", "forecast", "scheduled"]

KINDS: Final[tuple[Kind, ...]] = ("recorded", "forecast", "scheduled")

#: How far ahead is looked; a profile may be known for years.
FARTHEST: Final = timedelta(days=31)
#: How much is shown of a sensor about which nothing is known since yesterday.
LAST_KNOWN: Final = timedelta(days=2)
#: More events than these are averaged.
MOST_EVENTS: Final = 1000

_STEPS: Final = tuple(timedelta(minutes=minutes) for minutes in (1, 5, 15, 30, 60, 180, 360, 1440))
_KIND_OF: Final[dict[str, Kind]] = {"forecaster": "forecast", "scheduler": "scheduled"}


@dataclass(frozen=True, slots=True)
class Strand:
    """What sources of one kind say: per event the value that was believed last.

    :param starts: aware starts of the events, in UTC, ascending.
    :param values: one per event, in the unit and with the sign of the sensor.
    :param sources: how the values came about, e.g. ``forecast by Acme``.
    """

    kind: Kind
    starts: Sequence[datetime]
    values: Sequence[float]
    sources: Sequence[str]


@dataclass(frozen=True, slots=True)
class Outlook:
    """What is known about a sensor in [start, end).

    :param step: length of the events; zero where the sensor has moments. Longer than the sensor's
        resolution where there are so many events that they were averaged.
    :param strands: the kinds of which there are values.
    """

    sensor: Sensor
    start: datetime
    end: datetime
    step: timedelta
    strands: Sequence[Strand]


def around(session: Session, sensor: Sensor, now: datetime) -> Outlook:
    """What is known from the start of yesterday to the last known event.

    Days are those of the sensor's time zone. Where nothing is known since yesterday, the last two
    days of which something is known. Looks ahead 31 days at most.

    :param now: aware.
    """
    zone = time_zone(sensor.timezone)
    today = now.astimezone(zone).replace(hour=0, minute=0, second=0, microsecond=0)
    start, tomorrow = today - timedelta(days=1), today + timedelta(days=1)
    last = _last_event(session, sensor, now + FARTHEST)
    known_until = last + (sensor.event_resolution or timedelta(minutes=1)) if last else None
    if known_until is not None and known_until <= start:
        end = known_until.astimezone(zone)
        start = (end - LAST_KNOWN).replace(hour=0, minute=0, second=0, microsecond=0)
    else:
        end = max(filter(None, (known_until, tomorrow))).astimezone(zone)
    found = read(session, Query(sensor=sensor, start=start, end=end))
    columns = _by_kind(session, found)
    step = _step(
        sensor, start, end, max((len(starts) for starts, _, _ in columns.values()), default=0)
    )
    if step != sensor.event_resolution:
        window = Window(start, end + step, step, zone)
        columns = {
            kind: (window.ticks, on_grid(starts, values, sensor.event_resolution, window), names)
            for kind, (starts, values, names) in columns.items()
        }
    strands = [_strand(kind, *columns[kind]) for kind in KINDS if kind in columns]
    return Outlook(sensor, start, end, step, [strand for strand in strands if strand.values])


def _last_event(session: Session, sensor: Sensor, before: datetime) -> datetime | None:
    query = select(func.max(table.c.event_start)).where(
        table.c.sensor_id == sensor.id, table.c.event_start < before
    )
    last: datetime | None = session.scalar(query)
    return last


_Columns = dict[Kind, tuple[Moments, Floats, list[str]]]


def _by_kind(session: Session, found: Beliefs) -> _Columns:
    """Starts, values and the labels of the sources, by kind."""
    ids = np.unique(found.source_id).tolist()
    sources = session.scalars(select(Source).where(Source.id.in_(ids)).order_by(Source.id)).all()
    columns: _Columns = {}
    for kind in KINDS:
        own = [source for source in sources if _KIND_OF.get(source.chart_type, "recorded") == kind]
        if own:
            rows = np.isin(found.source_id, [source.id for source in own])
            single = medians(most_recent(found.take(rows)))
            labels = list(dict.fromkeys(source.label for source in own))
            columns[kind] = (single.event_start, single.event_value, labels)
    return columns


def _step(sensor: Sensor, start: datetime, end: datetime, events: int) -> timedelta:
    """The length of the events to show: the sensor's, unless they are too many."""
    if events <= MOST_EVENTS:
        return sensor.event_resolution
    fitting = (
        step
        for step in _STEPS
        if step > sensor.event_resolution and (end - start) / step <= MOST_EVENTS
    )
    return next(fitting, _STEPS[-1])


def _strand(kind: Kind, starts: Moments, values: Floats, sources: Sequence[str]) -> Strand:
    known = ~np.isnan(values)
    moments = [to_datetime(start) for start in starts[known]]
    return Strand(kind, moments, values[known].tolist(), sources)

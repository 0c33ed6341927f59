"""Beliefs in other steps than those of their sensor, source by source, for a chart."""

from __future__ import annotations

from datetime import timedelta
from typing import Final
from zoneinfo import ZoneInfo

import numpy as np

from fmhost.beliefs import Beliefs, selection
from fmhost.beliefs.resample import on_grid
from fmhost.beliefs.timing import knowledge_of
from fmhost.domain.arrays import duration64, to_datetime
from fmhost.domain.calendar_days import event_ends, whole_days
from fmhost.domain.durations import Span
from fmhost.domain.moments import floor_moment
from fmhost.domain.windows import Window
from fmhost.domain.zones import time_zone
from fmhost.errors import InvalidInput
from fmhost.model import Sensor
from fmhost.services.charted import MOST_SHOWN

_LONGEST: Final = timedelta(days=366)


def resampled(sensor: Sensor, beliefs: Beliefs, resolution: timedelta) -> Beliefs:
    """What each source believes about the steps: the mean of the events within each.

    A step counts as believed when its last event was. Steps about which nothing is known are left
    out.

    :param beliefs: of each source one about an event.
    :param resolution: length of a step; longer than zero.
    :raises InvalidInput: where there would be too many steps.
    """
    if resolution > _LONGEST:
        raise InvalidInput(f"A step has at most {_LONGEST.days} days.", field="resolution")
    zone = time_zone(sensor.timezone, field="timezone")
    single = selection.medians(beliefs)
    parts = [
        _of_source(sensor, single.take(single.source_id == source), resolution, zone)
        for source in np.unique(single.source_id)
    ]
    return Beliefs.joined(parts).by_key()


def _of_source(sensor: Sensor, beliefs: Beliefs, resolution: timedelta, zone: ZoneInfo) -> Beliefs:
    starts = beliefs.event_start
    ends = event_ends(starts, sensor.event_resolution, zone)
    if (ends[-1] - starts[0]) / duration64(resolution) > MOST_SHOWN:
        raise InvalidInput(
            f"There would be more than {MOST_SHOWN} steps.",
            field="resolution",
            hint="Ask for a coarser resolution, or a shorter time.",
        )
    days = whole_days(resolution)
    first = floor_moment(to_datetime(starts[0]), resolution, zone)
    try:
        # More than is needed, as a step of the calendar may be an hour longer or shorter.
        last = to_datetime(ends[-1]) + 2 * resolution
    except OverflowError as error:
        raise InvalidInput("The last step ends after the year 9999.", field="resolution") from error
    window = Window(first, last, Span(days=days) if days else resolution, zone)
    values = on_grid(starts, beliefs.event_value, sensor.event_resolution, window)
    edges = window.edges()
    latest = np.clip(np.searchsorted(starts, edges[1:], side="left") - 1, 0, None)
    formed = (knowledge_of(sensor, starts) - beliefs.belief_horizon)[latest]
    known = ~np.isnan(values)
    ticks = edges[:-1][known]
    return Beliefs.of(
        ticks,
        knowledge_of(sensor, ticks) - formed[known],
        int(beliefs.source_id[0]),
        values[known],
    )

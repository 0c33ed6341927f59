"""Beliefs about events of one length, as beliefs about events of another length."""

from __future__ import annotations

import math
from collections.abc import Iterator
from datetime import timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import numpy as np

from fmhost.beliefs.columns import Beliefs
from fmhost.beliefs.timing import rule_of
from fmhost.domain.arrays import Floats, Integers, Moments, duration64, moments64
from fmhost.domain.calendar_days import event_ends
from fmhost.domain.moments import floor_all
from fmhost.domain.zones import time_zone
from fmhost.errors import InvalidInput
from fmhost.model.sensors import Sensor

_NONE = timedelta(0)


def rebinned(sensor: Sensor, beliefs: Beliefs, resolution: timedelta) -> Beliefs:
    """The beliefs about a sensor's events as beliefs about events that last `resolution`.

    A longer event has the mean of those within it, missing ones left out, once all of them are
    known; it is believed anew whenever one of them is. A shorter one has the value of the one in
    which it lies. The time at which a belief was formed stays.

    :param beliefs: with all that was ever believed, sorted by key, as the store gives them.
    :param resolution: divides that of the sensor, or is a multiple of it; steps of days are those
        of the sensor's zone.
    :raises InvalidInput: for any other resolution.
    """
    _require_fitting(sensor.event_resolution, resolution)
    rule = rule_of(sensor)
    formed = rule.times(beliefs.event_start, sensor.event_resolution) - beliefs.belief_horizon
    zone = time_zone(sensor.timezone, field="timezone")
    if resolution < sensor.event_resolution:
        found, formed = _split(beliefs, formed, sensor.event_resolution, resolution, zone)
    else:
        found, formed = _joined(beliefs, formed, resolution, zone)
    horizon = rule.times(found.event_start, resolution) - formed
    return Beliefs(
        found.event_start,
        horizon,
        found.source_id,
        found.cumulative_probability,
        found.event_value,
    ).by_key()


def _require_fitting(before: timedelta, after: timedelta) -> None:
    if after <= _NONE:
        raise InvalidInput(
            "Data cannot be resampled to moments.",
            field="event-resolution",
            hint="Give a length, such as PT15M.",
        )
    longer, shorter = max(before, after), min(before, after)
    if shorter and longer % shorter:
        raise InvalidInput(
            f"Events of {before} cannot be resampled to events of {after}: neither divides the "
            "other.",
            field="event-resolution",
        )


def _split(
    beliefs: Beliefs, formed: Moments, before: timedelta, after: timedelta, zone: ZoneInfo
) -> tuple[Beliefs, Moments]:
    """Each event as the shorter ones within it, and when each belief was formed."""
    ends = event_ends(beliefs.event_start, before, zone)
    step = duration64(after)
    counts = np.asarray((ends - beliefs.event_start) // step, dtype=np.int64)
    rows = np.repeat(np.arange(len(beliefs)), counts)
    nth = np.arange(len(rows)) - np.repeat(np.cumsum(counts) - counts, counts)
    found = beliefs.take(rows)
    starts = found.event_start + nth * step
    return _with_starts(found, starts), formed[rows]


def _joined(
    beliefs: Beliefs, formed: Moments, after: timedelta, zone: ZoneInfo
) -> tuple[Beliefs, Moments]:
    """The events within each longer one as one, and when each belief was formed."""
    bins = floor_all(beliefs.event_start, after, zone)
    share = beliefs.cumulative_probability
    order = np.lexsort((beliefs.event_start, formed, share, beliefs.source_id, bins))
    sorted_bins, sorted_formed = bins[order], formed[order]
    by_group = beliefs.take(order)
    rows: list[int] = []
    values: list[float] = []
    for group in _groups(sorted_bins, by_group.source_id, by_group.cumulative_probability):
        for row, value in _means(group, by_group, sorted_formed):
            rows.append(row)
            values.append(value)
    chosen = np.array(rows, dtype=np.int64)
    found = _with_starts(by_group.take(chosen), sorted_bins[chosen])
    return _with_values(found, np.array(values, dtype=np.float64)), sorted_formed[chosen]


def _groups(bins: Moments, sources: Integers, shares: Floats) -> Iterator[slice]:
    """The rows about one longer event, by one source, of one probability."""
    changes = np.ones(len(bins), dtype=np.bool_)
    changes[1:] = (
        (bins[1:] != bins[:-1]) | (sources[1:] != sources[:-1]) | (shares[1:] != shares[:-1])
    )
    firsts = [*np.flatnonzero(changes).tolist(), len(bins)]
    return (slice(a, b) for a, b in pairwise(firsts))


def _means(group: slice, beliefs: Beliefs, formed: Moments) -> Iterator[tuple[int, float]]:
    """The mean as it was known each time, with the row that completed it."""
    starts = beliefs.event_start[group].tolist()
    values = beliefs.event_value[group].tolist()
    times = formed[group].tolist()
    parts = len(set(starts))
    known: dict[object, float] = {}
    for place, (start, value, time) in enumerate(zip(starts, values, times, strict=True)):
        known[start] = value
        last_of_its_time = place + 1 == len(times) or times[place + 1] != time
        if last_of_its_time and len(known) == parts:
            present = [each for each in known.values() if not math.isnan(each)]
            yield group.start + place, sum(present) / len(present) if present else float("nan")


def _with_starts(beliefs: Beliefs, starts: Moments) -> Beliefs:
    return Beliefs(
        moments64(starts),
        beliefs.belief_horizon,
        beliefs.source_id,
        beliefs.cumulative_probability,
        beliefs.event_value,
    )


def _with_values(beliefs: Beliefs, values: Floats) -> Beliefs:
    return Beliefs(
        beliefs.event_start,
        beliefs.belief_horizon,
        beliefs.source_id,
        beliefs.cumulative_probability,
        values,
    )

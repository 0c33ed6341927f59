"""Remove beliefs: of some sensors, times and sources, repeated ones, or those of no value."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import datetime, timedelta

import numpy as np
from sqlalchemy import select
from sqlalchemy.orm import Session

from fmhost.beliefs import Doomed, Query, count, delete, delete_these, read, repetitions
from fmhost.beliefs.extent import extents
from fmhost.domain.arrays import moment64
from fmhost.errors import InvalidInput
from fmhost.model import Sensor, User
from fmhost.services import audit
from fmhost.services.assets import get_asset
from fmhost.services.installation import Installation
from fmhost.services.sensors import get_sensor
from fmhost.services.sources import sources_meant

__all__ = [
    "MEASUREMENTS",
    "MISSING",
    "PROGNOSES",
    "Doomed",
    "number",
    "remove",
    "remove_unchanged",
    "require_window",
    "sensors_meant",
    "source_ids_meant",
]

#: Beliefs that say what was measured, or what was known afterwards.
MEASUREMENTS = Doomed(horizon_at_most=timedelta(0))
#: Beliefs about the future: forecasts and schedules.
PROGNOSES = Doomed(horizon_over=timedelta(0))
#: Beliefs that say that there is no value.
MISSING = Doomed(missing=True)

#: How much of the past is looked at at once for beliefs that repeat others.
_AT_ONCE = timedelta(days=365)
_INSTANT = timedelta(microseconds=1)


def sensors_meant(
    session: Session,
    sensor_ids: Iterable[int] = (),
    asset_ids: Iterable[int] = (),
    *,
    offspring: bool = False,
) -> list[Sensor]:
    """The sensors with these ids and those of these assets, each once, by id; all where none.

    :param offspring: those of the assets' descendants, too.
    :raises NotFound: where a sensor or an asset does not exist.
    """
    found = {sensor_id: get_sensor(session, sensor_id) for sensor_id in sensor_ids}
    assets = [get_asset(session, asset_id) for asset_id in asset_ids]
    for asset in assets:
        for each in [asset, *(asset.offspring if offspring else ())]:
            found |= {sensor.id: sensor for sensor in each.sensors}
    if not found and not assets:
        return list(session.scalars(select(Sensor).order_by(Sensor.id)))
    return [found[sensor_id] for sensor_id in sorted(found)]


def source_ids_meant(session: Session, references: Sequence[str]) -> list[int] | None:
    """The ids of the sources with these ids or names; None where none are given.

    :raises NotFound: where there is no such source.
    """
    if not references:
        return None
    found = {source.id for each in references for source in sources_meant(session, each)}
    return sorted(found)


def require_window(start: datetime | None, end: datetime | None) -> None:
    """:raises InvalidInput: where the end is not after the start."""
    if start is not None and end is not None and end <= start:
        raise InvalidInput("The end must be after the start.", field="end")


def number(session: Session, sensors: Iterable[Sensor], doomed: Doomed) -> int:
    """How many beliefs :func:`remove` would remove."""
    return sum(count(session, sensor, doomed) for sensor in sensors)


def remove(
    installation: Installation,
    session: Session,
    sensors: Iterable[Sensor],
    doomed: Doomed,
    *,
    actor: User | None = None,
) -> int:
    """Remove beliefs about the events of these sensors; returns how many. It is recorded."""
    removed = 0
    for sensor in sensors:
        deleted = delete(session, sensor, doomed)
        _record(installation, session, sensor, deleted, actor)
        removed += deleted
    return removed


def remove_unchanged(
    installation: Installation,
    session: Session,
    sensor: Sensor,
    *,
    start: datetime | None = None,
    end: datetime | None = None,
    source_ids: Sequence[int] | None = None,
    forecasts: bool = True,
    measurements: bool = True,
    progress: Callable[[int], object] = lambda processed: None,
    actor: User | None = None,
) -> int:
    """Remove beliefs that say again what the same source said about the event before.

    :param start: only of events that start at this moment or later; `end`: before this one.
    :param forecasts: whether those from before the fact are removed; `measurements`: those from
        after it.
    :param progress: is told how many beliefs have been looked at.
    :return: how many were removed.
    """
    wanted = (forecasts, measurements)
    removed = processed = 0
    for first, last in _spans(session, sensor, start, end):
        query = Query(
            sensor=sensor, start=first, end=last, source_ids=source_ids, most_recent=False
        )
        found = read(session, query)
        # The query gives events that last into the window, too; they belong to the one before.
        found = found.take(found.event_start >= moment64(first))
        is_forecast = found.belief_horizon.astype("int64") > 0
        chosen = repetitions(found) & np.where(is_forecast, *wanted)
        removed += delete_these(session, sensor, found.take(chosen))
        processed += len(found)
        progress(processed)
    _record(installation, session, sensor, removed, actor)
    return removed


def _spans(
    session: Session, sensor: Sensor, start: datetime | None, end: datetime | None
) -> Iterator[tuple[datetime, datetime]]:
    """Windows that hold all events between `start` and `end`, each event in one of them."""
    extent = extents(session, [sensor]).get(sensor.id)
    if extent is None:
        return
    # A moment has no length, and lies within the last window all the same.
    first, last = extent[0], extent[1] + _INSTANT
    first = first if start is None else max(first, start)
    last = last if end is None else min(last, end)
    while first < last:
        following = min(first + _AT_ONCE, last)
        yield first, following
        first = following


def _record(
    installation: Installation, session: Session, sensor: Sensor, removed: int, actor: User | None
) -> None:
    if removed:
        event = f"Deleted data for sensor '{sensor.name}': {sensor.id}. {removed} beliefs"
        audit.record_for_asset(
            installation, session, event, actor=actor, asset_id=sensor.generic_asset_id
        )

"""From when to when there are beliefs about sensors."""

from __future__ import annotations

from collections.abc import Collection
from datetime import UTC, datetime
from typing import Final

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from fmhost.domain.arrays import (
    as_integers,
    epoch_microseconds,
    moment64,
    moments64,
    to_datetime,
)
from fmhost.domain.calendar_days import event_ends
from fmhost.domain.zones import time_zone
from fmhost.model.belief_table import beliefs as table
from fmhost.model.sensors import Sensor

_LAST: Final = epoch_microseconds(datetime.max.replace(tzinfo=UTC))


def extents(session: Session, sensors: Collection[Sensor]) -> dict[int, tuple[datetime, datetime]]:
    """The start of the first event and the end of the last one, in UTC, by the id of the sensor.

    Sensors without beliefs have no entry. One statement, which looks at the ends of the key only.
    """
    by_id = {sensor.id: sensor for sensor in sensors}
    if not by_id:
        return {}
    of_sensor = select(table.c.event_start).where(table.c.sensor_id == Sensor.id)
    query = select(
        Sensor.id,
        of_sensor.with_only_columns(func.min(table.c.event_start)).scalar_subquery(),
        of_sensor.with_only_columns(func.max(table.c.event_start)).scalar_subquery(),
    ).where(Sensor.id.in_(by_id))
    return {
        sensor_id: (first, _end(by_id[sensor_id], last))
        for sensor_id, first, last in session.execute(query)
        if first is not None
    }


def end_of_measurements(
    session: Session, sensor: Sensor, source_id: int, window: tuple[datetime, datetime]
) -> datetime | None:
    """The end of the last event in a window that a source measured, in UTC; None: no event.

    What was believed before its knowledge time is no measurement.

    :param window: in which the event starts; its end is excluded. Aware datetimes.
    """
    query = select(func.max(table.c.event_start)).where(
        table.c.sensor_id == sensor.id,
        table.c.event_start >= window[0],
        table.c.event_start < window[1],
        table.c.source_id == source_id,
        table.c.belief_horizon <= 0,
    )
    last = session.scalar(query)
    return None if last is None else _end(sensor, last)


def _end(sensor: Sensor, last: datetime) -> datetime:
    zone = time_zone(sensor.timezone, field="timezone")
    ends = event_ends(moments64([moment64(last)]), sensor.event_resolution, zone)
    # The last event may end when there is no date any more.
    return to_datetime(min(int(as_integers(ends)[0]), _LAST))

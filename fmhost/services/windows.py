"""Windows of time on the calendar of a sensor or an asset."""

from __future__ import annotations

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from fmhost.domain.durations import Span
from fmhost.domain.zones import time_zone
from fmhost.errors import InvalidInput
from fmhost.model import Asset, Sensor
from fmhost.model.sensors import zones_below


def zone_of(target: Sensor | Asset) -> ZoneInfo:
    """The zone of a sensor; that which all sensors of an asset and those below it share, or UTC."""
    if isinstance(target, Sensor):
        return time_zone(target.timezone)
    names = zones_below(target)
    return time_zone(names.pop() if len(names) == 1 else "UTC")


def length_of(duration: Span, start: datetime, target: Sensor | Asset) -> timedelta:
    """The length of a duration from `start` (aware), on the calendar of :func:`zone_of`.

    :raises InvalidInput: naming the field, where it leads beyond the calendar.
    """
    try:
        return duration.length_from(start, zone_of(target))
    except InvalidInput as error:
        error.field = "duration"
        raise

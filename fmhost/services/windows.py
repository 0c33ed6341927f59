"""Windows of time on the calendar of a sensor."""

from __future__ import annotations

from datetime import datetime, timedelta

from fmhost.domain.durations import Span
from fmhost.domain.zones import time_zone
from fmhost.errors import InvalidInput
from fmhost.model import Sensor


def length_of(duration: Span, start: datetime, sensor: Sensor) -> timedelta:
    """The length of a duration from `start` (aware), on the calendar of the sensor's zone.

    :raises InvalidInput: naming the field, where it leads beyond the calendar.
    """
    try:
        return duration.length_from(start, time_zone(sensor.timezone))
    except InvalidInput as error:
        error.field = "duration"
        raise

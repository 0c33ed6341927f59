"""Key performance indicators of an asset: one figure for the days of a window."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

import numpy as np
from sqlalchemy.orm import Session

from fmhost.beliefs import Query, read_several, selection
from fmhost.domain.arrays import Floats, moment64
from fmhost.errors import InvalidInput
from fmhost.model import Asset, Sensor, User
from fmhost.services.shown import sensors_among

logger = logging.getLogger(__name__)

#: Most beliefs that are looked at.
MOST_READ = 500_000

_FUNCTIONS: Final[Mapping[str, Callable[[Floats], Any]]] = {
    "sum": np.sum,
    "min": np.min,
    "max": np.max,
    "mean": np.mean,
}


@dataclass(frozen=True, slots=True)
class KeyFigure:
    """What an asset achieved.

    :param value: in the unit of the sensor, rounded to two decimals.
    :param function: how the values of the days became one: ``sum``, ``min``, ``max``, ``mean``.
    """

    title: str
    sensor: Sensor
    value: float
    function: str


def key_figures(
    session: Session, user: User, asset: Asset, start: datetime, end: datetime
) -> list[KeyFigure]:
    """The figures that the asset defines, of the events that start within [start, end).

    The most recent belief about an event counts, whoever formed it; where there is none, the
    figure is 0. What `user` may not read is left out like what does not exist any more; that is
    logged.

    :param start: aware, as is `end`.
    :raises InvalidInput: for an end that is not after the start, and for too much data.
    """
    if end <= start:
        raise InvalidInput("The end must be after the start.", field="end")
    defined = asset.sensors_to_show_as_kpis
    wanted = list(dict.fromkeys(figure["sensor"] for figure in defined))
    sensors = sensors_among(session, user, wanted)
    if len(sensors) < len(wanted):
        logger.warning(
            "The key figures of asset %s are shown to user %s without those of sensors %s, which "
            "are gone or may not be read.",
            asset.id,
            user.id,
            sorted(set(wanted) - sensors.keys()),
        )
    values = _values(session, sensors, start, end)
    return [
        _figure(figure, sensors[figure["sensor"]], values[figure["sensor"]])
        for figure in defined
        if figure["sensor"] in sensors
    ]


def _values(
    session: Session, sensors: Mapping[int, Sensor], start: datetime, end: datetime
) -> dict[int, Floats]:
    """What is known of each sensor, one value an event."""
    queries = [
        Query(sensor=sensor, start=start, end=end, one_source=True) for sensor in sensors.values()
    ]
    found = {}
    for sensor_id, beliefs in zip(
        sensors, read_several(session, queries, at_most=MOST_READ), strict=True
    ):
        inside = beliefs.take(beliefs.event_start >= moment64(start))
        values = selection.medians(inside).event_value
        found[sensor_id] = values[np.isfinite(values)]
    return found


def _figure(defined: Mapping[str, Any], sensor: Sensor, values: Floats) -> KeyFigure:
    function = defined.get("function") or ("mean" if sensor.unit == "%" else "sum")
    with np.errstate(over="ignore"):
        # What is too large for a number is the largest number: infinity is no JSON.
        value = float(np.nan_to_num(_FUNCTIONS[function](values))) if len(values) else 0.0
    return KeyFigure(defined["title"], sensor, round(value, 2), function)

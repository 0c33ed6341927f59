"""Between which values a series lies by its nature."""

from __future__ import annotations

from typing import Any

import numpy as np

from fmhost.plugin import FmhostError, units
from fmhost_forecast.features import Inputs
from fmhost_forecast.timeline import Floats

#: Attributes with a capacity, and the unit of their numbers.
_CAPACITIES = (("capacity_in_mw", "MW"), ("power_capacity_in_mw", "MW"))
#: At night less than this share of the largest value counts as nothing.
_NOTHING = 0.005


def bounds(sensor: Any, inputs: Inputs) -> tuple[float, float]:
    """Lowest and highest value that can be, in the unit of the sensor; infinite if unknown.

    Power, energy, irradiance, speed and shares that were never negative will not be, and those that
    were never positive will not be; prices and temperatures may. Power stays within the capacity
    that an attribute says.
    """
    low, high = -np.inf, np.inf
    known = inputs.values[~np.isnan(inputs.values)]
    if len(known) and _has_zero(sensor.unit):
        low = 0.0 if known.min() >= 0 else low
        high = 0.0 if known.max() <= 0 else high
    for name, unit in _CAPACITIES:
        capacity = sensor.get_attribute(name, None)
        if isinstance(capacity, int | float) and not isinstance(capacity, bool) and capacity > 0:
            try:
                limit = float(units.convert(np.array([capacity]), unit, sensor.unit)[0])
            except FmhostError:
                continue
            # A capacity that was exceeded is none.
            if not len(known) or np.abs(known).max() <= limit * 1.001:
                low, high = max(low, -limit), min(high, limit)
    return low, high


def _has_zero(unit: str) -> bool:
    """Whether 0 of the unit is nothing of something that has one direction or two."""
    return any(units.convertible(unit, other) for other in ("MW", "MWh", "W/m**2", "m/s", "%"))


def dark(inputs: Inputs, position: slice) -> Floats:
    """What the series is at each event when the sun is down: NaN where it may be anything."""
    found = np.full(inputs.timeline.size, np.nan)
    if inputs.sun is not None:
        night = (inputs.sun == 0) & ~np.isnan(inputs.values)
        day = (inputs.sun > 0) & ~np.isnan(inputs.values)
        if night.sum() >= 20 and day.any():
            values, largest = inputs.values[night], np.abs(inputs.values[day]).max()
            if np.quantile(np.abs(values), 0.99) <= _NOTHING * largest and largest > 0:
                found[inputs.sun == 0] = np.median(values)
    return found[position]

"""Units that values share, so that they can be compared on one axis."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from fmhost.domain.conversion import convert, convertible
from fmhost.domain.unit_classes import dimension_name
from fmhost.errors import InvalidInput, UnitMismatch


def common_units(units: Iterable[str]) -> dict[str, tuple[str, float]]:
    """For each unit the one that it is shown in, and by what a value is multiplied for that.

    Of units that differ in size only, such as `kW` and `MW`, the first one is for all of them.
    """
    found: dict[str, tuple[str, float]] = {}
    for unit in units:
        if unit in found:
            continue
        shared = dict.fromkeys(common for common, _ in found.values())
        factors = ((common, ratio(unit, common)) for common in shared)
        fitting = ((common, factor) for common, factor in factors if factor is not None)
        found[unit] = next(fitting, (unit, 1.0))
    return found


def ratio(unit: str, other: str) -> float | None:
    """What a value in `unit` is multiplied by to be in the other one; None where that won't do.

    Scales of temperature differ in where their zero is, so that a factor will not do; and a number
    without a unit need not be a share, only because it could be one.
    """
    if not (unit.strip() and other.strip()):
        return 1.0 if unit.strip() == other.strip() else None
    try:
        if not convertible(unit, other):
            return None
        zero, one = convert(np.array([0.0, 1.0]), unit, other).tolist()
    except (UnitMismatch, InvalidInput):  # a sensor of old may have any text for a unit
        return None
    return one if zero == 0 else None


def quantity_title(unit: str) -> str:
    """What an axis with this unit shows: `Power (kW)`; empty for a number without a unit."""
    try:
        name = dimension_name(unit)
    except (UnitMismatch, InvalidInput):
        return unit
    name = "" if name == "value" else name.capitalize()
    return f"{name} ({unit})" if name and unit else name or unit

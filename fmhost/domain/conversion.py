"""Conversion of values from one unit into another.

Besides units of one dimension, a stock converts into a flow and back when the length of the events
is known: `2 kWh` during a quarter of an hour is `8 kW`. A percentage of a known capacity converts
into the unit of that capacity and back.

Each pair of units is resolved once; afterwards a conversion is one multiplication of a column.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from fractions import Fraction
from functools import lru_cache
from typing import TYPE_CHECKING, Final

import numpy as np

from fmhost.domain.arrays import Durations, Floats, to_timedelta
from fmhost.domain.unit_parsing import dimensions, parse_unit, registry
from fmhost.errors import UnitMismatch

if TYPE_CHECKING:
    from pint import Unit

_TIME: Final = "[time]"
_HOUR: Final = timedelta(hours=1)
_SNAP: Final = 1e-12
_EXACT: Final = 2**53


@dataclass(frozen=True, slots=True)
class Conversion:
    """How values in one unit become values in another: `(value + shift) * factor * hours ** power`.

    :param factor: exact ratio of the units, once stocks and flows are related by one hour.
    :param shift: added to the value first; differs from zero between temperature scales only.
    :param hours_power: -1 from stock to flow, 1 from flow to stock, else 0.
    """

    factor: Fraction
    shift: float = 0.0
    hours_power: int = 0


@lru_cache(maxsize=4096)
def _conversion(from_unit: str, to_unit: str) -> Conversion | None:
    """The conversion between two units, or None where their dimensions do not allow any."""
    ours, theirs = dimensions(from_unit), dimensions(to_unit)
    source, target = parse_unit(from_unit), parse_unit(to_unit)
    if ours == theirs:
        return _within_dimension(source, target)
    if _is_offset(source) or _is_offset(target):
        return None
    surplus = {
        name: ours.get(name, 0) - theirs.get(name, 0)
        for name in ours.keys() | theirs.keys()
        if ours.get(name, 0) != theirs.get(name, 0)
    }
    if surplus == {_TIME: 1}:
        per_hour = registry().Quantity(1, source / registry().hour).m_as(target)
        return Conversion(_exact(per_hour), hours_power=-1)
    if surplus == {_TIME: -1}:
        times_hour = registry().Quantity(1, source * registry().hour).m_as(target)
        return Conversion(_exact(times_hour), hours_power=1)
    return None


def _is_offset(unit: Unit) -> bool:
    """Whether the unit is a temperature scale whose zero is not absolute zero."""
    return bool(registry().Quantity(0, unit).to_root_units().magnitude != 0)


def _within_dimension(source: Unit, target: Unit) -> Conversion | None:
    quantity = registry().Quantity
    if not (_is_offset(source) or _is_offset(target)):
        return Conversion(_exact(quantity(1, source).m_as(target)))
    # A temperature scale: the step of one degree, and where the scale has its zero.
    low, middle, high = (quantity(value, source).m_as(target) for value in (100, 500, 900))
    if not np.isclose(low + high, 2 * middle, rtol=_SNAP):
        return None  # a logarithmic scale, such as dBm
    zero = quantity(0, target).m_as(source)
    return Conversion(_exact((high - low) / 800), shift=-float(np.sign(zero) * _exact(abs(zero))))


def _exact(ratio: float) -> Fraction:
    """The fraction that a computed ratio stands for: 0.001 is 1/1000 rather than its nearest float.

    Multiplying by the fraction's numerator or dividing by its denominator then rounds once.
    """
    if ratio <= 0 or not np.isfinite(ratio):
        return Fraction(ratio)
    if ratio < 1:
        return 1 / _exact(1 / ratio)
    nearest = Fraction(ratio).limit_denominator(10**6)
    return nearest if abs(float(nearest) - ratio) <= _SNAP * ratio else Fraction(ratio)


def _scaled(values: Floats, factor: Fraction) -> Floats:
    numerator, denominator = factor.numerator, factor.denominator
    if denominator == 1 and numerator < _EXACT:
        return values * float(numerator)
    if numerator == 1 and denominator < _EXACT:
        return values / float(denominator)
    return values * float(factor)


@lru_cache(maxsize=4096)
def is_share(unit: str) -> bool:
    """Whether a unit is a part of a whole (`%`, `‰`), so that a capacity gives it a dimension.

    :raises UnitMismatch: where the text is not a unit.
    """
    return parse_unit(unit) in (parse_unit("%"), parse_unit("‰"))


def time_power(from_unit: str, to_unit: str) -> int:
    """The power of the event's length in a conversion: -1 for kWh to kW, 1 for kW to kWh, else 0.

    :raises UnitMismatch: where a text is not a unit.
    """
    found = _conversion(from_unit, to_unit)
    return found.hours_power if found else 0


def convertible(
    from_unit: str,
    to_unit: str,
    event_resolution: timedelta | None = None,
    *,
    capacity: float | None = None,
) -> bool:
    """Whether values convert from one unit to the other.

    :param event_resolution: the length of the events; where it is known and not zero, a stock
        converts into a flow (kWh to kW) and a flow into a stock.
    :param capacity: what 100 % stands for; where it is known, a percentage converts into a
        quantity and back.
    :raises UnitMismatch: where a text is not a unit.
    """
    found = _conversion(from_unit, to_unit)
    if found is None:
        return capacity is not None and is_share(from_unit) != is_share(to_unit)
    return not found.hours_power or bool(event_resolution)


def convert(
    values: Floats,
    from_unit: str,
    to_unit: str,
    *,
    event_resolution: timedelta | None = None,
    capacity: float | None = None,
) -> Floats:
    """A new column with the values in another unit; NaN stays NaN.

    :param values: float64, any shape.
    :param event_resolution: the length of the events, needed between stocks and flows.
    :param capacity: what 100 % stands for, needed between a percentage and a quantity: in
        `to_unit` from a percentage, in `from_unit` to one.
    :raises UnitMismatch: where the units do not convert into each other, or the length of the
        events or the capacity would be needed for it.
    """
    values = np.asarray(values, dtype=np.float64)
    if from_unit == to_unit:
        return values.copy()
    found = _conversion(from_unit, to_unit)
    if found is None:
        return _of_capacity(values, from_unit, to_unit, capacity)
    factor = found.factor
    if found.hours_power:
        if not event_resolution:
            raise UnitMismatch(
                f"Unit '{from_unit}' converts to '{to_unit}' only for events of a known length.",
                hint="Values of instantaneous sensors cannot be converted between them.",
            )
        length = Fraction(
            event_resolution // timedelta(microseconds=1), _HOUR // timedelta(microseconds=1)
        )
        factor *= length**found.hours_power
    return _scaled(values + found.shift if found.shift else values, factor)


def convert_by_length(values: Floats, from_unit: str, to_unit: str, lengths: Durations) -> Floats:
    """Values converted between stocks and flows, each by the length of its own event.

    :raises UnitMismatch: as :func:`convert` does.
    """
    converted = np.empty(len(values))
    for length in np.unique(lengths):
        rows = lengths == length
        converted[rows] = convert(
            values[rows], from_unit, to_unit, event_resolution=to_timedelta(length)
        )
    return converted


def _of_capacity(values: Floats, from_unit: str, to_unit: str, capacity: float | None) -> Floats:
    """Between a share of a capacity and the unit of that capacity."""
    to_share = is_share(to_unit)
    if not (is_share(from_unit) or to_share):
        raise UnitMismatch(
            f"Unit '{from_unit}' cannot be converted to '{to_unit}'.",
            hint="They measure different things.",
        )
    if capacity is None:
        raise UnitMismatch(
            f"Unit '{from_unit}' converts to '{to_unit}' only where the capacity is known.",
            hint="Say what 100 % stands for, or give the values in the other unit.",
        )
    if to_share:
        return convert(values / capacity, "", to_unit)
    return convert(values, from_unit, "") * capacity

"""What 100 % of a sensor stands for, so that percentages can be posted to it and asked of it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from fmhost.domain import units
from fmhost.errors import InvalidInput
from fmhost.model.sensors import Sensor

#: The attribute with the capacity of a sensor, by what is measured, and the unit of bare numbers.
#: An asset may say the same in its flex-model, as `power-capacity` and `soc-max`.
_ATTRIBUTES: Final[tuple[tuple[Callable[[str], bool], str, str], ...]] = (
    (units.is_power, "capacity_in_mw", "MW"),
    (units.is_energy, "max_soc_in_mwh", "MWh"),
)


def capacity_between(sensor: Sensor, unit: str) -> float | None:
    """The capacity by which values convert between `unit` and the unit of the sensor.

    It is in the one of the two units that is no percentage; None where neither is one or both are,
    or where no fixed capacity is known.

    :raises UnitMismatch: where a text is not a unit.
    :raises InvalidInput: where the attribute with the capacity cannot be read.
    """
    if unit == sensor.unit:
        return None
    ours, theirs = units.is_share(unit), units.is_share(sensor.unit)
    if ours == theirs:
        return None
    quantity = sensor.unit if ours else unit
    for measures, attribute, of_numbers in _ATTRIBUTES:
        if measures(quantity):
            value = sensor.get_attribute(attribute)
            # A capacity that changes is a reference to the sensor that records it.
            if isinstance(value, str | int | float):
                return _positive(sensor, attribute, value, of_numbers, quantity)
    return None


def _positive(
    sensor: Sensor, attribute: str, value: str | float, of_numbers: str, unit: str
) -> float:
    found = units.quantity(value, of_numbers, unit, field=attribute)
    if found <= 0:
        raise InvalidInput(
            f"The attribute {attribute} of sensor {sensor.id} is no capacity: {value}.",
            field=attribute,
            hint="Give a quantity above zero.",
        )
    return found

"""What a field measures: the unit of its values, and which of them make sense."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

from fmhost.plugin import InvalidInput, units


@dataclass(frozen=True)
class Kind:
    """What a field measures.

    :param unit: the unit of its values below this stage.
    :param default_unit: the unit of a bare number.
    :param minimum: the least value that makes sense, in `unit`.
    :param exclusive: whether the minimum itself makes no sense.
    :param maximum: the largest value that makes sense, in `unit`.
    :param what: what it measures, for messages.
    :param is_level: whether it is a state of charge: a sensor may measure it in %, too, and takes
        the computed one.
    """

    unit: str
    default_unit: str
    what: str
    minimum: float | None = None
    exclusive: bool = False
    maximum: float | None = None
    is_level: bool = False

    def check(self, value: float, field: str) -> float:
        """:raises InvalidInput: where the value makes no sense."""
        if self.minimum is not None and (
            value < self.minimum or (self.exclusive and value == self.minimum)
        ):
            relation = "greater than" if self.exclusive else "at least"
            raise InvalidInput(
                f"Must be {relation} {_quantity(self.minimum, self.unit)}.", field=field
            )
        if self.maximum is not None and value > self.maximum:
            raise InvalidInput(
                f"Must be at most {_quantity(self.maximum, self.unit)}.", field=field
            )
        return value


POWER = Kind("MW", "MW", "power")
CAPACITY = Kind("MW", "MW", "power", minimum=0.0)
RAMP = Kind("MW/h", "MW/h", "change of power per time", minimum=0.0)
RATIO = Kind("", "", "ratio", minimum=0.0, exclusive=True)
SHARE = Kind("", "", "ratio", minimum=0.0, exclusive=True, maximum=1.0)


@cache
def energy(default_unit: str, minimum: float | None = None) -> Kind:
    """Energy, of which bare numbers are in `default_unit`."""
    return Kind("MWh", default_unit, "energy", minimum=minimum)


@cache
def state_of_charge(default_unit: str) -> Kind:
    """Energy, or (from a sensor) a share of the largest."""
    return Kind("MWh", default_unit, "energy or a percentage", is_level=True)


def _quantity(value: float, unit: str) -> str:
    return units.format_quantity(value, unit)

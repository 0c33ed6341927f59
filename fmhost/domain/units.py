"""Units: reading, comparing, classifying and converting them; quantities as people write them.

The door to the modules on units. Importing it does not build the unit registry: the first unit
that is looked at does, once per process.
"""

from __future__ import annotations

from fmhost.domain.conversion import convert, convert_by_length, convertible, is_share, time_power
from fmhost.domain.quantities import compact, format_quantity, parse_quantity, quantity
from fmhost.domain.unit_classes import (
    currency_of,
    dimension_name,
    is_capacity_price,
    is_currency,
    is_energy,
    is_energy_price,
    is_power,
    is_price,
    is_speed,
)
from fmhost.domain.unit_parsing import parse_unit

__all__ = [
    "compact",
    "convert",
    "convert_by_length",
    "convertible",
    "currency_of",
    "dimension_name",
    "format_quantity",
    "is_capacity_price",
    "is_currency",
    "is_energy",
    "is_energy_price",
    "is_power",
    "is_price",
    "is_share",
    "is_speed",
    "parse_quantity",
    "parse_unit",
    "quantity",
    "time_power",
]

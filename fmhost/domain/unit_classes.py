"""What a unit measures: power, energy, prices, currencies, speed and other dimensions."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final

from fmhost.domain.currencies import CODES
from fmhost.domain.unit_parsing import dimensions
from fmhost.errors import UnitMismatch

_CURRENCY: Final = re.compile(r"[yzafpnuµμmcdhkMGTPEZY]?([A-Z]{3})")
_CURRENCY_DIMENSION: Final = "[currency_"


def _has_dimensions_of(unit: str, reference: str) -> bool:
    try:
        return dimensions(unit) == dimensions(reference)
    except UnitMismatch:
        return False


def currency_of(unit: str) -> str | None:
    """The ISO 4217 code of the one currency in a unit (`EUR` for `kEUR/MWh`), or None.

    :raises UnitMismatch: where the text is not a unit.
    """
    found = [name for name in dimensions(unit) if name.startswith(_CURRENCY_DIMENSION)]
    return found[0][len(_CURRENCY_DIMENSION) : -1] if len(found) == 1 else None


def is_power(unit: str) -> bool:
    """Whether a unit has the dimension of the watt; volt-amperes do."""
    return _has_dimensions_of(unit, "W")


def is_energy(unit: str) -> bool:
    """Whether a unit has the dimension of the watt-hour."""
    return _has_dimensions_of(unit, "Wh")


def is_speed(unit: str) -> bool:
    """Whether a unit has the dimension of metres per second."""
    return _has_dimensions_of(unit, "m/s")


def is_currency(unit: str) -> bool:
    """Whether a unit is an ISO 4217 code, with at most one SI prefix of one letter (`kEUR`)."""
    match = _CURRENCY.fullmatch(unit.strip())
    return match is not None and match.group(1) in CODES


def is_price(unit: str) -> bool:
    """Whether a unit is an amount of one currency per something else."""
    try:
        currency = currency_of(unit)
        if currency is None:
            return False
        powers = dimensions(unit)
    except UnitMismatch:
        return False
    return len(powers) > 1 and powers[f"{_CURRENCY_DIMENSION}{currency}]"] == 1


def is_energy_price(unit: str) -> bool:
    """Whether a unit is a price per unit of energy, such as `EUR/MWh`."""
    return is_price(unit) and _has_dimensions_of(unit, f"{currency_of(unit)}/Wh")


def is_capacity_price(unit: str) -> bool:
    """Whether a unit is a price per unit of power, such as `EUR/kW`."""
    return is_price(unit) and _has_dimensions_of(unit, f"{currency_of(unit)}/W")


@lru_cache(maxsize=1024)
def dimension_name(unit: str) -> str:
    """What a unit measures, in words for people.

    One of power, energy, energy price, price, currency, speed, percentage, the name of a base
    dimension (length, mass, time, current, temperature, ...), or else `value`.

    :raises UnitMismatch: where the text is not a unit.
    """
    named = (
        ("power", is_power),
        ("energy", is_energy),
        ("energy price", is_energy_price),
        ("price", is_price),
        ("currency", is_currency),
        ("speed", is_speed),
    )
    powers = dimensions(unit)
    for name, applies in named:
        if applies(unit):
            return name
    if unit.strip() in ("%", "percent"):
        return "percentage"
    base = list(powers.items())
    if len(base) == 1 and base[0][1] == 1:
        return base[0][0].strip("[]")
    return "value"

"""The documented fields of flex-context and flex-model, and what kind of value each takes.

Schedulers read the fields and decide what they do with them. The host knows the kinds, so that
what is stored on an asset is sound before any scheduler looks at it.
"""

from __future__ import annotations

from collections.abc import Callable
from enum import StrEnum

from fmhost.domain import units


class FlexKind(StrEnum):
    """What a field takes. The first five are quantities: fixed ones, or sensors."""

    ENERGY_PRICE = "energy price"
    CAPACITY_PRICE = "capacity price"
    POWER = "power"
    ENERGY = "energy"
    RATIO = "ratio"
    POWERS = "powers that add up"
    SENSOR = "reference to a sensor"
    SENSORS = "references to sensors"
    SENSOR_ID = "id of a sensor"
    SENSOR_IDS = "ids of sensors"
    FLAG = "yes or no"
    TEXT = "text"
    NUMBER = "number"
    DURATION = "duration"
    ANYTHING = "anything"


#: The kinds that are one quantity.
QUANTITIES = (
    FlexKind.ENERGY_PRICE,
    FlexKind.CAPACITY_PRICE,
    FlexKind.POWER,
    FlexKind.ENERGY,
    FlexKind.RATIO,
)

_K = FlexKind

FLEX_CONTEXT = {
    "consumption-price": _K.ENERGY_PRICE,
    "production-price": _K.ENERGY_PRICE,
    "consumption-price-sensor": _K.SENSOR_ID,
    "production-price-sensor": _K.SENSOR_ID,
    "inflexible-device-sensors": _K.SENSOR_IDS,
    "inflexible-consumption": _K.SENSORS,
    "inflexible-production": _K.SENSORS,
    "site-power-capacity": _K.POWER,
    "site-consumption-capacity": _K.POWER,
    "site-production-capacity": _K.POWER,
    "site-consumption-breach-price": _K.CAPACITY_PRICE,
    "site-production-breach-price": _K.CAPACITY_PRICE,
    "site-peak-consumption": _K.POWER,
    "site-peak-consumption-price": _K.CAPACITY_PRICE,
    "site-peak-production": _K.POWER,
    "site-peak-production-price": _K.CAPACITY_PRICE,
    "soc-minima-breach-price": _K.ENERGY_PRICE,
    "soc-maxima-breach-price": _K.ENERGY_PRICE,
    "consumption-breach-price": _K.CAPACITY_PRICE,
    "production-breach-price": _K.CAPACITY_PRICE,
    "relax-constraints": _K.FLAG,
    "relax-soc-constraints": _K.FLAG,
    "relax-site-capacity-constraints": _K.FLAG,
    "relax-capacity-constraints": _K.FLAG,
    "commitments": _K.ANYTHING,
    "aggregate-power": _K.SENSOR,
    "aggregate-consumption": _K.SENSOR,
    "aggregate-production": _K.SENSOR,
    "commodity": _K.TEXT,
    "commodities": _K.ANYTHING,
    "stability-cost": _K.ENERGY_PRICE,
}

FLEX_MODEL = {
    # storage
    "soc-at-start": _K.ENERGY,
    "soc-unit": _K.TEXT,
    "soc-min": _K.ENERGY,
    "soc-max": _K.ENERGY,
    "soc-targets": _K.ENERGY,
    "soc-minima": _K.ENERGY,
    "soc-maxima": _K.ENERGY,
    "roundtrip-efficiency": _K.RATIO,
    "charging-efficiency": _K.RATIO,
    "discharging-efficiency": _K.RATIO,
    "storage-efficiency": _K.RATIO,
    "prefer-charging-sooner": _K.FLAG,
    "prefer-curtailing-later": _K.FLAG,
    "power-capacity": _K.POWER,
    "consumption-capacity": _K.POWER,
    "production-capacity": _K.POWER,
    "soc-gain": _K.POWERS,
    "soc-usage": _K.POWERS,
    "state-of-charge": _K.SENSOR,
    "consumption": _K.SENSOR,
    "production": _K.SENSOR,
    "commodity": _K.TEXT,
    "coupling": _K.TEXT,
    "coupling-coefficient": _K.NUMBER,
    "operation-modes": _K.ANYTHING,
    "group": _K.ANYTHING,
    "cycle-cost": _K.ENERGY_PRICE,
    "ramp-limit": _K.ANYTHING,
    "inflexible-consumption": _K.SENSOR,
    "inflexible-production": _K.SENSOR,
    "asset": _K.ANYTHING,
    # processes
    "duration": _K.DURATION,
    "power": _K.POWER,
    "process-type": _K.TEXT,
    "time-restrictions": _K.ANYTHING,
    "optimization-sense": _K.TEXT,
}

_FITS: dict[FlexKind, Callable[[str], bool]] = {
    # An emission per energy is minimised like a price.
    _K.ENERGY_PRICE: lambda unit: units.is_energy_price(unit) or units.convertible(unit, "kg/MWh"),
    _K.CAPACITY_PRICE: units.is_capacity_price,
    _K.POWER: units.is_power,
    _K.ENERGY: lambda unit: units.is_energy(unit) or units.is_share(unit),
    _K.RATIO: lambda unit: units.is_share(unit) or units.convertible(unit, ""),
}

#: What a number without a unit means.
_DEFAULT_UNITS = {
    _K.ENERGY_PRICE: "EUR/MWh",
    _K.CAPACITY_PRICE: "EUR/MW",
    _K.POWER: "MW",
    _K.ENERGY: "MWh",
    _K.RATIO: "",
}


def unit_fits(kind: FlexKind, unit: str) -> bool:
    """Whether values in this unit fit a field of the kind; one of :data:`QUANTITIES`."""
    return _FITS[kind](unit)


def default_unit(kind: FlexKind) -> str:
    """The unit of a number that comes without one; the kind is one of :data:`QUANTITIES`."""
    return _DEFAULT_UNITS[kind]

"""What the fields of flex-model and flex-context mean, for the API's document and for forms."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from marshmallow import Schema

#: Fields that requests for a schedule say, rather than what is stored: marked as such.
ASKED_FOR: Final = ("soc-at-start", "soc-targets", "soc-minima", "soc-maxima")
MARK: Final = "x-asked-for"

FLEX_MODEL: Final = {
    "soc-at-start": "State of charge at the start; else what its sensor tells, or zero.",
    "soc-unit": "Unit of energies that come without one.",
    "soc-min": "Floor of the state of charge; hard.",
    "soc-max": "Ceiling of the state of charge; hard.",
    "soc-targets": "States of charge to be met exactly, and when.",
    "soc-minima": "States of charge to be met at least, and when.",
    "soc-maxima": "States of charge to be met at most, and when.",
    "roundtrip-efficiency": "What is left of energy that is charged and discharged again, to 100%.",
    "charging-efficiency": "Stored per consumed energy; above 100% for a heat pump.",
    "discharging-efficiency": "Produced per withdrawn energy.",
    "storage-efficiency": "What is left of the state of charge after one event of the sensor.",
    "prefer-charging-sooner": "Among equally cheap schedules, be full sooner.",
    "prefer-curtailing-later": "Among equally cheap schedules, let a device without storage run "
    "sooner.",
    "power-capacity": "Largest power either way; hard.",
    "consumption-capacity": "Largest consumption; hard, unless its breach has a price.",
    "production-capacity": "Largest production; hard, unless its breach has a price.",
    "soc-gain": "Inflow of energy into the storage; no efficiency applies.",
    "soc-usage": "Outflow of energy from the storage; no efficiency applies.",
    "state-of-charge": "The sensor that tells the state of charge at the start and takes the "
    "computed one; or segments of it.",
    "consumption": "The sensor that takes the power of the device, consumption positive.",
    "production": "The sensor that takes the power of the device, production positive.",
    "commodity": "What the device consumes or produces; electricity where nothing is said.",
    "coupling": "Devices with the same name here run in proportion.",
    "coupling-coefficient": "The share of the device in that proportion.",
    "operation-modes": "Bands of power, of which one holds at each step.",
    "group": "The group to which the device belongs: an asset or sensor that stands for it.",
    "cycle-cost": "Wear: price of each energy that is charged, and of each that is discharged.",
    "ramp-limit": "Largest change of power per time; hard.",
    "inflexible-consumption": "Power of a device that is not scheduled; positive is consumption.",
    "inflexible-production": "Power of a device that is not scheduled; positive is production.",
    "asset": "Not supported yet.",
}

FLEX_CONTEXT: Final = {
    "consumption-price": "Price of what the site consumes.",
    "consumption-price-sensor": "The same in the older notation.",
    "production-price": "Revenue of what the site produces; else the price of consumption.",
    "production-price-sensor": "The same in the older notation.",
    "inflexible-device-sensors": "Power of devices that are not scheduled, with the sign that each "
    "sensor says.",
    "inflexible-consumption": "Power of devices that are not scheduled; positive is consumption.",
    "inflexible-production": "Power of devices that are not scheduled; positive is production.",
    "site-power-capacity": "Largest power of the site either way; always hard.",
    "site-consumption-capacity": "Largest consumption; hard, unless its breach has a price.",
    "site-production-capacity": "Largest production; hard, unless its breach has a price.",
    "site-consumption-breach-price": "Makes the largest consumption soft, at this price.",
    "site-production-breach-price": "Makes the largest production soft, at this price.",
    "site-peak-consumption": "The peak so far, which is paid for already.",
    "site-peak-consumption-price": "Charge on the highest consumption above the peak so far.",
    "site-peak-production": "The peak so far, which is paid for already.",
    "site-peak-production-price": "Charge on the highest production above the peak so far.",
    "soc-minima-breach-price": "Makes lower set-points soft, at this price.",
    "soc-maxima-breach-price": "Makes upper set-points soft, at this price.",
    "consumption-breach-price": "Makes the consumption capacity of devices soft, at this price.",
    "production-breach-price": "Makes the production capacity of devices soft, at this price.",
    "relax-constraints": "Make all set-points and the capacities of the site soft.",
    "relax-soc-constraints": "Make set-points of the state of charge soft.",
    "relax-site-capacity-constraints": "Make the directional capacities of the site soft.",
    "relax-capacity-constraints": "Make the directional capacities of devices soft.",
    "commitments": "Flows that were committed to, and prices of deviating from them.",
    "commodities": "The same fields for heat, gas and whatever else flows.",
    "commodity": "What the fields are about; nothing but electricity is possible here.",
    "aggregate-power": "The sensor that takes the power of the site.",
    "aggregate-consumption": "The sensor that takes the power of the site, consumption positive.",
    "aggregate-production": "The sensor that takes the power of the site, production positive.",
    "stability-cost": "Price of deviating from the previous plan of each device.",
}


def describe(schema: type[Schema], texts: Mapping[str, str]) -> None:
    """Have the fields of a schema say what they mean."""
    for attribute, field in schema._declared_fields.items():
        name = field.data_key or attribute
        mark = {MARK: True} if name in ASKED_FOR else {}
        field.metadata = {**field.metadata, "description": texts[name], **mark}

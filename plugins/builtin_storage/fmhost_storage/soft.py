"""Which limits are soft, and at which price: breach prices, and the flags that relax limits."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from fmhost_storage.price_fields import ENERGY, POWER, Price
from fmhost_storage.quantities import Fixed

#: The umbrella, and what each of its parts relaxes: fields with the price of a breach where none
#: is given [currency per MWh or MW].
UMBRELLA = "relax_constraints"
RELAXED: Mapping[str, Mapping[str, tuple[float, str]]] = {
    "relax_soc_constraints": {
        "soc_minima_breach_price": (1e6, ENERGY),
        "soc_maxima_breach_price": (1e6, ENERGY),
    },
    "relax_site_capacity_constraints": {
        "site_consumption_breach_price": (1e7, POWER),
        "site_production_breach_price": (1e7, POWER),
    },
    "relax_capacity_constraints": {
        "consumption_breach_price": (1e5, POWER),
        "production_breach_price": (1e5, POWER),
    },
}
#: Parts that the umbrella leaves alone.
OUTSIDE = ("relax_capacity_constraints",)


def breach_prices(values: Mapping[str, Any]) -> dict[str, Price]:
    """The price of breaching each limit that is soft, by the price's field with underscores.

    A price that is given makes a limit soft, whatever the flags say; a flag makes it soft at the
    usual price. Without either, a limit is hard.
    """
    found: dict[str, Price] = {}
    for flag, prices in RELAXED.items():
        umbrella = False if flag in OUTSIDE else values.get(UMBRELLA, False)
        for field, (usual, per) in prices.items():
            if values.get(field) is not None:
                found[field] = values[field]
            elif values.get(flag, umbrella):
                found[field] = Price(None, Fixed(usual), per)
    return found

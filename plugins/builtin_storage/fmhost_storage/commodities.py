"""The field ``commodities``: connections of the site to heat, gas and whatever else flows.

Each entry is a flex-context of its own for one commodity. What it does not say has defaults of its
own: a connection that has neither a price nor a capacity one way does not flow that way at all, and
one that has neither either way is a node inside the site, whose flows balance.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from fmhost.plugin import InvalidInput
from fmhost_storage.fields import LayerField
from fmhost_storage.quantities import Fixed, with_hyphens

#: Fields of the connection of one commodity.
FIELDS = (
    "commodity",
    "consumption-price",
    "production-price",
    "site-power-capacity",
    "site-consumption-capacity",
    "site-production-capacity",
    "site-consumption-breach-price",
    "site-production-breach-price",
    "site-peak-consumption",
    "site-peak-consumption-price",
    "site-peak-production",
    "site-peak-production-price",
    "inflexible-consumption",
    "inflexible-production",
    "aggregate-power",
    "aggregate-consumption",
    "aggregate-production",
)
DIRECTIONS = ("consumption", "production")


class CommoditiesField(LayerField):
    """A list of flex-contexts, one per commodity; checked for shape and names."""

    json_schema = {
        "type": "array",
        "items": {
            "type": "object",
            "description": "A flex-context of one commodity: "
            + ", ".join(name for name in FIELDS)
            + ".",
            "properties": {"commodity": {"type": "string", "minLength": 1}},
            "required": ["commodity"],
        },
    }

    def _deserialize(
        self, value: Any, attr: Any, data: Any, **kwargs: Any
    ) -> tuple[Mapping[str, Any], ...]:
        if not isinstance(value, list):
            raise InvalidInput("Not a valid list.", field=self.label)
        found: dict[str, Mapping[str, Any]] = {}
        for number, entry in enumerate(value):
            place = f"{self.label}.{number}"
            if not isinstance(entry, Mapping):
                raise InvalidInput("Not a valid mapping type.", field=place)
            given = with_hyphens(entry, place)
            for name in given:
                if name not in FIELDS:
                    raise InvalidInput("Unknown field.", field=f"{place}.{name}")
            commodity = given.get("commodity")
            if not isinstance(commodity, str) or not commodity:
                raise InvalidInput("Missing data for required field.", field=f"{place}.commodity")
            if commodity in found:
                raise InvalidInput(
                    f"The commodity '{commodity}' has two contexts.", field=f"{place}.commodity"
                )
            found[commodity] = given
        return tuple(found.values())


def with_defaults(values: Mapping[str, Any]) -> tuple[dict[str, Any], bool, list[str]]:
    """Typed values of one commodity with what they leave out, whether it is a node inside the
    site, and warnings.

    Prices are as :class:`~fmhost_storage.price_fields.Price` where given.
    """
    made = dict(values)
    both_ways = values.get("site_power_capacity") is not None
    inside = True
    closed = []
    for direction in DIRECTIONS:
        priced = values.get(f"{direction}_price") is not None
        bounded = values.get(f"site_{direction}_capacity") is not None
        inside &= not (priced or bounded or both_ways)
        if not (priced or bounded or both_ways):
            made[f"site_{direction}_capacity"] = Fixed(0.0)
            closed.append(direction)
    warnings = [
        f"commodities: {values['commodity']} has neither a price nor a capacity of {direction}, so "
        f"there is none."
        for direction in closed
        if not inside and f"site_{direction}_breach_price" not in values
    ]
    return made, inside, warnings

"""The flex-context of a process: the one field it needs, and where it is found."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from fmhost.plugin import InvalidInput, SeriesReader
from fmhost_process.fields import placed, refuse_unknown, sensor_id, with_hyphens
from fmhost_process.price import Price, read_price

PRICE = "consumption-price"
PRICE_SENSOR = "consumption-price-sensor"

#: An older attribute with the id of a price sensor.
MARKET = "market_id"

#: Fields that describe the site for other schedulers, and do not matter to a process.
WITHOUT_MEANING = frozenset(
    {
        "production-price",
        "production-price-sensor",
        "inflexible-device-sensors",
        "inflexible-consumption",
        "inflexible-production",
        "site-power-capacity",
        "site-consumption-capacity",
        "site-production-capacity",
        "site-consumption-breach-price",
        "site-production-breach-price",
        "site-peak-consumption",
        "site-peak-consumption-price",
        "site-peak-production",
        "site-peak-production-price",
        "soc-minima-breach-price",
        "soc-maxima-breach-price",
        "consumption-breach-price",
        "production-breach-price",
        "relax-constraints",
        "relax-soc-constraints",
        "relax-site-capacity-constraints",
        "relax-capacity-constraints",
        "commitments",
        "aggregate-power",
        "aggregate-consumption",
        "aggregate-production",
        "commodity",
        "commodities",
    }
)

_SENSOR_ID = {"type": "integer", "description": "The id of a sensor."}

#: The fields as JSON Schema.
SCHEMA: dict[str, Any] = {
    "type": "object",
    "properties": {
        PRICE: {
            "description": "A price per energy: fixed, of a sensor, or a list of segments.",
            "anyOf": [
                {"type": ["string", "number"], "examples": ["0.25 EUR/kWh"]},
                {
                    "type": "object",
                    "properties": {"sensor": _SENSOR_ID},
                    "required": ["sensor"],
                },
                {"type": "array", "minItems": 1, "items": {"type": "object"}},
            ],
        },
        PRICE_SENSOR: _SENSOR_ID,
        **{
            name: {"description": "Taken, and without meaning to this scheduler."}
            for name in sorted(WITHOUT_MEANING)
        },
    },
    "additionalProperties": False,
}


@dataclass(frozen=True)
class Surroundings:
    """What a process needs to know of its site.

    :param warnings: what is given and does not count, in sentences.
    """

    price: Price
    warnings: tuple[str, ...]


def read_surroundings(
    given: Any, holders: Sequence[Any], reader: SeriesReader, zone: str
) -> Surroundings:
    """The price of consumption: from the request, else as stored, else from attributes.

    :param given: the flex-context of the request; None for none.
    :param holders: whose stored flex-context and attributes count, nearest first: the sensor
        (attributes only), its asset, the asset's ancestors.
    :param zone: the time zone in which nominal durations are resolved.
    :raises InvalidInput: naming the field.
    """
    trigger = with_hyphens({} if given is None else given, "flex-context")
    refuse_unknown(trigger, (PRICE, PRICE_SENSOR, *WITHOUT_MEANING))
    layers = [(trigger, ""), *_stored(holders)]
    without_meaning = {name for layer, _ in layers for name in layer} & WITHOUT_MEANING
    warnings = tuple(
        f"{name}: the ProcessScheduler does not take this field into account."
        for name in sorted(without_meaning)
    )
    for layer, place in (*layers, *_attributes(holders)):
        with placed(place=place):
            price = _read(layer, reader, zone)
        if price is not None:
            return Surroundings(price, warnings)
    raise InvalidInput(
        "The schedule of a process needs a price of consumption.",
        field=PRICE,
        hint='Give it in the flex-context, such as {"consumption-price": {"sensor": 3}}, or store '
        "it in the flex-context of the asset.",
    )


def _read(layer: Mapping[str, Any], reader: SeriesReader, zone: str) -> Price | None:
    if PRICE in layer and PRICE_SENSOR in layer:
        raise InvalidInput(f"Must pass either {PRICE} or {PRICE_SENSOR}.", field=PRICE)
    if PRICE in layer:
        return read_price(layer[PRICE], reader, zone, PRICE)
    if PRICE_SENSOR in layer:
        number = sensor_id(layer[PRICE_SENSOR], PRICE_SENSOR)
        return read_price({"sensor": number}, reader, zone, PRICE_SENSOR)
    return None


def _stored(holders: Sequence[Any]) -> Iterator[tuple[dict[str, Any], str]]:
    for holder in holders:
        if hasattr(holder, "flex_context"):
            place = f"the flex-context of asset {holder.id}"
            yield with_hyphens(holder.flex_context, "flex-context"), place


def _attributes(holders: Sequence[Any]) -> Iterator[tuple[dict[str, Any], str]]:
    for holder in holders:
        attributes = holder.attributes
        found = {
            field: attributes[spelling]
            for field in (PRICE, PRICE_SENSOR)
            for spelling in (field, field.replace("-", "_"))
            if attributes.get(spelling) is not None
        }
        if not found and attributes.get(MARKET) is not None:
            found = {PRICE_SENSOR: attributes[MARKET]}
        kind = "asset" if hasattr(holder, "flex_context") else "sensor"
        yield found, f"the attributes of {kind} {holder.id}"

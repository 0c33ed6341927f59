"""The flex-context: prices, capacities and other devices at the site, typed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from fmhost.plugin import InvalidInput
from fmhost_storage.fields import (
    NotYet,
    Price,
    PriceField,
    PriceSensorField,
    QuantityField,
    SensorsField,
)
from fmhost_storage.kinds import CAPACITY, POWER
from fmhost_storage.layers import Layer, LayerSchema, effective
from fmhost_storage.quantities import Quantity, Source, require_unit

#: A price may be given as a quantity or as the id of a sensor.
PRICES = (
    ("consumption-price", "consumption-price-sensor"),
    ("production-price", "production-price-sensor"),
)

#: Attributes of sensors and assets that stand in for a field of the same name.
ATTRIBUTES = (
    "consumption-price",
    "consumption-price-sensor",
    "production-price",
    "production-price-sensor",
    "inflexible-device-sensors",
    "site-power-capacity",
    "site-consumption-capacity",
    "site-production-capacity",
)
#: An older attribute with the id of a price sensor.
MARKET = "market_id"


class SiteSchema(LayerSchema):
    """The fields of a flex-context."""

    consumption_price = PriceField(data_key="consumption-price")
    consumption_price_sensor = PriceSensorField(data_key="consumption-price-sensor")
    production_price = PriceField(data_key="production-price")
    production_price_sensor = PriceSensorField(data_key="production-price-sensor")
    inflexible_device_sensors = SensorsField(data_key="inflexible-device-sensors")
    site_power_capacity = QuantityField(CAPACITY, data_key="site-power-capacity")
    site_consumption_capacity = QuantityField(CAPACITY, data_key="site-consumption-capacity")
    site_production_capacity = QuantityField(CAPACITY, data_key="site-production-capacity")
    commodity = NotYet("electricity")
    relax_constraints = NotYet(False, data_key="relax-constraints")
    relax_soc_constraints = NotYet(False, data_key="relax-soc-constraints")
    relax_site_capacity_constraints = NotYet(False, data_key="relax-site-capacity-constraints")
    relax_capacity_constraints = NotYet(False, data_key="relax-capacity-constraints")
    commitments = NotYet([])
    commodities = NotYet([])
    inflexible_consumption = NotYet([], data_key="inflexible-consumption")
    inflexible_production = NotYet([], data_key="inflexible-production")
    aggregate_power = NotYet(data_key="aggregate-power")
    aggregate_consumption = NotYet(data_key="aggregate-consumption")
    aggregate_production = NotYet(data_key="aggregate-production")
    site_consumption_breach_price = NotYet(data_key="site-consumption-breach-price")
    site_production_breach_price = NotYet(data_key="site-production-breach-price")
    site_peak_consumption = NotYet(data_key="site-peak-consumption")
    site_peak_consumption_price = NotYet(data_key="site-peak-consumption-price")
    site_peak_production = NotYet(data_key="site-peak-production")
    site_peak_production_price = NotYet(data_key="site-peak-production-price")
    soc_minima_breach_price = NotYet(data_key="soc-minima-breach-price")
    soc_maxima_breach_price = NotYet(data_key="soc-maxima-breach-price")
    consumption_breach_price = NotYet(data_key="consumption-breach-price")
    production_breach_price = NotYet(data_key="production-breach-price")


@dataclass(frozen=True)
class SiteConfig:
    """The grid connection and what else is behind it. Powers in MW, prices per MWh.

    :param currency: what prices are in.
    :param production_price: None for the consumption price.
    :param inflexible: power sensors of devices that are not scheduled.
    """

    currency: str
    consumption_price: Quantity
    production_price: Quantity | None
    power_capacity: Quantity | None
    consumption_capacity: Quantity | None
    production_capacity: Quantity | None
    inflexible: tuple[Any, ...] = ()


def read_site(given: Any, holders: Sequence[Any], source: Source) -> SiteConfig:
    """The configuration of the site.

    :param given: the flex-context of the trigger.
    :param holders: whose stored flex-context and attributes count, nearest first: the sensor
        (attributes only), its asset, the asset's ancestors.
    :raises InvalidInput: naming the field.
    """
    trigger = Layer.of(given, field="flex-context")
    layers = [trigger, *_stored(holders)]
    for layer in layers:
        _refuse_two_prices(layer)
    layers += [_attributes(holder) for holder in holders]
    schema = SiteSchema(source)
    values: dict[str, Any] = {}
    for layer in effective(layers, PRICES):
        values.update(schema.read(layer))
    consumption = values.get("consumption_price") or values.get("consumption_price_sensor")
    production = values.get("production_price") or values.get("production_price_sensor")
    if consumption is None:
        raise InvalidInput(
            "A schedule of least cost needs a price of consumption.",
            field="consumption-price",
            hint='Give it in the flex-context, such as {"consumption-price": {"sensor": 3}}, or '
            "store it in the flex-context of the asset.",
        )
    inflexible = values.get("inflexible_device_sensors", ())
    for sensor in inflexible:
        require_unit(sensor, POWER, "inflexible-device-sensors")
    return SiteConfig(
        currency=_one_currency(consumption, production),
        consumption_price=consumption.quantity,
        production_price=production.quantity if production else None,
        power_capacity=values.get("site_power_capacity"),
        consumption_capacity=values.get("site_consumption_capacity"),
        production_capacity=values.get("site_production_capacity"),
        inflexible=tuple({sensor.id: sensor for sensor in inflexible}.values()),
    )


def _one_currency(*prices: Price | None) -> str:
    named = [price.numerator for price in prices if price is not None and price.numerator]
    if len(set(named)) > 1:
        raise InvalidInput(
            f"Invalid unit. A valid unit would be, for example, '{named[0]}/MWh', because all "
            "prices in the flex-context must share the same currency unit "
            f"(found {' and '.join(named)}).",
            field="production-price",
        )
    return named[0] if named else "EUR"


def _stored(holders: Sequence[Any]) -> list[Layer]:
    return [
        Layer.of(
            holder.flex_context,
            place=f"the flex-context of asset {holder.id}",
            field="flex-context",
        )
        for holder in holders
        if hasattr(holder, "flex_context")
    ]


def _attributes(holder: Any) -> Layer:
    attributes = holder.attributes
    found: dict[str, Any] = {}
    for field in ATTRIBUTES:
        for spelling in (field, field.replace("-", "_")):
            if attributes.get(spelling) is not None:
                found[field] = attributes[spelling]
    if attributes.get(MARKET) is not None and not found.keys() & set(PRICES[0]):
        found["consumption-price-sensor"] = attributes[MARKET]
    kind = "asset" if hasattr(holder, "flex_context") else "sensor"
    return Layer(found, place=f"the attributes of {kind} {holder.id}")


def _refuse_two_prices(layer: Layer) -> None:
    """A layer says each price once, and speaks of prices in one way."""
    for price, older in PRICES:
        if price in layer.fields and older in layer.fields:
            raise InvalidInput(f"Must pass either {price} or {older}.", field=price)
    if any(price in layer.fields for price, _ in PRICES):
        for price, older in PRICES:
            if older in layer.fields:
                sensor = layer.fields[older]
                raise InvalidInput(
                    f'Please switch to using `{price}: {{"sensor": {sensor}}}`.', field=older
                )

"""The flex-context: prices, capacities and other devices at the site, typed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from marshmallow import fields, validate

from fmhost.plugin import InvalidInput
from fmhost_storage.commitment_fields import CommitmentConfig, CommitmentsField
from fmhost_storage.commodities import CommoditiesField, with_defaults
from fmhost_storage.device_config import ELECTRICITY
from fmhost_storage.field_texts import FLEX_CONTEXT, describe
from fmhost_storage.fields import (
    OutputSensorField,
    QuantityField,
    QuantityListField,
    SensorsField,
)
from fmhost_storage.inflexible import Inflexible, inflexible_flows
from fmhost_storage.kinds import CAPACITY, POWER
from fmhost_storage.layers import Layer, LayerSchema, effective
from fmhost_storage.price_fields import ENERGY as PER_ENERGY
from fmhost_storage.price_fields import POWER as PER_POWER
from fmhost_storage.price_fields import Price, PriceField, PriceSensorField
from fmhost_storage.quantities import Fixed, Quantity, Source, require_unit
from fmhost_storage.soft import breach_prices

#: A price may be given as a quantity or as the id of a sensor.
PRICES = (
    ("consumption-price", "consumption-price-sensor"),
    ("production-price", "production-price-sensor"),
)

#: Fields that name what is not scheduled; the first by id, with the sign of each sensor.
INFLEXIBLE = ("inflexible-device-sensors", "inflexible-consumption", "inflexible-production")

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

_per_power = partial(PriceField, PER_POWER, minimum=0.0)
_per_energy = partial(PriceField, PER_ENERGY, minimum=0.0)


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
    commodity = fields.String(validate=validate.OneOf([ELECTRICITY]))
    relax_constraints = fields.Boolean(data_key="relax-constraints")
    relax_soc_constraints = fields.Boolean(data_key="relax-soc-constraints")
    relax_site_capacity_constraints = fields.Boolean(data_key="relax-site-capacity-constraints")
    relax_capacity_constraints = fields.Boolean(data_key="relax-capacity-constraints")
    commitments = CommitmentsField()
    commodities = CommoditiesField()
    stability_cost = _per_energy(data_key="stability-cost")
    inflexible_consumption = QuantityListField(POWER, data_key="inflexible-consumption")
    inflexible_production = QuantityListField(POWER, data_key="inflexible-production")
    aggregate_power = OutputSensorField(data_key="aggregate-power")
    aggregate_consumption = OutputSensorField(data_key="aggregate-consumption")
    aggregate_production = OutputSensorField(data_key="aggregate-production")
    site_consumption_breach_price = _per_power(data_key="site-consumption-breach-price")
    site_production_breach_price = _per_power(data_key="site-production-breach-price")
    site_peak_consumption_price = _per_power(data_key="site-peak-consumption-price")
    site_peak_production_price = _per_power(data_key="site-peak-production-price")
    consumption_breach_price = _per_power(data_key="consumption-breach-price")
    production_breach_price = _per_power(data_key="production-breach-price")
    soc_minima_breach_price = _per_energy(data_key="soc-minima-breach-price")
    soc_maxima_breach_price = _per_energy(data_key="soc-maxima-breach-price")
    site_peak_consumption = QuantityField(CAPACITY, data_key="site-peak-consumption")
    site_peak_production = QuantityField(CAPACITY, data_key="site-peak-production")


describe(SiteSchema, FLEX_CONTEXT)


@dataclass(frozen=True)
class Peak:
    """A charge on the highest flow of the window beyond one that is paid for already.

    :param sunk: that flow [MW, >= 0].
    """

    sunk: Quantity
    price: Price


@dataclass(frozen=True)
class SiteConfig:
    """The grid connection and what else is behind it. Powers in MW, prices per MWh.

    :param currency: what prices are in.
    :param production_price: None for the consumption price.
    :param inflexible: power of devices that are not scheduled.
    :param outputs: sensors that take the power of the site, by field with underscores.
    :param breach_prices: of the limits that are soft; see
        :func:`fmhost_storage.soft.breach_prices`.
    :param peaks: by direction, ``consumption`` and ``production``.
    :param stability_cost: price of deviating from the previous plan; None for nothing.
    :param commodities: the connections of other commodities.
    :param warnings: what should be known about the configuration, in sentences.
    """

    currency: str
    consumption_price: Quantity
    production_price: Quantity | None
    power_capacity: Quantity | None
    consumption_capacity: Quantity | None
    production_capacity: Quantity | None
    inflexible: tuple[Inflexible, ...] = ()
    outputs: Mapping[str, Any] = field(default_factory=dict)
    breach_prices: Mapping[str, Price] = field(default_factory=dict)
    peaks: Mapping[str, Peak] = field(default_factory=dict)
    commitments: tuple[CommitmentConfig, ...] = ()
    commodity: str = ELECTRICITY
    stability_cost: Price | None = None
    commodities: tuple[SiteConfig, ...] = ()
    warnings: tuple[str, ...] = ()


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
        _refuse_two_inflexibles(layer)
    layers += [_attributes(holder) for holder in holders]
    schema = SiteSchema(source)
    values: dict[str, Any] = {}
    for layer in effective(layers, [*PRICES, INFLEXIBLE]):
        values.update(schema.read(layer))
    values, others = _by_commodity(values, schema)
    consumption = values.get("consumption_price") or values.get("consumption_price_sensor")
    production = values.get("production_price") or values.get("production_price_sensor")
    if consumption is None:
        raise InvalidInput(
            "A schedule of least cost needs a price of consumption.",
            field="consumption-price",
            hint='Give it in the flex-context, such as {"consumption-price": {"sensor": 3}}, or '
            "store it in the flex-context of the asset.",
        )
    prices = [*_prices(values), *(price for each in others for price in _prices(each))]
    currency = _one_currency(prices)
    return SiteConfig(
        currency=currency,
        consumption_price=consumption.quantity,
        production_price=production.quantity if production else None,
        power_capacity=values.get("site_power_capacity"),
        consumption_capacity=values.get("site_consumption_capacity"),
        production_capacity=values.get("site_production_capacity"),
        inflexible=inflexible_flows(values),
        outputs=_outputs(values),
        breach_prices=breach_prices(values),
        peaks=_peaks(values),
        commitments=values.get("commitments", ()),
        stability_cost=values.get("stability_cost"),
        commodities=tuple(_commodity(each, values, currency) for each in others),
    )


def _by_commodity(
    values: dict[str, Any], schema: SiteSchema
) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """The values of electricity, and those of each other commodity.

    :raises InvalidInput: where electricity is told of twice.
    """
    others = []
    for number, entry in enumerate(values.get("commodities", ())):
        prefix = f"commodities.{number}."
        layer = Layer(
            {name: value for name, value in entry.items() if name != "commodity"}, prefix=prefix
        )
        found = schema.read(layer)
        if entry["commodity"] != ELECTRICITY:
            others.append({**found, "commodity": entry["commodity"]})
            continue
        for name in found:
            if name in values:
                raise InvalidInput(
                    "Given twice, also in the flex-context itself.",
                    field=f"{prefix}{name.replace('_', '-')}",
                )
        values = {**values, **found}
    return values, others


def _commodity(given: Mapping[str, Any], site: Mapping[str, Any], currency: str) -> SiteConfig:
    """The connection of another commodity than electricity."""
    flags = {name: value for name, value in site.items() if name.startswith("relax_")}
    soft = {
        name: price
        for name, price in breach_prices({**flags, **given}).items()
        if name.startswith("site_")
    }
    values, inside, warnings = with_defaults({**given, **soft})
    if inside:
        soft = {}  # what flows there has nowhere else to go
    prices = {
        name: values[name].quantity if name in values else Fixed(0.0)
        for name in ("consumption_price", "production_price")
    }
    return SiteConfig(
        currency=currency,
        consumption_price=prices["consumption_price"],
        production_price=prices["production_price"],
        power_capacity=values.get("site_power_capacity"),
        consumption_capacity=values.get("site_consumption_capacity"),
        production_capacity=values.get("site_production_capacity"),
        inflexible=inflexible_flows(values),
        outputs=_outputs(values),
        breach_prices=soft,
        peaks=_peaks(values),
        commodity=values["commodity"],
        warnings=tuple(warnings),
    )


def _outputs(values: Mapping[str, Any]) -> dict[str, Any]:
    found = {}
    for name in ("aggregate_power", "aggregate_consumption", "aggregate_production"):
        if values.get(name) is not None:
            found[name] = values[name]
            require_unit(found[name], POWER, name.replace("_", "-"))
    return found


def _peaks(values: Mapping[str, Any]) -> dict[str, Peak]:
    found = {}
    for direction in ("consumption", "production"):
        price = values.get(f"site_peak_{direction}_price")
        if price is not None:
            found[direction] = Peak(values.get(f"site_peak_{direction}", Fixed(0.0)), price)
    return found


def _prices(values: Mapping[str, Any]) -> list[tuple[str, Price]]:
    """All prices with the fields that hold them."""
    found = [
        (name.replace("_", "-"), value)
        for name, value in values.items()
        if isinstance(value, Price)
    ]
    for number, each in enumerate(values.get("commitments", ())):
        for name, price in (("up-price", each.up_price), ("down-price", each.down_price)):
            if price is not None:
                found.append((f"commitments.{number}.{name}", price))
    return found


def _one_currency(prices: Sequence[tuple[str, Price]]) -> str:
    """:raises InvalidInput: where the prices have several; names the first field that differs."""
    currency: str | None = None
    for name, price in sorted(prices, key=lambda each: each[0] != "consumption-price"):
        if currency is not None and price.numerator not in (None, currency):
            raise InvalidInput(
                f"Invalid unit. A valid unit would be, for example, '{currency}/{price.per}', "
                "because all prices in the flex-context must share the same currency unit "
                f"(found {currency} and {price.numerator}).",
                field=name,
            )
        currency = currency or price.numerator
    return currency or "EUR"


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
    for name in ATTRIBUTES:
        for spelling in (name, name.replace("-", "_")):
            if attributes.get(spelling) is not None:
                found[name] = attributes[spelling]
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


def _refuse_two_inflexibles(layer: Layer) -> None:
    older, *newer = INFLEXIBLE
    if older in layer.fields and any(name in layer.fields for name in newer):
        raise InvalidInput(
            "Must pass either inflexible-device-sensors (deprecated) or "
            "inflexible-consumption/inflexible-production.",
            field=older,
        )


def node_inside(commodity: str, currency: str) -> SiteConfig:
    """A commodity that nobody says anything about: it does not leave the site."""
    return _commodity({"commodity": commodity}, {}, currency)

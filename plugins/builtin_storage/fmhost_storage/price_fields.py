"""Fields that hold prices: per energy, per power, or either."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from fmhost.plugin import InvalidInput, UnitMismatch, units
from fmhost_storage import json_schemas
from fmhost_storage.fields import LayerField
from fmhost_storage.kinds import Kind
from fmhost_storage.quantities import Quantity, read_quantity, sensor_id, with_hyphens

ENERGY, POWER = "MWh", "MW"
_WORDS = {ENERGY: "energy", POWER: "power"}
_EXAMPLES = {ENERGY: "MWh", POWER: "kW"}


@dataclass(frozen=True)
class Price:
    """A price per energy or power.

    :param numerator: what is paid: a currency, or ``kg`` (of CO2); None where it is not said.
    :param quantity: in `numerator` per `per`.
    :param per: ``MWh`` or ``MW``.
    """

    numerator: str | None
    quantity: Quantity
    per: str = ENERGY

    def unit(self, currency: str) -> str:
        """The unit of the price, with the currency that all prices share."""
        return f"{currency}/{self.per}"


class PriceField(LayerField):
    """A price in any currency, or an emission.

    :param per: what it may be paid for, ``MWh`` or ``MW``; a bare number has the first of them.
    :param minimum: the least price that makes sense.
    """

    def __init__(self, *per: str, minimum: float | None = None, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.per = per or (ENERGY,)
        self.minimum = minimum
        self.json_schema = json_schemas.changing(f"EUR/{self.per[0]}")

    def _deserialize(self, value: Any, attr: Any, data: Any, **kwargs: Any) -> Price:
        numerator, per = self._unit(value)
        unit = f"{numerator or 'EUR'}/{per}"
        kind = Kind(unit, unit, f"{_WORDS[per]} price", minimum=self.minimum)
        quantity = read_quantity(value, kind, field=self.label, source=self.schema.source)
        return Price(numerator, quantity, per)

    def _unit(self, value: Any) -> tuple[str | None, str]:
        """What is paid, and for what; None and the usual where no unit is given."""
        if isinstance(value, Mapping):
            given = with_hyphens(value, self.label)
            if "sensor" not in given:
                return None, self.per[0]
            number = sensor_id(given["sensor"], self.label)
            sensor = self.schema.source.reader.sensor(number, field=self.label)
            return parts_of(sensor.unit, self.per, self.label)
        values = value if isinstance(value, list) else [value]
        for each in values:
            price = each.get("value") if isinstance(each, Mapping) else each
            if isinstance(price, str):
                unit = _unit_of(price, self.label)
                if unit:
                    return parts_of(unit, self.per, self.label)
        return None, self.per[0]


class PriceSensorField(PriceField):
    """A price by the id of its sensor alone."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.json_schema = json_schemas.SENSOR_ID

    def _deserialize(self, value: Any, attr: Any, data: Any, **kwargs: Any) -> Price:
        given = {"sensor": sensor_id(value, self.label)}
        return super()._deserialize(given, attr, data, **kwargs)


def parts_of(unit: str, allowed: tuple[str, ...], field: str) -> tuple[str, str]:
    """What is paid in a unit, and per what.

    :param allowed: what it may be paid for, ``MWh`` or ``MW``.
    :raises UnitMismatch: where the unit is not that of such a price.
    """
    for per in allowed:
        is_price = units.is_energy_price if per == ENERGY else units.is_capacity_price
        if is_price(unit):
            return str(units.currency_of(unit)), per
        if units.convertible(unit, f"kg/{per}"):
            return "kg", per
    words = " or ".join(f"'EUR/{_EXAMPLES[per]}' (an amount per {_WORDS[per]})" for per in allowed)
    raise UnitMismatch(
        f"Invalid unit. A valid unit would be, for example, {words}, instead of '{unit}'.",
        field=field,
    )


def _unit_of(text: str, field: str) -> str:
    try:
        return units.parse_quantity(text, "")[1]
    except InvalidInput as error:
        error.field = field
        raise

"""The flex-context and flex-model of an asset: checked when they are stored.

What is stored holds for every schedule, so it has no series of values of its own (these belong on
sensors), and prices that change come from sensors. Only fields that change are looked at: what was
stored before, by somebody who may read more, keeps nobody from changing something else.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from fmhost.domain import units
from fmhost.domain.durations import parse_duration
from fmhost.domain.flex_fields import (
    FLEX_CONTEXT,
    FLEX_MODEL,
    QUANTITIES,
    FlexKind,
    default_unit,
    unit_fits,
)
from fmhost.errors import InvalidInput
from fmhost.model import Sensor
from fmhost.services.references import Found

#: What a reference to a sensor may say besides its id.
_FILTERS = {
    "source-types",
    "exclude-source-types",
    "sources",
    "source-account",
    "quantile",
    "default",
}

_PRICES = (
    ("consumption-price", "consumption-price-sensor"),
    ("production-price", "production-price-sensor"),
)
_INFLEXIBLE = ("inflexible-consumption", "inflexible-production")


def check(
    flex: Mapping[str, Any], before: Mapping[str, Any], found: Found, *, model: bool, strict: bool
) -> None:
    """See that a flex-context (or with `model`, a flex-model) can be stored.

    :param before: what is stored so far.
    :param found: the sensors that the changed fields name.
    :param strict: refuse fields that are not documented; else they belong to a scheduler of a
        plugin.
    :raises InvalidInput: naming the field.
    """
    kinds = FLEX_MODEL if model else FLEX_CONTEXT
    for field, value in changed(flex, before).items():
        kind = kinds.get(field.replace("_", "-"))
        if kind is not None:
            _check_value(field, value, kind, found, model=model)
        elif strict:
            raise InvalidInput("Unknown field.", field=field)
    spelled = {field.replace("_", "-"): value for field, value in flex.items()}
    if model:
        _check_efficiencies(spelled)
    else:
        _check_prices(spelled, found)
        _check_inflexible(spelled)


def changed(flex: Mapping[str, Any], before: Mapping[str, Any]) -> dict[str, Any]:
    """The fields that are not stored like this already."""
    return {
        field: value
        for field, value in flex.items()
        if field not in before or before[field] != value
    }


def _check_value(field: str, value: Any, kind: FlexKind, found: Found, *, model: bool) -> None:
    if kind in QUANTITIES:
        _check_quantity(field, value, kind, found)
        if kind is FlexKind.ENERGY_PRICE and not model and not isinstance(value, Mapping):
            _refuse_fixed_price(field)
    elif kind is FlexKind.POWERS:
        for number, each in enumerate(value if isinstance(value, list) else [value]):
            _check_quantity(f"{field}.{number}", each, FlexKind.POWER, found)
    else:
        _CHECKS[kind](field, value, found)


def _refuse_fixed_price(field: str) -> None:
    if field.replace("_", "-") in (price for price, _ in _PRICES):
        raise InvalidInput(
            f"Fixed prices are not currently supported for {field} in flex-context fields in the "
            "DB.",
            field=field,
            hint='Save the price on a sensor, and refer to it: {"sensor": 3}.',
        )


def _check_quantity(field: str, value: Any, kind: FlexKind, found: Found) -> None:
    if isinstance(value, list):
        raise InvalidInput(
            f"A series of values cannot be stored in the field '{field}'.",
            field=field,
            hint="Save it on a sensor, and refer to that.",
        )
    try:
        if isinstance(value, Mapping):
            unit = _referenced(field, value, found).unit
        else:
            _, unit = units.parse_quantity(value, default_unit(kind))
        fits = unit_fits(kind, unit)
    except InvalidInput as error:
        error.field = error.field or field
        raise
    if not fits:
        raise InvalidInput(
            f"{kind.capitalize()} field '{field}' must have {_article(kind)} {kind} unit.",
            field=field,
            hint=f"This one is in '{unit}'.",
        )


def _article(kind: FlexKind) -> str:
    return "an" if kind[0] in "aeiou" else "a"


def _referenced(field: str, value: Any, found: Found) -> Sensor:
    """The sensor that ``{"sensor": 3}`` means."""
    if not isinstance(value, Mapping) or "sensor" not in value:
        raise InvalidInput(
            "Not a reference to a sensor.", field=field, hint='Write it like {"sensor": 3}.'
        )
    for name in value:
        if name != "sensor" and name.replace("_", "-") not in _FILTERS:
            raise InvalidInput("Unknown field.", field=f"{field}.{name}")
    return _sensor(f"{field}.sensor", value["sensor"], found)


def _sensor(field: str, sensor_id: Any, found: Found) -> Sensor:
    if isinstance(sensor_id, bool) or not isinstance(sensor_id, int):
        raise InvalidInput("Not a valid integer.", field=field)
    return found.sensors[sensor_id]


def _check_reference(field: str, value: Any, found: Found) -> None:
    _referenced(field, value, found)


def _check_references(field: str, value: Any, found: Found) -> None:
    _require_list(field, value)
    for number, each in enumerate(value):
        _require_power_or_energy(_referenced(f"{field}.{number}", each, found), field)


def _check_price_sensor(field: str, value: Any, found: Found) -> None:
    sensor = _sensor(field, value, found)
    if not unit_fits(FlexKind.ENERGY_PRICE, sensor.unit):
        raise InvalidInput(
            f"Energy price field '{field}' must have an energy price unit.",
            field=field,
            hint=f"Sensor {sensor.id} is in '{sensor.unit}'.",
        )


def _check_inflexible_ids(field: str, value: Any, found: Found) -> None:
    _require_list(field, value)
    for number, each in enumerate(value):
        _require_power_or_energy(_sensor(f"{field}.{number}", each, found), field)


def _require_power_or_energy(sensor: Sensor, field: str) -> None:
    if not (units.is_power(sensor.unit) or units.is_energy(sensor.unit)):
        raise InvalidInput(
            f"Inflexible device sensor '{sensor.id}' must have a power or energy unit.",
            field=field,
        )


def _require_list(field: str, value: Any) -> None:
    if not isinstance(value, list):
        raise InvalidInput("Not a valid list.", field=field)


def _check_flag(field: str, value: Any, _found: Found) -> None:
    if not isinstance(value, bool):
        raise InvalidInput("Not a valid boolean.", field=field)


def _check_text(field: str, value: Any, _found: Found) -> None:
    if not isinstance(value, str):
        raise InvalidInput("Not a valid string.", field=field)


def _check_number(field: str, value: Any, _found: Found) -> None:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise InvalidInput("Not a valid number.", field=field)


def _check_duration(field: str, value: Any, found: Found) -> None:
    _check_text(field, value, found)
    try:
        parse_duration(value)
    except InvalidInput as error:
        error.field = field
        raise


def _accept(_field: str, _value: Any, _found: Found) -> None:
    """Only the scheduler knows what this field means."""


_CHECKS: dict[FlexKind, Callable[[str, Any, Found], None]] = {
    FlexKind.SENSOR: _check_reference,
    FlexKind.SENSORS: _check_references,
    FlexKind.SENSOR_ID: _check_price_sensor,
    FlexKind.SENSOR_IDS: _check_inflexible_ids,
    FlexKind.FLAG: _check_flag,
    FlexKind.TEXT: _check_text,
    FlexKind.NUMBER: _check_number,
    FlexKind.DURATION: _check_duration,
    FlexKind.ANYTHING: _accept,
}


def _check_efficiencies(flex: Mapping[str, Any]) -> None:
    for name in ("charging-efficiency", "discharging-efficiency"):
        if name in flex and "roundtrip-efficiency" in flex:
            raise InvalidInput(
                f"Fields `{name.replace('-', '_')}` and `roundtrip_efficiency` are mutually "
                "exclusive.",
                field=name,
            )


def _check_prices(flex: Mapping[str, Any], found: Found) -> None:
    """A flex-context says each price once, in one way, and all in one currency."""
    for price, older in _PRICES:
        if price in flex and older in flex:
            raise InvalidInput(f"Must pass either {price} or {older}.", field=price)
    if any(price in flex for price, _ in _PRICES):
        for price, older in _PRICES:
            if older in flex:
                raise InvalidInput(
                    f'Please switch to using `{price}: {{"sensor": {flex[older]}}}`.', field=older
                )
    currencies: dict[str, str] = {}
    for field, value in flex.items():
        currency = _currency(field, value, found)
        if currency is not None:
            currencies.setdefault(currency, field)
    if len(currencies) > 1:
        first, *_, last = currencies
        raise InvalidInput(
            f"Invalid unit. A valid unit would be, for example, '{first}/MWh' in the field "
            f"'{currencies[last]}', because all prices in the flex-context must share the same "
            "currency unit.",
            field=currencies[last],
        )


def _currency(field: str, value: Any, found: Found) -> str | None:
    """The currency of a price; None where it has none, or its sensor is gone."""
    kind = FLEX_CONTEXT.get(field)
    if kind not in (FlexKind.ENERGY_PRICE, FlexKind.CAPACITY_PRICE, FlexKind.SENSOR_ID):
        return None
    try:
        if isinstance(value, str):
            return units.currency_of(units.parse_quantity(value, "")[1])
        sensor_id = value.get("sensor") if isinstance(value, Mapping) else value
        known = found.sensors.get(sensor_id) if isinstance(sensor_id, int) else None
        return units.currency_of(known.unit) if known is not None else None
    except InvalidInput:
        return None  # stored before it was checked; whoever changes it will be told


def _check_inflexible(flex: Mapping[str, Any]) -> None:
    newer = [name for name in _INFLEXIBLE if name in flex]
    if newer and "inflexible-device-sensors" in flex:
        raise InvalidInput(
            "Must pass either inflexible-device-sensors (deprecated) or "
            "inflexible-consumption/inflexible-production.",
            field="inflexible-device-sensors",
        )
    seen: set[Any] = set()
    for name in newer:
        for each in flex[name] if isinstance(flex[name], list) else ():
            sensor_id = each.get("sensor") if isinstance(each, Mapping) else None
            if sensor_id is not None and sensor_id in seen:
                raise InvalidInput(
                    f"Sensor {sensor_id} may only be listed once across "
                    "inflexible-consumption and inflexible-production.",
                    field=name,
                )
            seen.add(sensor_id)

"""The flex-model: what a storage device can do, from its JSON to a typed configuration."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any

from fmhost.plugin import InvalidInput, UnitMismatch, parse_moment, units
from fmhost_storage.device_config import ELECTRICITY, NO_SOC_MAX, DeviceConfig
from fmhost_storage.kinds import POWER
from fmhost_storage.layers import Layer, effective
from fmhost_storage.quantities import Fixed, FromSensor, Quantity, Segments, require_unit
from fmhost_storage.storage_schema import StorageSchema

#: Either the round trip or the two ways of it.
EFFICIENCIES = ("roundtrip-efficiency", "charging-efficiency", "discharging-efficiency")
ONE_WAY_EFFICIENCIES = EFFICIENCIES[1:]

#: Attributes of sensors and assets that stand in for a field, and the unit of their bare numbers.
ATTRIBUTES = {
    "soc-min": ("min_soc_in_mwh", "MWh"),
    "soc-max": ("max_soc_in_mwh", "MWh"),
    "power-capacity": ("capacity_in_mw", "MW"),
    "consumption-capacity": ("consumption_capacity", "MW"),
    "production-capacity": ("production_capacity", "MW"),
    "roundtrip-efficiency": ("roundtrip_efficiency", ""),
    "charging-efficiency": ("charging_efficiency", ""),
    "discharging-efficiency": ("discharging_efficiency", ""),
    "storage-efficiency": ("storage_efficiency", ""),
    "soc-gain": ("soc_gain", "MW"),
    "soc-usage": ("soc_usage", "MW"),
}

#: Types of assets that always store energy, and must say how much at most.
STORAGES = ("battery", "one-way_evse", "two-way_evse")

#: Fields of which one tells that a device of another type stores energy.
LEVELS = frozenset(
    (
        "soc_at_start",
        "soc_min",
        "soc_max",
        "soc_targets",
        "soc_minima",
        "soc_maxima",
        "soc_gain",
        "soc_usage",
        "state_of_charge",
    )
)


def read_device(
    given: Any, holder: Any, schema: StorageSchema, start: Any, *, prefix: str = ""
) -> DeviceConfig:
    """The configuration of the device behind a power sensor, or of an asset.

    :param given: the flex-model of the trigger, without sensor and asset.
    :param holder: the sensor, or the asset.
    :param schema: reads the fields; it knows where to find sensors.
    :param start: start of the schedule; aware.
    :param prefix: of the fields' names in messages.
    :raises InvalidInput: naming the field.
    """
    sensor, asset = _parts(holder)
    if sensor is not None:
        _require_power_sensor(sensor, prefix)
    trigger = Layer.of(given, prefix=prefix, field=prefix.rstrip(".") or "flex-model")
    stored_place = f"the flex-model of asset {asset.id}"
    stored = Layer.of(asset.flex_model, place=stored_place, field="flex-model")
    for layer in (trigger, stored):
        _refuse_two_efficiencies(layer)
    layers = [
        trigger.in_unit(unit_of_energies(trigger.fields, holder)),
        stored.in_unit(_soc_unit(stored.fields, "MWh")),
        _attributes(holder),
    ]
    values: dict[str, Any] = {}
    for layer in effective(layers, [EFFICIENCIES]):
        values.update(schema.read(layer))
    _refuse_unfit_outputs(values, sensor, prefix)
    return _configured(values, holder, start, prefix)


def _parts(holder: Any) -> tuple[Any | None, Any]:
    """The power sensor, if there is one, and the asset of a device."""
    if hasattr(holder, "generic_asset"):
        return holder, holder.generic_asset
    return None, holder


def unit_of_energies(given: Mapping[str, Any], holder: Any) -> str:
    """The unit of bare energies in what the trigger says of a sensor or asset."""
    sensor, _ = _parts(holder)
    return _soc_unit(given, "kWh" if sensor is not None and sensor.unit == "kW" else "MWh")


def called(holder: Any, asset: Any) -> str:
    """How messages call the device behind a sensor, or of an asset."""
    kind = "asset" if holder is asset else "sensor"
    return f"{asset.name} ({kind} {holder.id})"


def _configured(values: dict[str, Any], holder: Any, start: Any, prefix: str) -> DeviceConfig:
    sensor, asset = _parts(holder)
    one_way = values.get("roundtrip_efficiency", 1.0) ** 0.5
    of_type = asset.generic_asset_type
    must_store = of_type is not None and of_type.name in STORAGES
    stores = must_store or not LEVELS.isdisjoint(values)
    soc_at_start, assumed = _soc_at_start(values, holder, start) if stores else (None, ())
    soc_max = values.get("soc_max")
    targets = values.get("soc_targets")
    if soc_max is None and not must_store:
        soc_max = math.inf
    if soc_max is None and targets is None:
        raise InvalidInput(NO_SOC_MAX, field=f"{prefix}soc-max")
    if soc_max is None and isinstance(targets, Segments):
        soc_max = targets.largest
    elif soc_max is None and isinstance(targets, Fixed):
        soc_max = targets.value
    level = values.get("state_of_charge")
    if (
        isinstance(level, FromSensor)
        and units.is_share(level.sensor.unit)
        and (not soc_max or math.isinf(soc_max))
    ):
        raise InvalidInput(
            f"Sensor {level.sensor.id} measures the state of charge in {level.sensor.unit}, which "
            "requires a non-zero soc-max.",
            field=f"{prefix}soc-max",
        )
    efficiency = Fixed(one_way)
    if sensor is None:
        _require_output(values, asset, prefix)
    made = DeviceConfig(
        sensor=sensor,
        asset=asset,
        name=called(holder, asset),
        soc_at_start=soc_at_start,
        soc_min=values.get("soc_min", 0.0),
        soc_max=soc_max,
        soc_targets=targets,
        soc_minima=values.get("soc_minima"),
        soc_maxima=values.get("soc_maxima"),
        charging_efficiency=values.get("charging_efficiency", efficiency),
        discharging_efficiency=values.get("discharging_efficiency", efficiency),
        storage_efficiency=values.get("storage_efficiency", Fixed(1.0)),
        soc_gain=values.get("soc_gain", ()),
        soc_usage=values.get("soc_usage", ()),
        power_capacity=values.get("power_capacity"),
        consumption_capacity=values.get("consumption_capacity"),
        production_capacity=values.get("production_capacity"),
        one_way=_direction(holder),
        prefer_charging_sooner=values.get("prefer_charging_sooner", True),
        prefer_curtailing_later=values.get("prefer_curtailing_later", True),
        state_of_charge=values.get("state_of_charge"),
        consumption_output=values.get("consumption"),
        production_output=values.get("production"),
        assumed=assumed,
        stores=stores,
        cycle_cost=values.get("cycle_cost"),
        ramp_limit=values.get("ramp_limit"),
        commodity=values.get("commodity", ELECTRICITY),
        coupling=values.get("coupling"),
        coupling_coefficient=values.get("coupling_coefficient", 1.0),
        operation_modes=values.get("operation_modes", ()),
        group=values.get("group"),
    )
    if made.coupling is not None:
        made = _one_way_only(made, prefix)
    if made.event_resolution is None and made.storage_efficiency != Fixed(1.0):
        _require_resolution(made.storage_efficiency, prefix)
    return made


def _one_way_only(device: DeviceConfig, prefix: str) -> DeviceConfig:
    """A coupled device, with no capacity against the way in which it runs.

    :raises InvalidInput: where it does not say which way that is.
    """
    given = {
        direction: quantity is not None and quantity != Fixed(0.0)
        for direction, quantity in (
            ("consumption", device.consumption_capacity),
            ("production", device.production_capacity),
        )
    }
    if given["consumption"] == given["production"]:
        raise InvalidInput(
            "A device with a 'coupling' field must have an unambiguous flow direction: exactly one "
            "of consumption-capacity and production-capacity.",
            field=f"{prefix}coupling",
        )
    idle = "production_capacity" if given["consumption"] else "consumption_capacity"
    change: dict[str, Any] = {idle: Fixed(0.0)}
    return replace(device, **change)


def _require_output(values: Mapping[str, Any], asset: Any, prefix: str) -> None:
    """:raises InvalidInput: where no sensor takes the schedule."""
    level = values.get("state_of_charge")
    if not isinstance(level, FromSensor) and not any(
        values.get(name) for name in ("consumption", "production")
    ):
        raise InvalidInput(
            f"No sensor takes the schedule of asset {asset.id}.",
            field=f"{prefix}asset",
            hint="Name the power sensor as sensor, or an output as consumption, production or "
            "state-of-charge.",
        )


def _require_resolution(efficiency: Quantity, prefix: str) -> None:
    """:raises InvalidInput: where a storage efficiency does not say for how long it holds."""
    if not isinstance(efficiency, FromSensor):
        raise InvalidInput(
            "The storage-efficiency cannot be interpreted without a resolution: it is what is left "
            "after one event of a power sensor, and the device has none.",
            field=f"{prefix}storage-efficiency",
            hint="Name a power sensor, or give the storage-efficiency by sensor.",
        )


def _soc_at_start(
    values: Mapping[str, Any], holder: Any, start: Any
) -> tuple[float | None, tuple[str, ...]]:
    """The given value, or that of the attributes if it is of the start, or else zero."""
    if "soc_at_start" in values:
        return values["soc_at_start"], ()
    if "state_of_charge" in values:
        return None, ()
    known = holder.get_attribute("soc_in_mwh")
    since = holder.get_attribute("soc_datetime")
    if known is not None and since is not None:
        moment = parse_moment(since, field="soc_datetime")
        if moment == start:
            return units.quantity(known, "MWh", "MWh", field="soc_in_mwh"), ()
    return 0.0, ("soc-at-start is not given: the storage is taken to be empty (0 MWh).",)


def _soc_unit(fields: Mapping[str, Any], default: str) -> str:
    """The unit of bare energies in a layer."""
    given = fields.get("soc-unit")
    return given if isinstance(given, str) else default


def _attributes(holder: Any) -> Layer:
    """What attributes of the sensor, or of its asset, say about the device."""
    if not is_told_of(holder):
        return Layer({})
    found: dict[str, Any] = {}
    for field, (name, unit) in ATTRIBUTES.items():
        for spelling in (name, field):
            value = holder.get_attribute(spelling)
            if value is not None:
                is_number = isinstance(value, int | float) and not isinstance(value, bool)
                found[field] = f"{value!r} {unit}".strip() if is_number else value
                break
    if found.keys() & set(ONE_WAY_EFFICIENCIES):
        found.pop("roundtrip-efficiency", None)
    return Layer(found, place=_attribute_place(holder))


def is_told_of(holder: Any) -> bool:
    """Whether anything is stored about a device: of thousands, little is."""
    sensor, asset = _parts(holder)
    return bool(asset.attributes or asset.flex_model or (sensor is not None and sensor.attributes))


def _attribute_place(holder: Any) -> str:
    sensor, asset = _parts(holder)
    if sensor is None:
        return f"the attributes of asset {asset.id}"
    return f"the attributes of sensor {sensor.id} or of its asset"


def _direction(holder: Any) -> str | None:
    """The only way in which the device runs, by the attributes is_consumer and is_producer."""
    sensor, asset = _parts(holder)
    known = is_told_of(holder)
    if known and sensor is not None and sensor.is_strictly_non_positive:
        return "consumption"
    if known and sensor is not None and sensor.is_strictly_non_negative:
        return "production"
    of_type = asset.generic_asset_type
    told = holder.get_attribute("is_producer") if known else None
    if told is None and of_type is not None and of_type.name == "one-way_evse":
        return "consumption"
    return None


def _require_power_sensor(sensor: Any, prefix: str) -> None:
    if not units.convertible(sensor.unit, "MW", sensor.event_resolution):
        raise UnitMismatch(
            f"Sensor with ID {sensor.id} is not a power sensor.",
            field=f"{prefix}sensor",
            hint=f"Its unit is {sensor.unit}.",
        )


def _refuse_two_efficiencies(layer: Layer) -> None:
    for name in ONE_WAY_EFFICIENCIES:
        if name in layer.fields and "roundtrip-efficiency" in layer.fields:
            raise InvalidInput(
                f"Fields `{name.replace('-', '_')}` and `roundtrip_efficiency` are mutually "
                "exclusive.",
                field=f"{layer.prefix}{name}",
            )


def _refuse_unfit_outputs(values: Mapping[str, Any], sensor: Any, prefix: str) -> None:
    level = values.get("state_of_charge")
    if isinstance(level, FromSensor):
        _refuse_unfit_level(level.sensor, f"{prefix}state-of-charge")
    for name in ("consumption", "production"):
        output = values.get(name)
        if output is None:
            continue
        if sensor is not None and output.id == sensor.id:
            raise InvalidInput(
                f"Sensor {sensor.id} is the one that is scheduled; it cannot have both.",
                field=f"{prefix}{name}",
            )
        require_unit(output, POWER, f"{prefix}{name}")


def _refuse_unfit_level(sensor: Any, field: str) -> None:
    if sensor.event_resolution != timedelta(0):
        raise InvalidInput(
            "The field `state-of-charge` points to a sensor with a non-instantaneous event "
            f"resolution (sensor {sensor.id}).",
            field=field,
            hint="Name a sensor with a resolution of zero (PT0M).",
        )

"""What devices can do, on the grid: read once for all devices of which the same objects tell it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from fmhost_storage.device_config import DeviceConfig
from fmhost_storage.quantities import Fixed, FromSensor

if TYPE_CHECKING:
    from fmhost_storage.inputs import Reading

LOSSLESS = Fixed(1.0)

#: By the identities of quantities: these, so that they stay, and what they come to.
Alike = dict[tuple[Any, ...], tuple[tuple[Any, ...], dict[str, Any]]]


def abilities_of(config: DeviceConfig, reading: Reading, alike: Alike) -> dict[str, Any]:
    """Efficiencies, flows and capacities of a device, by the fields of its inputs.

    :param alike: what was read before; devices that say the same share it.
    """
    told = (
        config.charging_efficiency,
        config.discharging_efficiency,
        config.storage_efficiency,
        config.power_capacity,
        config.consumption_capacity,
        config.production_capacity,
        *config.soc_gain,
        *config.soc_usage,
    )
    # Of one that loses nothing, it does not matter by which time.
    period = None if config.storage_efficiency == LOSSLESS else config.event_resolution
    key = (period, len(config.soc_gain), *map(id, told))
    known = alike.get(key)
    if known is not None:
        return known[1]
    found = _read(config, reading)
    # Each device has notes of its own about the sensors that it names.
    if not any(isinstance(each, FromSensor) for each in told):
        alike[key] = told, found
    return found


def _read(config: DeviceConfig, reading: Reading) -> dict[str, Any]:
    efficiency, one_way = reading.efficiency, reading.directional_capacity
    return {
        "charging_efficiency": efficiency("charging-efficiency", config.charging_efficiency),
        "discharging_efficiency": efficiency(
            "discharging-efficiency", config.discharging_efficiency
        ),
        "storage_efficiency": reading.storage_efficiency(config),
        "gain": reading.flows("soc-gain", config.soc_gain)
        - reading.flows("soc-usage", config.soc_usage),
        "power_capacity": reading.known_capacity("power-capacity", config.power_capacity),
        "consumption_capacity": one_way(
            "consumption-capacity", config.consumption_capacity, config
        ),
        "production_capacity": one_way("production-capacity", config.production_capacity, config),
    }

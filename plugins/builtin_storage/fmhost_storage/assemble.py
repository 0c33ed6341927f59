"""From configuration and arrays to the problem that is solved; pure."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from fmhost_storage.arrays import FloatArray
from fmhost_storage.flex_model import DeviceConfig
from fmhost_storage.grid import Grid
from fmhost_storage.inputs import DeviceInputs, SiteInputs
from fmhost_storage.notes import Notes
from fmhost_storage.problem import Devices, Problem, Site, Storage
from fmhost_storage.series import extended

#: States of charge closer than this are taken for equal [MWh].
TOLERANCE = 1e-9


def assemble(
    grid: Grid,
    devices: list[tuple[DeviceConfig, DeviceInputs]],
    site: SiteInputs,
    notes: Notes,
) -> Problem:
    """The problem of least cost.

    Only limits at ticks 1..T can be acted on; where one at the start is not met, a warning says so.

    :raises InvalidInput: where a value makes no sense, naming its field.
    """
    storages = [_storage(config, inputs, site, grid, notes) for config, inputs in devices]
    unlimited = np.full(grid.steps, np.inf)
    both_ways = _filled(site.power_capacity, unlimited)
    return Problem(
        hours=grid.hours,
        devices=Devices.stack(storages, grid.steps),
        site=Site.constant(
            grid.steps,
            consumption_price=site.consumption_price,
            production_price=site.production_price,
            consumption_capacity=np.fmin(_filled(site.consumption_capacity, both_ways), both_ways),
            production_capacity=np.fmin(_filled(site.production_capacity, both_ways), both_ways),
            inflexible_power=site.inflexible_power,
        ),
        start=grid.start,
    )


@dataclass(frozen=True)
class _Capacities:
    """[MW], shape (T,)."""

    consumption: FloatArray
    production: FloatArray


def _storage(
    config: DeviceConfig, inputs: DeviceInputs, site: SiteInputs, grid: Grid, notes: Notes
) -> Storage:
    capacities = device_capacities(config, inputs, site)
    minima, maxima = _with_off_tick_targets(inputs, capacities, float(grid.hours[0]))
    for field, levels, sign in (
        ("soc-minima", inputs.soc_minima, 1.0),
        ("soc-maxima", inputs.soc_maxima, -1.0),
    ):
        if sign * (levels[0] - inputs.soc_at_start) > TOLERANCE:
            notes.warnings.append(_unmet_at_start(config, inputs, field, levels[0], grid))
    if abs(inputs.soc_targets[0] - inputs.soc_at_start) > TOLERANCE:
        level = inputs.soc_targets[0]
        notes.warnings.append(_unmet_at_start(config, inputs, "soc-targets", level, grid))
    return Storage(
        consumption_capacity=capacities.consumption,
        production_capacity=capacities.production,
        soc_at_start=inputs.soc_at_start,
        charging_efficiency=inputs.charging_efficiency,
        discharging_efficiency=inputs.discharging_efficiency,
        storage_efficiency=inputs.storage_efficiency,
        gain=inputs.gain,
        soc_min=config.soc_min,
        soc_max=inputs.soc_max,
        soc_minima=minima[1:],
        soc_maxima=maxima[1:],
        soc_targets=inputs.soc_targets[1:],
        prefer_charging_sooner=config.prefer_charging_sooner,
        prefer_curtailing_later=config.prefer_curtailing_later,
        name=config.name,
    )


def _unmet_at_start(
    config: DeviceConfig, inputs: DeviceInputs, field: str, level: float, grid: Grid
) -> str:
    return (
        f"{config.name}: {field} ({level:.6g} MWh) at {grid.start.isoformat()} is left aside: the "
        f"state of charge at the start is {inputs.soc_at_start:.6g} MWh."
    )


def device_capacities(config: DeviceConfig, inputs: DeviceInputs, site: SiteInputs) -> _Capacities:
    """What a device can consume and produce at most.

    The power capacity bounds both ways and is the default of either. Where it is not given, the
    larger directional capacity stands in for it, and a device with one directional capacity only
    runs that way; with none of them, the site's power capacity does.
    """
    consumption, production = inputs.consumption_capacity, inputs.production_capacity
    power = inputs.power_capacity
    if power is None:
        if consumption is not None or production is not None:
            nothing = np.zeros_like(inputs.gain)
            return _Capacities(_filled(consumption, nothing), _filled(production, nothing))
        assert site.power_capacity is not None  # the configuration was checked for it
        power = extended(site.power_capacity)
    up, down = _filled(consumption, power), _filled(production, power)
    if consumption is None and config.one_way == "production":
        up = np.zeros_like(power)
    if production is None and config.one_way == "consumption":
        down = np.zeros_like(power)
    return _Capacities(np.fmin(up, power), np.fmin(down, power))


def _with_off_tick_targets(
    inputs: DeviceInputs, capacities: _Capacities, hours: float
) -> tuple[FloatArray, FloatArray]:
    """Minima and maxima that keep targets between two ticks within reach of the tick before.

    At full power from there on, the device must be able to be at the target in time.

    :param hours: length of a step [h].
    """
    minima, maxima = inputs.soc_minima.copy(), inputs.soc_maxima.copy()
    for target in inputs.off_tick_targets:
        tick = target.tick
        charged = capacities.consumption[tick] * inputs.charging_efficiency[tick]
        discharged = capacities.production[tick] / inputs.discharging_efficiency[tick]
        kept = inputs.storage_efficiency[tick] ** (target.hours / hours)
        lowest = target.value - target.hours * (charged + inputs.gain[tick])
        highest = target.value + target.hours * (discharged - inputs.gain[tick])
        minima[tick] = np.fmax(minima[tick], lowest / kept)
        maxima[tick] = np.fmin(maxima[tick], highest / kept)
    return minima, maxima


def _filled(values: FloatArray | None, default: FloatArray) -> FloatArray:
    return default if values is None else np.where(np.isnan(values), default, values)

"""From configuration and arrays to the problem that is solved; pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from fmhost_storage.arrays import FloatArray
from fmhost_storage.charges import (
    SoftLimits,
    capacities,
    device_charges,
    filled,
    habit_charges,
    site_charges,
    user_charges,
)
from fmhost_storage.commitment_fields import CommitmentConfig
from fmhost_storage.device_config import DeviceConfig
from fmhost_storage.grid import Grid
from fmhost_storage.grid_inputs import DeviceInputs, SiteInputs
from fmhost_storage.links import Links
from fmhost_storage.nodes import Surroundings, bands, couplings, elsewhere, ramps
from fmhost_storage.notes import Notes
from fmhost_storage.problem import Devices, Problem, Site, Storage
from fmhost_storage.series import extended
from fmhost_storage.sharing import share, stock_owners
from fmhost_storage.targeted import commitment_flows

#: States of charge closer than this are taken for equal [MWh].
TOLERANCE = 1e-9


def assemble(
    grid: Grid,
    devices: list[tuple[DeviceConfig, DeviceInputs]],
    site: SiteInputs,
    notes: Notes,
    commitments: Sequence[CommitmentConfig] = (),
    surroundings: Surroundings | None = None,
) -> Problem:
    """The problem of least cost.

    A limit with a breach price leaves the hard limits and becomes a commitment.

    :param surroundings: other commodities, and groups.

    Only limits at ticks 1..T can be acted on; where one at the start is not met, a warning says so.

    :raises InvalidInput: where a value makes no sense, naming its field.
    """
    configs, each_inputs = [config for config, _ in devices], [inputs for _, inputs in devices]
    around = surroundings or Surroundings()
    owners = stock_owners(configs)
    building = _Building(grid, site, notes)
    built = share([building.storage(*each) for each in devices], owners)
    hard, soft = capacities(site, np.full(grid.steps, np.inf))
    meant = commitment_flows(commitments, configs, around.pools)
    return Problem(
        hours=grid.hours,
        devices=Devices.stack([storage for storage, _ in built], grid.steps),
        site=Site.constant(
            grid.steps,
            consumption_price=site.consumption_price,
            production_price=site.production_price,
            consumption_capacity=hard["consumption"],
            production_capacity=hard["production"],
            inflexible_power=site.inflexible_power,
            power_capacity=filled(site.power_capacity, np.full(grid.steps, np.inf)),
        ),
        start=grid.start,
        commitments=(
            *site_charges(site, soft, grid.hours),
            *device_charges([limits for _, limits in built], site.breach_prices, grid.hours),
            *habit_charges(each_inputs, site, grid.hours),
            *around.charges(grid.hours),
            *user_charges(commitments, site.commitments, meant, grid.hours),
        ),
        links=Links(
            elsewhere=elsewhere(configs),
            owners=owners,
            limits=tuple(around.limits()),
            couplings=tuple(couplings(configs)),
            bands=tuple(bands(configs)),
            ramps=tuple(ramps(each_inputs, grid.hours)),
        ),
    )


@dataclass(frozen=True)
class _Capacities:
    """[MW], shape (T,); of the soft ones, and both ways, None where there is none."""

    consumption: FloatArray
    production: FloatArray
    both_ways: FloatArray | None = None
    soft_consumption: FloatArray | None = None
    soft_production: FloatArray | None = None


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
    largest directional capacity stands in for it, and a device with one directional capacity only
    runs that way; with none of them, or where the only one is zero, the site's power capacity does.
    A directional capacity with a breach price is soft, up to the power capacity.
    """
    consumption, production = inputs.consumption_capacity, inputs.production_capacity
    soft_consumption = _softened(consumption, "consumption_breach_price", site)
    soft_production = _softened(production, "production_breach_price", site)
    power = both_ways = inputs.power_capacity
    told = [each for each in (consumption, production) if each is not None]
    says_nothing = len(told) == 1 and not told[0].any() and site.power_capacity is not None
    if power is None and told and not says_nothing:
        nothing = np.zeros_like(inputs.gain)
        up, down = filled(consumption, nothing), filled(production, nothing)
        power = np.full_like(nothing, max(up.max(), down.max()))
    else:
        if power is None:
            assert site.power_capacity is not None  # the configuration was checked for it
            power = both_ways = extended(site.power_capacity)
        up, down = filled(consumption, power), filled(production, power)
        if consumption is None and config.one_way == "production":
            up = np.zeros_like(power)
        if production is None and config.one_way == "consumption":
            down = np.zeros_like(power)
    return _Capacities(
        power if soft_consumption is not None else np.fmin(up, power),
        power if soft_production is not None else np.fmin(down, power),
        both_ways,
        soft_consumption,
        soft_production,
    )


def _softened(capacity: FloatArray | None, price: str, site: SiteInputs) -> FloatArray | None:
    """A capacity that may be breached at a price; one of zero in the whole window never may."""
    if capacity is None or price not in site.breach_prices or not np.any(capacity != 0):
        return None
    return capacity


@dataclass(frozen=True)
class _Reach:
    """From where targets between two ticks can be reached; shape (T + 1,), NaN at other ticks.

    :param floor: lowest SoC at the tick before [MWh].
    :param ceiling: highest such SoC [MWh].
    :param retention: what is left of it at the target.
    """

    floor: FloatArray
    ceiling: FloatArray
    retention: FloatArray

    @classmethod
    def nowhere(cls, ticks: int) -> _Reach:
        """There is no such target."""
        return cls(np.full(ticks, np.nan), np.full(ticks, np.nan), np.ones(ticks))


def _reach_of_off_tick_targets(
    inputs: DeviceInputs, capacities: _Capacities, hours: float
) -> _Reach:
    """From where the device can be at such targets in time, at full power from the tick before.

    :param hours: length of a step [h].
    """
    reach = _Reach.nowhere(len(inputs.soc_targets))
    for target in inputs.off_tick_targets:
        tick = target.tick
        charged = capacities.consumption[tick] * inputs.charging_efficiency[tick]
        discharged = capacities.production[tick] / inputs.discharging_efficiency[tick]
        kept = inputs.storage_efficiency[tick] ** (target.hours / hours)
        lowest = target.value - target.hours * (charged + inputs.gain[tick])
        highest = target.value + target.hours * (discharged - inputs.gain[tick])
        reach.floor[tick] = np.fmax(reach.floor[tick], lowest / kept)
        reach.ceiling[tick] = np.fmin(reach.ceiling[tick], highest / kept)
        reach.retention[tick] = kept
    return reach


class _Building:
    """Puts devices together; what thousands of them have in common is made once."""

    def __init__(self, grid: Grid, site: SiteInputs, notes: Notes) -> None:
        self._grid, self._site, self._notes = grid, site, notes
        self._step = float(grid.hours[0])
        self._nothing = np.full(grid.steps, np.nan)
        self._no_reach = _Reach.nowhere(grid.steps + 1)
        self._capacities: dict[tuple[Any, ...], tuple[DeviceInputs, _Capacities]] = {}

    def storage(self, config: DeviceConfig, inputs: DeviceInputs) -> tuple[Storage, SoftLimits]:
        """A device, and those of its limits that may be breached at a price."""
        powers = self._powers(config, inputs)
        reach = self._reach(inputs, powers)
        self._note_unmet(config, inputs)
        nothing, prices = self._nothing, self._site.breach_prices
        targets = inputs.soc_targets[1:]
        floor = inputs.is_off_tick or "soc_minima_breach_price" in prices
        ceiling = inputs.is_off_tick or "soc_maxima_breach_price" in prices
        limits = SoftLimits(
            consumption=powers.soft_consumption,
            production=powers.soft_production,
            minima=np.fmax(inputs.soc_minima, reach.floor)[1:] if floor else None,
            maxima=np.fmin(inputs.soc_maxima, reach.ceiling)[1:] if ceiling else None,
            targets=targets if floor and ceiling else None,
        )
        storage = Storage(
            consumption_capacity=powers.consumption,
            production_capacity=powers.production,
            soc_at_start=inputs.soc_at_start,
            charging_efficiency=inputs.charging_efficiency,
            discharging_efficiency=inputs.discharging_efficiency,
            storage_efficiency=inputs.storage_efficiency,
            gain=inputs.gain,
            soc_min=config.soc_min,
            soc_max=inputs.soc_max,
            soc_minima=nothing if floor else inputs.soc_minima[1:],
            soc_maxima=nothing if ceiling else inputs.soc_maxima[1:],
            soc_targets=nothing if floor and ceiling else targets,
            reach_floor=nothing if floor else reach.floor[1:],
            reach_ceiling=nothing if ceiling else reach.ceiling[1:],
            reach_retention=reach.retention[1:],
            power_capacity=np.inf if powers.both_ways is None else powers.both_ways,
            prefer_charging_sooner=config.prefer_charging_sooner,
            prefer_curtailing_later=config.prefer_curtailing_later,
            name=config.name,
        )
        return storage, limits

    def _powers(self, config: DeviceConfig, inputs: DeviceInputs) -> _Capacities:
        """As :func:`device_capacities` says; once for all devices with the same arrays."""
        told = inputs.power_capacity, inputs.consumption_capacity, inputs.production_capacity
        key = (config.one_way, *map(id, told))
        known = self._capacities.get(key)
        if known is None:
            # With the inputs, as an identity holds for as long as its object is there.
            known = inputs, device_capacities(config, inputs, self._site)
            self._capacities[key] = known
        return known[1]

    def _reach(self, inputs: DeviceInputs, powers: _Capacities) -> _Reach:
        if not inputs.off_tick_targets:
            return self._no_reach
        return _reach_of_off_tick_targets(inputs, powers, self._step)

    def _note_unmet(self, config: DeviceConfig, inputs: DeviceInputs) -> None:
        """Warn of what is asked for at the start and not so."""
        start = np.nan if inputs.soc_at_start is None else inputs.soc_at_start
        for field, level, sign in (
            ("soc-minima", inputs.soc_minima.item(0), 1.0),
            ("soc-maxima", inputs.soc_maxima.item(0), -1.0),
        ):
            if sign * (level - start) > TOLERANCE:
                self._notes.warnings.append(
                    _unmet_at_start(config, inputs, field, level, self._grid)
                )
        level = inputs.soc_targets.item(0)
        if abs(level - start) > TOLERANCE:
            unmet = _unmet_at_start(config, inputs, "soc-targets", level, self._grid)
            self._notes.warnings.append(unmet)

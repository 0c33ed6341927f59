"""Connections of other commodities, and groups: what ties their devices, and what that costs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from fmhost_storage.arrays import FloatArray, IntArray
from fmhost_storage.charges import breach, capacities, site_charges
from fmhost_storage.commitments import Commitment
from fmhost_storage.device_config import ELECTRICITY, DeviceConfig
from fmhost_storage.device_fields import Key
from fmhost_storage.flex_context import SiteConfig
from fmhost_storage.grid_inputs import DeviceInputs, GroupInputs, SiteInputs
from fmhost_storage.groups import GroupConfig, members_of
from fmhost_storage.links import Bands, Coupling, FlowLimit, Ramp

#: Price of breaching the directional capacity of a group [currency/MW].
GROUP_BREACH = 1e7


@dataclass(frozen=True)
class Pool:
    """Devices whose power counts together.

    :param members: their numbers, shape (K,).
    :param fixed: power of what is not scheduled [MW, consumption positive], shape (T,).
    """

    members: IntArray
    fixed: FloatArray

    def power(self, power: FloatArray) -> FloatArray:
        """Their power [MW, consumption positive], shape (T,), of powers of shape (D, T)."""
        return np.asarray(power[self.members].sum(axis=0) + self.fixed)


@dataclass(frozen=True)
class Surroundings:
    """What is around the devices besides the site connection for electricity."""

    others: tuple[tuple[SiteConfig, SiteInputs], ...] = ()
    groups: tuple[tuple[GroupConfig, GroupInputs], ...] = ()
    pools: Mapping[str | Key, Pool] = field(default_factory=dict)

    @classmethod
    def of(
        cls,
        devices: Sequence[DeviceConfig],
        others: Sequence[tuple[SiteConfig, SiteInputs]],
        groups: Sequence[tuple[GroupConfig, GroupInputs]],
        steps: int,
    ) -> Surroundings:
        """Find out which device is where."""
        pools: dict[str | Key, Pool] = {}
        for config, inputs in others:
            there = [d for d, each in enumerate(devices) if each.commodity == config.commodity]
            pools[config.commodity] = Pool(np.array(there, np.int32), inputs.inflexible_power)
        found = members_of([group for group, _ in groups], devices)
        for key, members in found.items():
            pools[key] = Pool(np.array(members, np.int32), np.zeros(steps))
        return cls(tuple(others), tuple(groups), pools)

    def limits(self) -> Iterator[FlowLimit]:
        """The hard limits of commodities and groups."""
        for config, inputs in self.others:
            pool = self.pools[config.commodity]
            hard, _ = capacities(inputs, np.full(len(pool.fixed), np.inf))
            yield FlowLimit(
                name=config.commodity,
                field="commodities",
                members=pool.members,
                lower=-hard["production"] - pool.fixed,
                upper=hard["consumption"] - pool.fixed,
            )
        for group, limits in self.groups:
            pool = self.pools[group.key]
            upper, lower = (
                np.broadcast_to(limit, pool.fixed.shape)
                for limit in (limits.hard("consumption"), -limits.hard("production"))
            )
            if np.isfinite(upper).any() or np.isfinite(lower).any():
                members = pool.members
                yield FlowLimit(group.name, "power-capacity", members, lower, upper)

    def charges(self, hours: FloatArray) -> Iterator[Commitment]:
        """What the flows of other commodities cost, and breaches of soft limits."""
        for config, inputs in self.others:
            pool = self.pools[config.commodity]
            if not pool.members.size:
                continue
            _, soft = capacities(inputs, np.full(len(hours), np.inf))
            prices = inputs.consumption_price, inputs.production_price
            if any(np.any(price != 0) for price in prices):
                up, down = (price * hours for price in prices)
                yield Commitment(
                    names=(f"{config.commodity} net energy",),
                    quantity=-pool.fixed[None],
                    up_price=up[None],
                    down_price=down[None],
                    members=pool.members[None],
                )
            yield from site_charges(
                inputs,
                soft,
                hours,
                commodity=config.commodity,
                members=pool.members[None],
                fixed=pool.fixed,
            )
        for group, limits in self.groups:
            members = self.pools[group.key].members
            price = np.full(len(hours), GROUP_BREACH)
            for direction, sign in (("consumption", 1.0), ("production", -1.0)):
                capacity = limits.soft(direction)
                if capacity is not None and members.size:
                    yield from breach(
                        [f"{direction} breach{{}}"],
                        sign * capacity[None],
                        price if sign > 0 else None,
                        price if sign < 0 else None,
                        hours,
                        field=f"{direction}-capacity",
                        prefix=f"{group.name} ",
                        members=members[None],
                        about={group.key[0]: group.key[1]},
                    )


def elsewhere(devices: Sequence[DeviceConfig]) -> frozenset[int]:
    """Numbers of the devices that are not behind the connection for electricity."""
    return frozenset(d for d, each in enumerate(devices) if each.commodity != ELECTRICITY)


def couplings(devices: Sequence[DeviceConfig]) -> Iterator[Coupling]:
    """Devices that name the same coupling, in the proportion of their coefficients."""
    named: dict[str, list[int]] = {}
    for number, device in enumerate(devices):
        if device.coupling is not None:
            named.setdefault(device.coupling, []).append(number)
    for name, members in named.items():
        ratios = [_ratio(devices[number]) for number in members]
        yield Coupling(name, np.array(members, np.int32), np.array(ratios))


def _ratio(device: DeviceConfig) -> float:
    consumes = device.is_closed("production")
    return device.coupling_coefficient if consumes else -device.coupling_coefficient


def bands(devices: Sequence[DeviceConfig]) -> Iterator[Bands]:
    """The operation modes of the devices."""
    for number, device in enumerate(devices):
        modes = device.operation_modes
        if modes:
            lower = np.array([mode.lower for mode in modes])
            yield Bands(number, lower, np.array([mode.upper for mode in modes]))


def ramps(inputs: Sequence[DeviceInputs], hours: FloatArray) -> Iterator[Ramp]:
    """How fast the powers of devices may change."""
    for number, device in enumerate(inputs):
        if device.ramp_limit is not None:
            yield Ramp(number, device.ramp_limit * hours, device.power_before)

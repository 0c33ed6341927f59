"""What ties devices together, or one step to the next, beyond stock and site.

All of it is hard. A device may belong to another node than the site (heat, gas), share its stock
with other devices, run in proportion to others, keep to bands of power, or change slowly; and the
power of a group of devices may be bounded.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np

from fmhost_storage.arrays import BoolArray, FloatArray, IntArray


@dataclass(frozen=True)
class FlowLimit:
    """Bounds of the power of several devices together.

    :param name: how messages call what is limited.
    :param field: the field of flex-model or flex-context that sets the limit.
    :param members: numbers of the devices, shape (K,).
    :param lower: least power [MW, consumption positive], -inf where there is none; shape (T,).
    :param upper: largest power, likewise.
    """

    name: str
    field: str
    members: IntArray
    lower: FloatArray
    upper: FloatArray

    def excess(self, power: FloatArray) -> FloatArray:
        """How far powers of shape (D, T) are beyond the bounds [MW], shape (T,)."""
        total = power[self.members].sum(axis=0)
        return np.asarray(np.maximum(total - self.upper, self.lower - total))


@dataclass(frozen=True)
class Coupling:
    """Devices whose powers are in fixed proportion at each step.

    :param members: numbers of the devices, shape (K,).
    :param ratios: their powers as multiples of one common value that is never negative: positive
        for a consumer, negative for a producer; shape (K,).
    """

    name: str
    members: IntArray
    ratios: FloatArray

    def excess(self, power: FloatArray) -> FloatArray:
        """How far powers of shape (D, T) are from proportion [MW], shape (K - 1, T)."""
        share = power[self.members] / self.ratios[:, None]
        scale = np.minimum(np.abs(self.ratios[1:]), abs(self.ratios[0]))[:, None]
        return np.asarray(np.abs(share[1:] - share[0]) * scale)


@dataclass(frozen=True)
class Bands:
    """Ranges of which the power of a device must be in one at each step.

    :param lower: least power of each band [MW, consumption positive], shape (K,).
    :param upper: largest power of each band, shape (K,).
    """

    device: int
    lower: FloatArray
    upper: FloatArray

    def distance(self, power: FloatArray) -> FloatArray:
        """How far powers of shape (T,) are from each band [MW], shape (K, T)."""
        return np.maximum(self.lower[:, None] - power, power - self.upper[:, None])

    def excess(self, power: FloatArray) -> FloatArray:
        """How far powers of shape (D, T) are from all bands [MW], shape (T,)."""
        return np.asarray(self.distance(power[self.device]).min(axis=0))


@dataclass(frozen=True)
class Ramp:
    """A limit of how much the power of a device changes from one step to the next.

    :param limit: largest change from the step before [MW], infinite for none; shape (T,).
    :param before: power of the step before the first [MW, consumption positive]; NaN where it is
        not known, and then the first step is free.
    """

    device: int
    limit: FloatArray
    before: float = np.nan

    def excess(self, power: FloatArray) -> FloatArray:
        """How far changes of powers of shape (D, T) are beyond the limit [MW], shape (T,)."""
        own = power[self.device]
        start = own[0] if np.isnan(self.before) else self.before
        return np.asarray(np.abs(np.diff(own, prepend=start)) - self.limit)


@dataclass(frozen=True)
class Links:
    """All that ties the devices of a problem.

    :param elsewhere: numbers of the devices that are not behind the site connection.
    :param owners: by device that has no stock of its own: the device whose stock it shares.
    """

    elsewhere: frozenset[int] = frozenset()
    owners: dict[int, int] = field(default_factory=dict)
    limits: tuple[FlowLimit, ...] = ()
    couplings: tuple[Coupling, ...] = ()
    bands: tuple[Bands, ...] = ()
    ramps: tuple[Ramp, ...] = ()

    def on_site(self, count: int) -> BoolArray:
        """Which of `count` devices are behind the site connection, shape (D,)."""
        there = np.ones(count, bool)
        there[list(self.elsewhere)] = False
        return there

    def own_stock(self, count: int) -> BoolArray:
        """Which of `count` devices do not share the stock of another, shape (D,)."""
        own = np.ones(count, bool)
        own[list(self.owners)] = False
        return own

    @property
    def shared(self) -> frozenset[int]:
        """Devices whose stock others share."""
        return frozenset(self.owners.values())

    def pooled(self, flows: FloatArray) -> FloatArray:
        """Flows into stocks, shape (D, T), with those of devices that share one at its owner."""
        if not self.owners:
            return flows
        total = flows.copy()
        for device, owner in self.owners.items():
            total[owner] += flows[device]
        return total

    def excess(self, power: FloatArray) -> Iterator[FloatArray]:
        """How far powers of shape (D, T) are beyond each of the links [MW]."""
        parts: tuple[tuple[FlowLimit | Coupling | Bands | Ramp, ...], ...]
        parts = self.limits, self.couplings, self.bands, self.ramps
        for part in parts:
            for each in part:
                yield each.excess(power)

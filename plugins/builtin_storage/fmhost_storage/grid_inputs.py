"""What a schedule needs to know, as arrays on one grid."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from fmhost_storage.arrays import FloatArray
from fmhost_storage.series import OffTick


@dataclass(frozen=True)
class DeviceInputs:
    """One device on the grid. Arrays have shape (T,), those of set-points (T + 1,).

    Capacities [MW] and set-points [MWh] are NaN where none is told; a capacity that the
    configuration does not mention is None.

    :param soc_at_start: None for a device that stores nothing.
    :param is_off_tick: whether a set-point begins or ends between two ticks.
    :param cycle_cost: price of throughput [currency/MWh].
    :param ramp_limit: largest change of power [MW/h].
    :param power_before: power of the step before the first [MW, consumption positive], or NaN.
    :param previous_plan: power by the latest schedule [MW, consumption positive], or NaN.
    """

    soc_at_start: float | None
    soc_max: float
    soc_minima: FloatArray
    soc_maxima: FloatArray
    soc_targets: FloatArray
    off_tick_targets: tuple[OffTick, ...]
    charging_efficiency: FloatArray
    discharging_efficiency: FloatArray
    storage_efficiency: FloatArray
    gain: FloatArray
    power_capacity: FloatArray | None
    consumption_capacity: FloatArray | None
    production_capacity: FloatArray | None
    is_off_tick: bool = False
    cycle_cost: FloatArray | None = None
    ramp_limit: FloatArray | None = None
    power_before: float = np.nan
    previous_plan: FloatArray | None = None


@dataclass(frozen=True)
class GroupInputs:
    """A group on the grid, shape (T,); capacities [MW] as in :class:`DeviceInputs`."""

    power_capacity: FloatArray | None
    consumption_capacity: FloatArray | None
    production_capacity: FloatArray | None

    def hard(self, direction: str) -> FloatArray:
        """The hard limit one way [MW], infinite where there is none; zero at all times is hard."""
        one_way = getattr(self, f"{direction}_capacity")
        given = [self.power_capacity, one_way if self.is_closed(direction) else None]
        known = [np.where(np.isnan(each), np.inf, each) for each in given if each is not None]
        return np.asarray(np.minimum.reduce(known)) if known else np.asarray(np.inf)

    def soft(self, direction: str) -> FloatArray | None:
        """The soft limit one way [MW]; None where there is none."""
        capacity: FloatArray | None = getattr(self, f"{direction}_capacity")
        return None if self.is_closed(direction) else capacity

    def is_closed(self, direction: str) -> bool:
        """Whether nothing may flow that way at any time."""
        capacity = getattr(self, f"{direction}_capacity")
        return capacity is not None and not np.any(capacity != 0)


@dataclass(frozen=True)
class SiteInputs:
    """The site on the grid, shape (T,); capacities as in :class:`DeviceInputs`.

    :param inflexible_power: [MW, consumption positive].
    :param breach_prices: as in :class:`SiteConfig` [currency/MWh or currency/MW].
    :param peaks: by direction; of production, quantity and price are those of production.
    """

    consumption_price: FloatArray
    production_price: FloatArray
    inflexible_power: FloatArray
    power_capacity: FloatArray | None
    consumption_capacity: FloatArray | None
    production_capacity: FloatArray | None
    breach_prices: Mapping[str, FloatArray]
    peaks: Mapping[str, PricedFlow]
    commitments: tuple[PricedFlow, ...]
    stability_cost: FloatArray | None = None


@dataclass(frozen=True)
class PricedFlow:
    """A peak or commitment on the grid, shape (T,).

    :param quantity: the flow that costs nothing [MW, consumption positive], NaN where none is told.
    :param up_price: of deviation upwards [currency/MWh or currency/MW]; None for nothing.
    :param down_price: of deviation downwards; None for nothing.
    """

    quantity: FloatArray
    up_price: FloatArray | None
    down_price: FloatArray | None

"""The scheduling problem as plain arrays on one time grid: devices x steps, and the site.

Step ``t`` (0..T-1) lies between tick ``t`` and tick ``t + 1``; power is constant within a step and
the state of charge (SoC) is told at ticks. Arrays of SoC limits have one value per step, valid at
the *end* of the step, so column ``t`` speaks of tick ``t + 1``. Power is in MW, consumption
positive, energy in MWh, prices in currency per MWh.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cached_property

import numpy as np
from numpy.typing import ArrayLike

from fmhost.plugin import InvalidInput
from fmhost_storage.arrays import BoolArray, FloatArray, frozen
from fmhost_storage.commitments import Commitment
from fmhost_storage.links import Links


@dataclass(frozen=True)
class Storage:
    """One device, as a person would write it down; every quantity is a scalar or one value a step.

    :param name: how messages call the device.
    :param consumption_capacity: largest consumption [MW, >= 0, finite].
    :param production_capacity: largest production [MW, >= 0, finite].
    :param soc_at_start: SoC at tick 0 [MWh]; None for a device that stores nothing.
    :param charging_efficiency: stored per consumed energy (> 0; above 1 for a heat pump).
    :param discharging_efficiency: produced per withdrawn energy (> 0).
    :param storage_efficiency: what is left of the SoC after one step without flows, in (0, 1].
    :param gain: external inflow minus outflow of stored energy [MW]; no efficiency applies.
    :param soc_min: floor of the SoC at every tick [MWh].
    :param soc_max: ceiling of the SoC at every tick [MWh].
    :param soc_minima: lower set-points [MWh], NaN at ticks without one.
    :param soc_maxima: upper set-points [MWh], NaN at ticks without one.
    :param soc_targets: exact set-points [MWh], NaN at ticks without one.
    :param reach_floor: lowest SoC from which a target between two ticks can be reached [MWh], at
        the tick before it; NaN at others.
    :param reach_ceiling: highest such SoC [MWh].
    :param reach_retention: what is left at the target of the SoC at the tick before it.
    :param power_capacity: the part of the capacities that holds both ways [MW]; where a capacity
        is as large, messages name this instead. It limits nothing.
    :param prefer_charging_sooner: among equally cheap schedules, be full sooner (else: later).
    :param prefer_curtailing_later: among equally cheap schedules, let a device that stores
        nothing run sooner (else: later).
    """

    consumption_capacity: ArrayLike
    production_capacity: ArrayLike
    soc_at_start: float | None = 0.0
    charging_efficiency: ArrayLike = 1.0
    discharging_efficiency: ArrayLike = 1.0
    storage_efficiency: ArrayLike = 1.0
    gain: ArrayLike = 0.0
    soc_min: float = -np.inf
    soc_max: float = np.inf
    soc_minima: ArrayLike = np.nan
    soc_maxima: ArrayLike = np.nan
    soc_targets: ArrayLike = np.nan
    reach_floor: ArrayLike = np.nan
    reach_ceiling: ArrayLike = np.nan
    reach_retention: ArrayLike = 1.0
    power_capacity: ArrayLike = np.inf
    prefer_charging_sooner: bool = True
    prefer_curtailing_later: bool = True
    name: str = "storage"


_SERIES = (
    "consumption_capacity",
    "production_capacity",
    "charging_efficiency",
    "discharging_efficiency",
    "storage_efficiency",
    "gain",
    "soc_minima",
    "soc_maxima",
    "soc_targets",
    "reach_floor",
    "reach_ceiling",
    "reach_retention",
    "power_capacity",
)


@dataclass(frozen=True)
class Devices:
    """All devices behind one site connection; D devices x T steps.

    The fields are those of :class:`Storage` with shape (D, T); `soc_at_start` (NaN for a device
    that stores nothing), `soc_min`, `soc_max` and the two preferences have shape (D,).

    :raises InvalidInput: where a value makes no sense, naming its field.
    :raises ValueError: where the shapes do not agree.
    """

    names: tuple[str, ...]
    consumption_capacity: FloatArray
    production_capacity: FloatArray
    charging_efficiency: FloatArray
    discharging_efficiency: FloatArray
    storage_efficiency: FloatArray
    gain: FloatArray
    soc_at_start: FloatArray
    soc_min: FloatArray
    soc_max: FloatArray
    soc_minima: FloatArray
    soc_maxima: FloatArray
    soc_targets: FloatArray
    reach_floor: FloatArray
    reach_ceiling: FloatArray
    reach_retention: FloatArray
    power_capacity: FloatArray
    prefer_charging_sooner: BoolArray
    prefer_curtailing_later: BoolArray
    #: Tightest lower and upper limit of the SoC at ticks 1..T [MWh], infinite where there is none;
    #: shape (D, T). `soc_lower` may exceed `soc_upper` where the input contradicts itself.
    soc_lower: FloatArray = field(init=False)
    soc_upper: FloatArray = field(init=False)

    def __post_init__(self) -> None:
        _check_devices(self)
        lower = np.fmax(np.fmax(self.soc_minima, self.soc_targets), self.soc_min[:, None])
        upper = np.fmin(np.fmin(self.soc_maxima, self.soc_targets), self.soc_max[:, None])
        lower, upper = np.fmax(lower, self.reach_floor), np.fmin(upper, self.reach_ceiling)
        object.__setattr__(self, "soc_lower", frozen(lower, lower.shape))
        object.__setattr__(self, "soc_upper", frozen(upper, upper.shape))

    @classmethod
    def stack(cls, storages: Sequence[Storage], steps: int) -> Devices:
        """Put devices on one grid of `steps` steps; scalars hold at every step."""
        count = len(storages)
        series = {name: _stacked([getattr(s, name) for s in storages], steps) for name in _SERIES}
        starts = [np.nan if s.soc_at_start is None else s.soc_at_start for s in storages]
        return cls(
            names=tuple(s.name for s in storages),
            soc_at_start=frozen(starts, (count,)),
            soc_min=frozen([s.soc_min for s in storages], (count,)),
            soc_max=frozen([s.soc_max for s in storages], (count,)),
            prefer_charging_sooner=np.array([s.prefer_charging_sooner for s in storages], bool),
            prefer_curtailing_later=np.array([s.prefer_curtailing_later for s in storages], bool),
            **series,
        )

    @property
    def two_way(self) -> BoolArray:
        """Where a device may consume as well as produce; shape (D, T)."""
        return (self.consumption_capacity > 0) & (self.production_capacity > 0)

    @property
    def stores(self) -> BoolArray:
        """Which devices have a SoC; shape (D,)."""
        return ~np.isnan(self.soc_at_start)

    @cached_property
    def limited(self) -> BoolArray:
        """Which devices have a SoC with a limit at some tick; shape (D,)."""
        finite = np.isfinite(self.soc_lower) | np.isfinite(self.soc_upper)
        return self.stores & finite.any(axis=1)


@dataclass(frozen=True)
class Site:
    """The grid connection; every array has shape (T,).

    :param consumption_capacity: largest consumption [MW, >= 0, may be infinite].
    :param production_capacity: largest production [MW, >= 0, may be infinite].
    :param inflexible_power: power of everything that is not scheduled [MW, consumption positive].
    :param consumption_price: price of consumption [currency/MWh].
    :param production_price: revenue of production [currency/MWh].
    :param power_capacity: the part of the capacities that holds both ways [MW], for messages; it
        limits nothing.
    """

    consumption_capacity: FloatArray
    production_capacity: FloatArray
    inflexible_power: FloatArray
    consumption_price: FloatArray
    production_price: FloatArray
    power_capacity: FloatArray

    def __post_init__(self) -> None:
        _require_at_least_zero("site-consumption-capacity", self.consumption_capacity)
        _require_at_least_zero("site-production-capacity", self.production_capacity)
        _require_finite("inflexible-device-sensors", self.inflexible_power)
        _require_finite("consumption-price", self.consumption_price)
        _require_finite("production-price", self.production_price)

    @classmethod
    def constant(
        cls,
        steps: int,
        *,
        consumption_price: ArrayLike,
        production_price: ArrayLike | None = None,
        consumption_capacity: ArrayLike = np.inf,
        production_capacity: ArrayLike = np.inf,
        inflexible_power: ArrayLike = 0.0,
        power_capacity: ArrayLike = np.inf,
    ) -> Site:
        """A site of scalars or arrays; the production price defaults to the consumption price."""
        revenue = consumption_price if production_price is None else production_price
        return cls(
            consumption_capacity=frozen(consumption_capacity, (steps,)),
            production_capacity=frozen(production_capacity, (steps,)),
            inflexible_power=frozen(inflexible_power, (steps,)),
            consumption_price=frozen(consumption_price, (steps,)),
            production_price=frozen(revenue, (steps,)),
            power_capacity=frozen(power_capacity, (steps,)),
        )


@dataclass(frozen=True)
class Problem:
    """Devices behind one site connection, to be run at least cost.

    :param hours: length of each step [h, > 0], shape (T,).
    :param start: moment of tick 0 (aware), by which messages name a tick; None: by its number.
    :param commitments: what deviations cost, next to energy at the site's prices.
    :param links: what ties devices together.
    """

    hours: FloatArray
    devices: Devices
    site: Site
    start: datetime | None = None
    commitments: tuple[Commitment, ...] = ()
    links: Links = field(default_factory=Links)

    def __post_init__(self) -> None:
        steps = self.hours.shape
        if len(steps) != 1 or steps[0] == 0:
            raise InvalidInput("The planning window holds no time step.", field="duration")
        if not np.all((self.hours > 0) & np.isfinite(self.hours)):
            raise InvalidInput("Each time step must be longer than zero.", field="resolution")
        for name, values in vars(self.site).items():
            _require_shape(f"site.{name}", values, steps)
        _require_shape("devices", self.devices.gain, (len(self.devices.names), *steps))
        for each in self.commitments:
            _require_shape(each.names[0], each.quantity, (len(each.names), *steps))
            if each.stock and (each.members is None or not self.devices.stores[each.members].all()):
                raise ValueError("The stock of a device that stores nothing has no price.")
        for device, owner in self.links.owners.items():
            if self.devices.stores[device] or not self.devices.stores[owner]:
                raise ValueError("A device shares the stock of one that has it for its own.")
            kept = self.devices.storage_efficiency
            if not np.array_equal(kept[device], kept[owner]):
                raise ValueError("Devices that share a stock differ in its losses.")

    @cached_property
    def limited(self) -> BoolArray:
        """Which devices have a SoC that matters: one with a limit or a price; shape (D,)."""
        limited = self.devices.limited.copy()
        for each in self.commitments:
            if each.stock:
                limited[each.members] = True
        return limited

    @property
    def steps(self) -> int:
        """Number of steps T."""
        return len(self.hours)

    def moment(self, tick: int) -> str:
        """How messages call a tick: its time, or its number where no start is known."""
        if self.start is None:
            return f"tick {tick}"
        return (self.start + timedelta(hours=float(self.hours[:tick].sum()))).isoformat()


def _stacked(values: Sequence[ArrayLike], steps: int) -> FloatArray:
    """One row per value; read-only."""
    rows = np.empty((len(values), steps))
    if values and all(value is values[0] for value in values):
        rows[:] = values[0]  # at once, as devices of a fleet have much in common
    else:
        for row, value in zip(rows, values, strict=True):
            row[:] = value
    rows.flags.writeable = False
    return rows


def _check_devices(devices: Devices) -> None:
    """:raises InvalidInput: where a value makes no sense, naming its field."""
    count, steps = devices.gain.shape
    for name in _SERIES:
        _require_shape(name, getattr(devices, name), (count, steps))
    for name in ("soc_at_start", "soc_min", "soc_max"):
        _require_shape(name, getattr(devices, name), (count,))
    for name in ("prefer_charging_sooner", "prefer_curtailing_later"):
        if getattr(devices, name).shape != (count,):
            raise ValueError(f"{name} has not one value per device ({count}).")
    for name in ("consumption_capacity", "production_capacity"):
        values = getattr(devices, name)
        _require_finite(name.replace("_", "-"), values)
        _require_at_least_zero(name.replace("_", "-"), values)
    for name in ("charging_efficiency", "discharging_efficiency", "storage_efficiency"):
        values = getattr(devices, name)
        _require_finite(name.replace("_", "-"), values)
        if np.any(values <= 0):
            raise InvalidInput("An efficiency must exceed zero.", field=name.replace("_", "-"))
    if np.any(devices.storage_efficiency > 1):
        raise InvalidInput(
            "The storage efficiency must not exceed 1 (100 %).", field="storage-efficiency"
        )
    _require_finite("soc-gain", devices.gain)
    _require_finite("soc-at-start", devices.soc_at_start[devices.stores])
    for name in ("soc_min", "soc_max"):
        if np.any(np.isnan(getattr(devices, name))):
            raise InvalidInput("The value is not a number.", field=name.replace("_", "-"))


def _require_shape(name: str, values: FloatArray, shape: tuple[int, ...]) -> None:
    if values.shape != shape:
        raise ValueError(f"{name} has shape {values.shape} instead of {shape}.")


def _require_finite(name: str, values: FloatArray) -> None:
    if not np.all(np.isfinite(values)):
        raise InvalidInput("There are steps without a finite value.", field=name)


def _require_at_least_zero(name: str, values: FloatArray) -> None:
    if not np.all(values >= 0):
        raise InvalidInput("A capacity must be a number of at least zero.", field=name)

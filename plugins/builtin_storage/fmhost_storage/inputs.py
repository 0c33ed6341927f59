"""Reads everything that a schedule needs onto one grid; no other stage reads series."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

import numpy as np

from fmhost.plugin import ComputationFailed, SeriesReader, UnknownPrices
from fmhost_storage.abilities import LOSSLESS, Alike, abilities_of
from fmhost_storage.arrays import FloatArray
from fmhost_storage.commitment_fields import CommitmentConfig
from fmhost_storage.device_config import NO_SOC_MAX, DeviceConfig
from fmhost_storage.flex_context import Peak, SiteConfig
from fmhost_storage.grid import Grid
from fmhost_storage.grid_inputs import DeviceInputs, GroupInputs, PricedFlow, SiteInputs
from fmhost_storage.groups import GroupConfig
from fmhost_storage.notes import Notes
from fmhost_storage.quantities import Fixed, FromSensor, Quantity, Segments
from fmhost_storage.series import (
    Overlap,
    extended,
    is_off_tick,
    level_before,
    off_tick,
    on_steps,
    on_ticks,
)

#: The state of charge at the start may be that of so many steps before.
REACH = 4
#: Types of the sources that tell what a device was going to do.
SCHEDULES = ("scheduler", "scheduling script")


@dataclass(frozen=True)
class Reading:
    """Reads quantities onto a grid and notes what is missing or old.

    :param now: the moment of which the knowledge is used; None for the start of the grid.
    """

    grid: Grid
    reader: SeriesReader
    notes: Notes
    now: datetime | None = None
    _fixed: dict[tuple[float, int], FloatArray] = field(default_factory=dict, init=False)
    _alike: Alike = field(default_factory=dict, init=False)

    def constant(self, value: float, length: int | None = None) -> FloatArray:
        """The same value at each step; one array for all devices, which is not to be changed."""
        key = (value, self.grid.steps if length is None else length)
        found = self._fixed.get(key)
        if found is None:
            found = np.full(key[1], value)
            found.setflags(write=False)
            self._fixed[key] = found
        return found

    def site(self, config: SiteConfig, scheduled: frozenset[int]) -> SiteInputs:
        """The site's inputs.

        :param scheduled: ids of the sensors that are scheduled, which are not inflexible.
        :raises UnknownPrices: where no price is known in the whole window.
        """
        per_energy = f"{config.currency}/MWh"
        consumption = self.price("consumption-price", config.consumption_price, per_energy)
        production = consumption
        if config.production_price is not None:
            production = self.price("production-price", config.production_price, per_energy)
        return SiteInputs(
            consumption_price=consumption,
            production_price=production,
            inflexible_power=self.inflexible_power(config, scheduled),
            power_capacity=self.capacity("site-power-capacity", config.power_capacity, "no limit"),
            consumption_capacity=self.capacity(
                "site-consumption-capacity", config.consumption_capacity, "site-power-capacity"
            ),
            production_capacity=self.capacity(
                "site-production-capacity", config.production_capacity, "site-power-capacity"
            ),
            breach_prices={
                name: self.price(
                    name.replace("_", "-"), price.quantity, price.unit(config.currency)
                )
                for name, price in config.breach_prices.items()
            },
            peaks={
                direction: self._peak(direction, peak, config.currency)
                for direction, peak in config.peaks.items()
            },
            commitments=tuple(
                self._commitment(f"commitments.{number}.", each, config.currency)
                for number, each in enumerate(config.commitments)
            ),
            stability_cost=None
            if config.stability_cost is None
            else self.price("stability-cost", config.stability_cost.quantity, per_energy),
        )

    def _peak(self, direction: str, peak: Peak, currency: str) -> PricedFlow:
        name = f"site-peak-{direction}"
        quantity = self.steps(name, peak.sunk, "MW", Overlap.LEAST)
        self._note_gaps(name, peak.sunk, quantity, "0 MW is assumed")
        price = self.price(f"{name}-price", peak.price.quantity, peak.price.unit(currency))
        return PricedFlow(np.nan_to_num(quantity), price, None)

    def _commitment(self, prefix: str, config: CommitmentConfig, currency: str) -> PricedFlow:
        baseline = self.steps(f"{prefix}baseline", config.baseline, "MW")
        instead = "nothing is committed to then"
        self._note_gaps(f"{prefix}baseline", config.baseline, baseline, instead)
        up, down = (
            None
            if price is None
            else self.price(f"{prefix}{name}", price.quantity, price.unit(currency))
            for name, price in (("up-price", config.up_price), ("down-price", config.down_price))
        )
        return PricedFlow(baseline, up, down)

    def price(self, field: str, quantity: Quantity, unit: str) -> FloatArray:
        """Prices of all steps; missing ones are those of the nearest known before, or after.

        :raises UnknownPrices: where no price is known.
        """
        values = self.steps(field, quantity, unit)
        self._note_age(field, quantity)
        if np.all(np.isnan(values)):
            origin = f" (sensor {quantity.sensor.id})" if isinstance(quantity, FromSensor) else ""
            raise UnknownPrices(
                f"No {field}{origin} is known between {self.grid.start.isoformat()} and "
                f"{self.grid.end.isoformat()}.",
                field=field,
                hint="Post prices, or ask for another period.",
            )
        instead = "the nearest known price is taken instead"
        self._note_gaps(field, quantity, values, instead)
        if isinstance(quantity, Segments):
            self.notes.gaps(field, "the list of segments", values, self.grid, instead)
        return extended(values)

    def inflexible_power(self, config: SiteConfig, scheduled: frozenset[int]) -> FloatArray:
        """Power of what is not scheduled [MW, consumption positive]; missing values count zero."""
        total = np.zeros(self.grid.steps)
        for each in config.inflexible:
            sensor, field = each.quantity.sensor, each.name
            if sensor.id in scheduled:
                self.notes.warnings.append(
                    f"{field}: sensor {sensor.id} is scheduled itself, so its recorded power is "
                    "left aside."
                )
                continue
            values = self.steps(field, each.quantity, "MW")
            self._note_age(field, each.quantity)
            self._note_gaps(field, each.quantity, values, "0 MW is assumed")
            total += each.sign * np.nan_to_num(values)
        return total

    def group(self, config: GroupConfig) -> GroupInputs:
        """One group's inputs."""
        return GroupInputs(
            *(
                self.capacity(name, quantity, "no limit")
                for name, quantity in (
                    ("power-capacity", config.power_capacity),
                    ("consumption-capacity", config.consumption_capacity),
                    ("production-capacity", config.production_capacity),
                )
            )
        )

    def device(self, config: DeviceConfig, site: SiteConfig) -> DeviceInputs:
        """One device's inputs."""
        self.notes.assumed.extend(f"{config.name}: {text}" for text in config.assumed)
        targets = self.levels(config.soc_targets, Overlap.FIRST, from_next=True)
        self._note_lost_targets(config, targets)
        soc_max = self.soc_max(config, targets)
        return DeviceInputs(
            soc_at_start=self.soc_at_start(config, soc_max) if config.stores else None,
            soc_max=soc_max,
            soc_minima=self.levels(config.soc_minima, Overlap.LARGEST),
            soc_maxima=self.levels(config.soc_maxima, Overlap.LEAST),
            soc_targets=targets,
            off_tick_targets=off_tick(config.soc_targets, self.grid),
            is_off_tick=is_off_tick(config.soc_targets, self.grid)
            or is_off_tick(config.soc_minima, self.grid)
            or is_off_tick(config.soc_maxima, self.grid),
            **abilities_of(config, self, self._alike),
            **self._habits(config, site),
        )

    def _habits(self, config: DeviceConfig, site: SiteConfig) -> dict[str, Any]:
        """What depends on what the device does, and on what it was going to do."""
        found: dict[str, Any] = {}
        if config.cycle_cost is not None:
            unit = config.cycle_cost.unit(site.currency)
            found["cycle_cost"] = self.price("cycle-cost", config.cycle_cost.quantity, unit)
        if config.ramp_limit is not None:
            rates = self.steps("ramp-limit", config.ramp_limit, "MW/h")
            self._note_gaps("ramp-limit", config.ramp_limit, rates, "no limit is assumed")
            found["ramp_limit"] = np.where(np.isnan(rates), np.inf, rates)
            before = self.grid.start - self.grid.resolution
            found["power_before"] = float(self._power(config, before, self.grid.start)[0])
        if site.stability_cost is not None:
            start, end = self.grid.start, self.grid.end
            found["previous_plan"] = self._power(config, start, end, source_types=SCHEDULES)
        return found

    def _power(
        self, config: DeviceConfig, start: datetime, end: datetime, **filters: Any
    ) -> FloatArray:
        """What the power sensor of a device knows [MW, consumption positive], else NaN."""
        if config.power_sensor is None:
            return np.full((end - start) // self.grid.resolution, np.nan)
        sensor, sign = config.power_sensor
        step = self.grid.resolution
        known = self.reader.values(sensor, start, end, resolution=step, unit="MW", **filters)
        return np.asarray(sign * known)

    def directional_capacity(
        self, field: str, quantity: Quantity | None, config: DeviceConfig
    ) -> FloatArray | None:
        """What a device can do one way [MW]; the power capacity, if any, stands in for it."""
        if config.power_capacity is None:
            return self.known_capacity(field, quantity)
        return self.capacity(field, quantity, "power-capacity")

    def capacity(self, field: str, quantity: Quantity | None, instead: str) -> FloatArray | None:
        """A capacity [MW], NaN where it is not told; None where the field is not given."""
        if quantity is None:
            return None
        values = self.steps(field, quantity, "MW", Overlap.LEAST)
        self._note_gaps(field, quantity, values, f"{instead} is taken instead")
        return self._not_negative(field, quantity, values)

    def known_capacity(self, field: str, quantity: Quantity | None) -> FloatArray | None:
        """A capacity that nothing stands in for: gaps are filled with the nearest known value."""
        if quantity is None:
            return None
        if isinstance(quantity, Fixed):
            return self.constant(quantity.value)
        values = self.steps(field, quantity, "MW", Overlap.LEAST)
        if np.all(np.isnan(values)):
            raise ComputationFailed(
                f"No {field} is known between {self.grid.start.isoformat()} and "
                f"{self.grid.end.isoformat()}.",
                field=field,
                hint="Post values to its sensor, or give a default.",
            )
        self._note_gaps(field, quantity, values, "the nearest known value is taken instead")
        return extended(self._not_negative(field, quantity, values))

    def _not_negative(self, field: str, quantity: Quantity, values: FloatArray) -> FloatArray:
        """Capacities as a sensor tells them: less than zero, as at night from a roof, is zero."""
        below = values < 0
        if isinstance(quantity, FromSensor) and below.any():
            self.notes.warnings.append(
                f"{field}: sensor {quantity.sensor.id} has negative values at {int(below.sum())} "
                f"of {len(values)} steps, which count as zero."
            )
            return np.where(below, 0.0, values)
        return values

    def efficiency(self, field: str, quantity: Quantity) -> FloatArray:
        """An efficiency, 1 where it is not told."""
        if isinstance(quantity, Fixed):
            return self.constant(quantity.value)
        values = self.steps(field, quantity, "")
        self._note_gaps(field, quantity, values, "100 % is taken instead")
        return np.where(np.isnan(values), 1.0, values)

    def storage_efficiency(self, config: DeviceConfig) -> FloatArray:
        """What is left of the state of charge after each step.

        The field says what is left after one event of its own sensor, or of the power sensor.
        """
        quantity = config.storage_efficiency
        if quantity == LOSSLESS:
            return self.constant(1.0)
        values = self.efficiency("storage-efficiency", quantity)
        period = config.event_resolution
        if isinstance(quantity, FromSensor):
            period = quantity.sensor.event_resolution
        period = period or self.grid.resolution
        return np.asarray(values ** (self.grid.resolution / period))

    def flows(self, field: str, quantities: tuple[Quantity, ...]) -> FloatArray:
        """The sum of flows [MW], zero where none is told."""
        if not quantities:
            return self.constant(0.0)
        total = np.zeros(self.grid.steps)
        for quantity in quantities:
            values = self.steps(field, quantity, "MW")
            self._note_gaps(field, quantity, values, "no flow (0 MW) is assumed")
            total += np.nan_to_num(values)
        return total

    def levels(
        self, quantity: Quantity | None, overlap: Overlap, *, from_next: bool = False
    ) -> FloatArray:
        """Set-points at ticks 0..T [MWh], NaN where none is told."""
        if quantity is None:
            return self.constant(np.nan, self.grid.steps + 1)
        return on_ticks(quantity, self.grid, self.reader, overlap=overlap, from_next=from_next)

    def soc_at_start(self, config: DeviceConfig, soc_max: float) -> float:
        """State of charge at the start [MWh]."""
        if config.soc_at_start is not None:
            return config.soc_at_start
        quantity = config.state_of_charge
        assert isinstance(quantity, FromSensor | Segments)
        reach = REACH * (config.event_resolution or self.grid.resolution)
        found = level_before(quantity, self.reader, self.grid.start, reach, soc_max)
        if found is None:
            self.notes.assumed.append(
                f"{config.name}: soc-at-start is not given, and state-of-charge tells nothing "
                f"within {reach} before the start: the storage is taken to be empty (0 MWh)."
            )
            return 0.0
        self._note_age(f"{config.name}: state-of-charge", quantity)
        return found

    def soc_max(self, config: DeviceConfig, targets: FloatArray) -> float:
        """The ceiling of the state of charge [MWh]; else the largest target."""
        if config.soc_max is not None:
            return config.soc_max
        if np.all(np.isnan(targets)):
            raise ComputationFailed(NO_SOC_MAX, field="soc-max")
        return float(np.nanmax(targets))

    def _note_lost_targets(self, config: DeviceConfig, targets: FloatArray) -> None:
        """Warn of targets before the start, and of those that others displace."""
        if not isinstance(config.soc_targets, Segments):
            return
        for part in config.soc_targets.parts:
            tick = self.grid.tick_after(part.start)
            if self.grid.tick_after(part.end) < 0:
                reason = "it lies before the start"
            elif 0 <= tick <= self.grid.steps and targets[tick] != part.value:
                reason = f"another target holds at {self.grid.moment(tick).isoformat()}"
            else:
                continue
            self.notes.warnings.append(
                f"{config.name}: soc-targets ({part.value:.6g} MWh) at {part.start.isoformat()} is "
                f"left aside: {reason}."
            )

    def steps(
        self, field: str, quantity: Quantity, unit: str, overlap: Overlap = Overlap.FIRST
    ) -> FloatArray:
        """One value per step, NaN where none is told; notes where a sensor's default steps in."""
        if isinstance(quantity, Fixed):
            return self.constant(quantity.value)
        if not isinstance(quantity, FromSensor) or quantity.default is None:
            return on_steps(quantity, self.grid, self.reader, unit=unit, overlap=overlap)
        bare = replace(quantity, default=None)
        values = on_steps(bare, self.grid, self.reader, unit=unit, overlap=overlap)
        default = f"{quantity.default:.9g} {unit}".strip()
        self._note_gaps(field, quantity, values, f"the default ({default}) is taken instead")
        return np.where(np.isnan(values), quantity.default, values)

    def _note_age(self, field: str, quantity: Quantity) -> None:
        """Note where a sensor that should be told of often has not been for long."""
        if isinstance(quantity, FromSensor):
            recorded = self.reader.recorded(quantity.sensor)
            self.notes.age(field, quantity.sensor, recorded, self.now or self.grid.start)

    def _note_gaps(self, field: str, quantity: Quantity, values: FloatArray, instead: str) -> None:
        """What a list of segments leaves out has a default; a sensor should have a value."""
        if isinstance(quantity, FromSensor):
            self.notes.gaps(field, f"sensor {quantity.sensor.id}", values, self.grid, instead)

"""One storage device, typed: what its flex-model comes to."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from fmhost_storage.device_fields import Band, Key
from fmhost_storage.price_fields import Price
from fmhost_storage.quantities import Fixed, Quantity

#: The commodity of devices that do not say another.
ELECTRICITY = "electricity"

NO_SOC_MAX = "Need maximal permitted state of charge, please specify soc-max or some soc-targets."


@dataclass(frozen=True)
class DeviceConfig:
    """One storage device. Energies in MWh, powers in MW, efficiencies as ratios.

    :param sensor: the power sensor to schedule; None where only outputs take the schedule.
    :param stores: whether it has a state of charge; else it is a plain flexible load or source.
    :param asset: the asset of the device.
    :param soc_at_start: None where `state_of_charge` tells it.
    :param soc_max: None where the largest target stands in for it.
    :param power_capacity: None where the directional capacities, or the site's, stand in for it.
    :param one_way: ``consumption`` or ``production`` where the device can only do that.
    :param state_of_charge: where the state of charge at the start is found, and (a sensor) where
        the computed one goes.
    :param assumed: what was assumed for want of input, in sentences.
    """

    sensor: Any | None
    asset: Any
    name: str
    soc_at_start: float | None
    soc_min: float
    soc_max: float | None
    soc_targets: Quantity | None
    soc_minima: Quantity | None
    soc_maxima: Quantity | None
    charging_efficiency: Quantity
    discharging_efficiency: Quantity
    storage_efficiency: Quantity
    soc_gain: tuple[Quantity, ...]
    soc_usage: tuple[Quantity, ...]
    power_capacity: Quantity | None
    consumption_capacity: Quantity | None
    production_capacity: Quantity | None
    one_way: str | None
    prefer_charging_sooner: bool
    prefer_curtailing_later: bool
    state_of_charge: Quantity | None
    consumption_output: Any | None
    production_output: Any | None
    assumed: tuple[str, ...] = ()
    stores: bool = True
    cycle_cost: Price | None = None
    ramp_limit: Quantity | None = None
    commodity: str = ELECTRICITY
    coupling: str | None = None
    coupling_coefficient: float = 1.0
    operation_modes: tuple[Band, ...] = ()
    group: Key | None = None

    def is_closed(self, direction: str) -> bool:
        """Whether the device cannot run that way at all: ``consumption`` or ``production``."""
        return bool(getattr(self, f"{direction}_capacity") == Fixed(0.0))

    @property
    def power_sensor(self) -> tuple[Any, float] | None:
        """The first sensor that takes its power, and the sign with which that is stored.

        The sign is 1 where positive values are consumption.
        """
        if self.sensor is not None:
            positive = self.sensor.get_attribute("consumption_is_positive", False)
            return self.sensor, 1.0 if positive else -1.0
        if self.consumption_output is not None and self.production_output is None:
            return self.consumption_output, 1.0
        if self.production_output is not None and self.consumption_output is None:
            return self.production_output, -1.0
        return None

    @property
    def event_resolution(self) -> timedelta | None:
        """The resolution of the first of its power sensors that has one."""
        for sensor in (self.sensor, self.consumption_output, self.production_output):
            if sensor is not None and sensor.event_resolution:
                found: timedelta = sensor.event_resolution
                return found
        return None

"""What the suite knows of the device that a scheduler is tried with."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, slots=True)
class Storage:
    """A store of energy [kWh] behind the power sensor.

    :param at_start: its state of charge when the schedule starts.
    :param lowest: what it must not fall below, and `highest` not exceed.
    :param charging_efficiency: energy stored per energy consumed.
    :param discharging_efficiency: energy produced per energy taken out.
    """

    at_start: float
    lowest: float
    highest: float
    charging_efficiency: float = 1.0
    discharging_efficiency: float = 1.0

    def levels(self, power: NDArray[np.float64], step: timedelta) -> NDArray[np.float64]:
        """The state of charge after each step [kWh].

        :param power: per step [kW, consumption positive].
        """
        energy = power * (step / timedelta(hours=1))
        charged = np.maximum(energy, 0) * self.charging_efficiency
        discharged = np.minimum(energy, 0) / self.discharging_efficiency
        return np.asarray(self.at_start + np.cumsum(charged + discharged))

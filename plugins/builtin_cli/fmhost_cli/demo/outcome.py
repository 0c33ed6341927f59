"""What the schedule comes to: power, state of charge, and cost with and without the battery."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import accumulate
from typing import Any

from fmhost.plugin import Sensor, Span, readings, units
from fmhost_cli.demo.world import BATTERY, QUARTER, World


@dataclass(frozen=True)
class Outcome:
    """The series of the window, one value per 15 minutes, and what they cost.

    :param prices: [EUR/MWh].
    :param battery: power of the battery [kW, consumption positive].
    :param roof: power of the solar roof [kW, production positive].
    :param load: power of the building [kW, consumption positive].
    :param charge: energy in the battery at the start and after each step [kWh].
    """

    start: datetime
    prices: Sequence[float]
    battery: Sequence[float]
    roof: Sequence[float]
    load: Sequence[float]
    charge: Sequence[float]

    @property
    def end(self) -> datetime:
        """End of the last step."""
        return self.start + len(self.prices) * QUARTER

    @property
    def cost_without(self) -> float:
        """What the building pays without the battery [EUR]."""
        return cost(
            [load - roof for load, roof in zip(self.load, self.roof, strict=True)], self.prices
        )

    @property
    def cost_with(self) -> float:
        """What the building pays with the battery [EUR]."""
        return self.cost_without + cost(self.battery, self.prices)

    @property
    def saving(self) -> float:
        """What the battery is worth in this window [EUR]."""
        return self.cost_without - self.cost_with


def cost(power: Sequence[float], prices: Sequence[float]) -> float:
    """What energy costs [EUR]; production earns.

    :param power: [kW, consumption positive], one value per 15 minutes, as `prices` [EUR/MWh].
    """
    hours = QUARTER / timedelta(hours=1)
    return sum(each * hours * price / 1000 for each, price in zip(power, prices, strict=True))


def state_of_charge(power: Sequence[float], at_start: float) -> list[float]:
    """The energy in the battery at the start and after each step [kWh].

    Half of the round-trip losses (their square root) comes with charging, half with discharging.

    :param power: [kW, consumption positive], one value per 15 minutes.
    """
    one_way = math.sqrt(units.quantity(BATTERY["roundtrip-efficiency"], "", ""))
    hours = QUARTER / timedelta(hours=1)
    changes = (each * hours * (one_way if each > 0 else 1 / one_way) for each in power)
    return list(accumulate(changes, initial=at_start))


def read(
    session: Any, world: World, start: datetime, duration: Span, soc_at_start: float
) -> Outcome:
    """Read the stored schedule and forecasts back.

    :param soc_at_start: energy in the battery at the start [kWh].
    """
    selection = readings.Selection(resolution=QUARTER)

    def values(sensor: Sensor) -> list[float]:
        (found,) = readings.read_window(session, [sensor.id], start, duration, selection)
        return found.values

    battery = [-power + 0.0 for power in values(world.power)]  # stored production positive
    return Outcome(
        start,
        prices=values(world.prices),
        battery=battery,
        roof=values(world.roof),
        load=values(world.load),
        charge=state_of_charge(battery, soc_at_start),
    )

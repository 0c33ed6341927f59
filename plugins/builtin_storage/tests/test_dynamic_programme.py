"""The schedule is the optimum: against a dynamic programme that visits every state of charge.

Capacities and limits are whole multiples of one quantum of stored energy, and the site is free, so
some optimum moves by whole quanta and the enumeration is exact, also where the problem is not
convex.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from fmhost_storage.problem import Devices, Problem, Site, Storage
from fmhost_storage.solve import solve
from fmhost_storage.solvers.highs import HighsSolver

QUANTUM = 0.1  # MWh


@dataclass(frozen=True)
class Battery:
    """All in quanta, but for efficiencies, prices and hours."""

    charge: int
    discharge: int
    size: int
    start: int
    charging_efficiency: float
    discharging_efficiency: float
    hours: float
    consumption_price: list[int]
    production_price: list[int]

    def power(self, quanta: int) -> float:
        """Power that changes the stock by so many quanta in a step [MW]."""
        per_hour = quanta * QUANTUM / self.hours
        if quanta > 0:
            return per_hour / self.charging_efficiency
        return per_hour * self.discharging_efficiency

    def problem(self) -> Problem:
        steps = len(self.consumption_price)
        storage = Storage(
            self.power(self.charge),
            -self.power(-self.discharge),
            soc_at_start=self.start * QUANTUM,
            charging_efficiency=self.charging_efficiency,
            discharging_efficiency=self.discharging_efficiency,
            soc_min=0.0,
            soc_max=self.size * QUANTUM,
        )
        site = Site.constant(
            steps,
            consumption_price=self.consumption_price,
            production_price=self.production_price,
        )
        return Problem(np.full(steps, self.hours), Devices.stack([storage], steps), site)


@st.composite
def batteries(draw: st.DrawFn) -> Battery:
    steps = draw(st.integers(1, 8))
    size = draw(st.integers(1, 12))
    prices = st.lists(st.integers(-30, 30), min_size=steps, max_size=steps)
    return Battery(
        charge=draw(st.integers(0, 5)),
        discharge=draw(st.integers(0, 5)),
        size=size,
        start=draw(st.integers(0, size)),
        charging_efficiency=draw(st.sampled_from([1.0, 0.9, 0.6])),
        discharging_efficiency=draw(st.sampled_from([1.0, 0.9, 0.6])),
        hours=draw(st.sampled_from([0.25, 1.0])),
        consumption_price=draw(prices),
        production_price=draw(prices),
    )


def cheapest(battery: Battery) -> float:
    """Least cost over all sequences of moves by whole quanta [currency]."""
    ahead = dict.fromkeys(range(battery.size + 1), 0.0)
    for step in reversed(range(len(battery.consumption_price))):
        now = {}
        for held in ahead:
            costs = []
            for move in range(-battery.discharge, battery.charge + 1):
                if held + move in ahead:
                    prices = battery.consumption_price if move > 0 else battery.production_price
                    energy = battery.power(move) * battery.hours
                    costs.append(energy * prices[step] + ahead[held + move])
            now[held] = min(costs)
        ahead = now
    return ahead[battery.start]


@settings(max_examples=200)
@given(batteries())
def test_cost_equals_that_of_the_dynamic_programme(battery: Battery) -> None:
    solution = solve(battery.problem(), HighsSolver())
    np.testing.assert_allclose(solution.total_cost, cheapest(battery), rtol=1e-6, atol=1e-6)

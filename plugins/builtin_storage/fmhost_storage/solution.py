"""What a schedule does and costs."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from fmhost_storage.arrays import FloatArray
from fmhost_storage.margins import Margins
from fmhost_storage.problem import Problem
from fmhost_storage.solvers import Status
from fmhost_storage.stock import trajectory


class Rung(StrEnum):
    """How far up the ladder from the plain linear model the optimum was proven."""

    LINEAR = "linear"
    NETTED = "linear, netted"
    PARTIAL = "binaries where needed"
    FULL = "binaries everywhere"


@dataclass(frozen=True)
class Solution:
    """A schedule of all devices.

    :param power: power of each device [MW, consumption positive], shape (D, T).
    :param soc: SoC at ticks 0..T [MWh], NaN for devices that store nothing; shape (D, T + 1).
    :param site_power: power of the site, inflexible devices included [MW, consumption positive],
        shape (T,).
    :param cost: cost of the energy of each step at the site's prices [currency], shape (T,).
    :param deviations: from each of the problem's commitments [MW or MWh], upwards positive.
    :param commitment_costs: what they cost [currency], by name.
    :param status: ``optimal``; or ``time-limit`` for the best schedule found in time.
    :param rung: how the optimum was proven.
    :param solver_seconds: time spent in the solver.
    :param margins: what one more MWh is worth; of devices that run in the same directions where
        binaries were needed. None where it is not known.
    """

    power: FloatArray
    soc: FloatArray
    site_power: FloatArray
    cost: FloatArray
    deviations: tuple[FloatArray, ...]
    commitment_costs: dict[str, float]
    status: Status
    rung: Rung
    solver_seconds: float
    margins: Margins | None = None

    @property
    def total_cost(self) -> float:
        """Cost of the whole window, commitments included [currency]; negative for a revenue."""
        return float(self.cost.sum()) + sum(self.commitment_costs.values())


def site_power(problem: Problem, power: FloatArray) -> FloatArray:
    """Power of the site [MW, consumption positive], shape (T,)."""
    there = problem.links.on_site(len(power))
    return np.asarray(power[there].sum(axis=0) + problem.site.inflexible_power)


def cost(problem: Problem, power: FloatArray) -> FloatArray:
    """Cost of each step's energy [currency] with devices running at `power`, shape (T,)."""
    total = site_power(problem, power)
    price = np.where(total > 0, problem.site.consumption_price, problem.site.production_price)
    return np.asarray(total * price * problem.hours)


def deviations(problem: Problem, power: FloatArray) -> tuple[FloatArray, ...]:
    """Deviations from each commitment [MW or MWh, upwards positive], each of shape (R, T)."""
    if not problem.commitments:
        return ()
    total = site_power(problem, power)
    priced = any(each.stock for each in problem.commitments)
    soc = trajectory(problem, power)[:, 1:] if priced else np.empty((0, 0))
    return tuple(each.deviation(each.measured(total, power, soc)) for each in problem.commitments)


def commitment_costs(problem: Problem, found: tuple[FloatArray, ...]) -> dict[str, float]:
    """What deviations cost [currency], by the names of the commitments."""
    costs: dict[str, float] = {}
    for each, deviation in zip(problem.commitments, found, strict=True):
        for name, amount in zip(each.names, each.costs(deviation).tolist(), strict=True):
            costs[name] = costs.get(name, 0.0) + amount
    return costs


def total_cost(problem: Problem, power: FloatArray) -> float:
    """Cost of the whole window [currency] with devices running at `power`."""
    committed = commitment_costs(problem, deviations(problem, power))
    return float(cost(problem, power).sum()) + sum(committed.values())


def violation(problem: Problem, power: FloatArray) -> float:
    """By how much devices running at `power` exceed the limit they exceed most [MW or MWh]."""
    devices, site = problem.devices, problem.site
    total = site_power(problem, power)
    excess = [
        power - devices.consumption_capacity,
        -devices.production_capacity - power,
        total - site.consumption_capacity,
        -site.production_capacity - total,
    ]
    if devices.limited.any():
        soc = trajectory(problem, power)[devices.limited, 1:]
        excess += [
            soc - devices.soc_upper[devices.limited],
            devices.soc_lower[devices.limited] - soc,
        ]
    excess += problem.links.excess(power)
    return max(float(part.max(initial=0.0)) for part in excess)


def assembled(
    problem: Problem, power: FloatArray, *, status: Status, rung: Rung, solver_seconds: float
) -> Solution:
    """The solution in which devices run at `power`."""
    found = deviations(problem, power)
    return Solution(
        power=power,
        soc=trajectory(problem, power),
        site_power=site_power(problem, power),
        cost=cost(problem, power),
        deviations=found,
        commitment_costs=commitment_costs(problem, found),
        status=status,
        rung=rung,
        solver_seconds=solver_seconds,
    )

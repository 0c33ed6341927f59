"""The size of the model's units, and how far flows can reach."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from fmhost_storage.arrays import FloatArray
from fmhost_storage.problem import Problem


@dataclass(frozen=True)
class Scale:
    """Size of the model's units, powers of two so that scaling is exact.

    :param power: one model unit of power [MW]; of energy, that many MWh.
    :param money: one model unit of cost [currency].
    """

    power: float
    money: float


def scale_of(problem: Problem) -> Scale:
    """Units in which capacities are around one and the largest cost coefficient around 1000."""
    devices, site = problem.devices, problem.site
    largest = max(
        devices.consumption_capacity.max(initial=0.0), devices.production_capacity.max(initial=0.0)
    )
    power = _power_of_two(largest)
    price = np.maximum(np.abs(site.consumption_price), np.abs(site.production_price))
    dearest = float((price * problem.hours).max())
    if dearest == 0:
        # Prices of deviations count only then: those of soft limits are often a million times
        # that of energy, whose differences would drown in the solver's tolerance.
        dearest = max(
            (
                max(np.abs(each.up_price).max(), np.abs(each.down_price).max())
                for each in problem.commitments
            ),
            default=0.0,
        )
    money = _power_of_two(dearest * power / 1024)
    return Scale(power=power, money=money)


def site_reach(problem: Problem) -> tuple[FloatArray, FloatArray]:
    """Largest consumption and production of the site that capacities and devices allow [MW]."""
    devices, site = problem.devices, problem.site
    there = problem.links.on_site(len(devices.names))
    highest = site.inflexible_power + devices.consumption_capacity[there].sum(axis=0)
    lowest = site.inflexible_power - devices.production_capacity[there].sum(axis=0)
    consumption = np.minimum(site.consumption_capacity, np.maximum(highest, 0.0))
    production = np.minimum(site.production_capacity, np.maximum(-lowest, 0.0))
    return consumption, production


def _power_of_two(value: float) -> float:
    return float(2.0 ** np.round(np.log2(value))) if value > 0 else 1.0

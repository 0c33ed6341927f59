"""What flows do to a stock: the state of charge that a schedule leads to."""

from __future__ import annotations

import numpy as np

from fmhost_storage.arrays import FloatArray
from fmhost_storage.problem import Problem


def mean_retention(retention: FloatArray) -> FloatArray:
    """Mean share that is left, at the end of a step, of energy that flows in evenly during it.

    With an exponential loss to `retention` per step this is ``(a - 1) / ln a``, and 1 for a = 1.
    """
    loss = retention - 1.0
    if not loss.any():
        return np.ones_like(loss)
    logarithm = np.log1p(loss)
    return np.divide(loss, logarithm, out=np.ones_like(loss), where=logarithm != 0)


def inflow(problem: Problem, power: FloatArray) -> FloatArray:
    """Stored energy per step at the end of that step [MWh], of power and gain.

    :param power: [MW, consumption positive], shape (D, T).
    """
    devices = problem.devices
    stored = np.where(
        power > 0, power * devices.charging_efficiency, power / devices.discharging_efficiency
    )
    hours = problem.hours * mean_retention(devices.storage_efficiency)
    return problem.links.pooled(np.asarray(hours * (stored + devices.gain)))


def trajectory(problem: Problem, power: FloatArray) -> FloatArray:
    """SoC at ticks 0..T [MWh], NaN for devices that store nothing; shape (D, T + 1).

    :param power: [MW, consumption positive], shape (D, T).
    """
    devices = problem.devices
    soc = np.empty((problem.steps + 1, len(devices.names)))
    soc[0] = devices.soc_at_start
    soc[1:] = inflow(problem, power).T
    if np.all(devices.storage_efficiency == 1.0):
        return np.ascontiguousarray(np.cumsum(soc, axis=0).T)
    kept = np.ascontiguousarray(devices.storage_efficiency.T)
    for tick in range(1, problem.steps + 1):
        soc[tick] += kept[tick - 1] * soc[tick - 1]
    return np.ascontiguousarray(soc.T)

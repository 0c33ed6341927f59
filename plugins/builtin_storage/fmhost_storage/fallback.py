"""What devices do where their constraints allow no schedule: as well as possible, without a solver.

Each device runs at full power towards the first set-point that its state of charge (SoC) does not
meet, and rests where it meets them all; for the last one it goes on when its time is over. Without
set-points it fills up; if it cannot charge, it empties. Capacities, and floor and ceiling of the
SoC, hold; so does the capacity of the site as far as devices can help it: in the order of the
flex-model they take what is left of it. Groups, couplings, ramp limits and operation modes are not
looked at: where they do not hold, the schedule names them.
"""

from __future__ import annotations

from typing import ClassVar

import numpy as np

from fmhost.plugin import Scheduler, ScheduleResult
from fmhost_storage.arrays import FloatArray
from fmhost_storage.problem import Problem
from fmhost_storage.scheduler import StorageScheduler
from fmhost_storage.solution import Rung, assembled
from fmhost_storage.solvers import Status
from fmhost_storage.stock import mean_retention

#: SoC closer to a set-point meets it [MWh].
NEAR = 1e-9
#: A limit that is exceeded by less is kept [MW].
KEPT = 1e-6


def fallback_power(problem: Problem) -> FloatArray:
    """Power of each device [MW, consumption positive], shape (D, T)."""
    site = problem.site
    up_left = np.maximum(site.consumption_capacity - site.inflexible_power, 0.0)
    down_left = np.maximum(site.production_capacity + site.inflexible_power, 0.0)
    devices = problem.devices
    power = np.zeros_like(devices.gain)
    there = problem.links.on_site(len(power))
    for device in range(len(power)):
        up, down = devices.consumption_capacity[device], devices.production_capacity[device]
        if there[device]:
            up, down = np.minimum(up, up_left), np.minimum(down, down_left)
        if devices.stores[device]:
            power[device] = _towards_set_points(problem, device, up, down)
        elif not devices.consumption_capacity[device].any():
            power[device] = -down  # what produces without a store, such as the sun, goes on
        if there[device]:
            up_left = np.maximum(up_left - power[device], 0.0)
            down_left = np.maximum(down_left + power[device], 0.0)
    return power + 0.0


def _set_points(problem: Problem, device: int) -> tuple[FloatArray, FloatArray]:
    """Least and largest SoC that is asked for at ticks 1..T [MWh], infinite where none is."""
    devices = problem.devices
    lower = np.fmax(devices.soc_minima[device], devices.soc_targets[device])
    upper = np.fmin(devices.soc_maxima[device], devices.soc_targets[device])
    lower = np.fmax(lower, devices.reach_floor[device])
    upper = np.fmin(upper, devices.reach_ceiling[device])
    for each in problem.commitments:
        if not each.stock or each.members is None:
            continue
        for row in np.flatnonzero(each.members[:, 0] == device):
            if each.field in ("soc-minima", "soc-targets"):
                lower = np.fmax(lower, each.quantity[row])
            if each.field in ("soc-maxima", "soc-targets"):
                upper = np.fmin(upper, each.quantity[row])
    lower = np.where(np.isnan(lower), -np.inf, lower)
    return lower, np.where(np.isnan(upper), np.inf, upper)


def _towards_set_points(
    problem: Problem, device: int, up: FloatArray, down: FloatArray
) -> FloatArray:
    """:param up, down: largest charging and discharging power [MW], shape (T,)."""
    devices = problem.devices
    lower, upper = _set_points(problem, device)
    told = np.flatnonzero(np.isfinite(lower) | np.isfinite(upper))
    if told.size:
        # What is too late for the last set-point goes on afterwards.
        lower[told[-1] :], upper[told[-1] :] = lower[told[-1]], upper[told[-1]]
    else:
        lower, upper = _full_or_empty(problem, device)
    floor, ceiling = float(devices.soc_min[device]), float(devices.soc_max[device])
    kept = devices.storage_efficiency[device]
    length = problem.hours * mean_retention(kept)
    stored = length * devices.charging_efficiency[device]
    drawn = length / devices.discharging_efficiency[device]
    gained = length * devices.gain[device]
    power = np.zeros(problem.steps)
    soc = float(devices.soc_at_start[device])
    for step in range(problem.steps):
        resting = kept[step] * soc + gained[step]
        missed = (lower[step:] > resting + NEAR) | (upper[step:] < resting - NEAR)
        goal = resting
        if missed.any():
            first = step + int(np.argmax(missed))
            goal = float(lower[first] if lower[first] > resting else upper[first])
        goal = min(max(goal, floor), ceiling)
        if goal > resting:
            power[step] = min((goal - resting) / stored[step], up[step])
            soc = resting + stored[step] * power[step]
        else:
            power[step] = -min((resting - goal) / drawn[step], down[step])
            soc = resting + drawn[step] * power[step]
    return power


def _full_or_empty(problem: Problem, device: int) -> tuple[FloatArray, FloatArray]:
    """Set-points of a device that has none: the ceiling where it can charge, else the floor."""
    devices, none = problem.devices, np.full(problem.steps, np.inf)
    if devices.consumption_capacity[device].any():
        ceiling = float(devices.soc_max[device])
        return (np.full(problem.steps, ceiling), none) if np.isfinite(ceiling) else (-none, none)
    floor = float(devices.soc_min[device])
    return (-none, np.full(problem.steps, floor)) if np.isfinite(floor) else (-none, none)


def broken_by(problem: Problem, power: FloatArray, site_power: FloatArray) -> list[str]:
    """Names of what ties devices together, or limits the site, and does not hold."""
    names, links, site = problem.devices.names, problem.links, problem.site
    checked = [
        ("site-consumption-capacity", site_power - site.consumption_capacity),
        ("site-production-capacity", -site_power - site.production_capacity),
        *((f"{each.field} of {each.name}", each.excess(power)) for each in links.limits),
        *((f"coupling '{each.name}'", each.excess(power)) for each in links.couplings),
        *((f"operation-modes of {names[each.device]}", each.excess(power)) for each in links.bands),
        *((f"ramp-limit of {names[each.device]}", each.excess(power)) for each in links.ramps),
    ]
    return [name for name, excess in checked if np.max(excess) > KEPT]


class StorageFallbackScheduler(StorageScheduler):
    """Stands in where the constraints of a :class:`StorageScheduler` allow no schedule."""

    fallback_scheduler_class: ClassVar[type[Scheduler] | str | None] = None

    def compute(self) -> list[ScheduleResult]:
        """A schedule that keeps to what devices can do, and comes as near to the rest as it can.

        `info` has ``fallback``: true, and in ``not-kept`` the limits besides those of the state of
        charge that it does not keep to.
        """
        problem = self.problem()
        solution = assembled(
            problem,
            fallback_power(problem),
            status=Status.INFEASIBLE,  # so that the rung means nothing
            rung=Rung.LINEAR,
            solver_seconds=0.0,
        )
        broken = broken_by(problem, solution.power, solution.site_power)
        self.info["fallback"] = True
        self.info["not-kept"] = broken
        self.info["warnings"].append(
            "The constraints allow no schedule. This is a fallback, which runs devices towards "
            "their set-points at full power; it is not optimal, and limits may not hold."
            + (f" It does not keep to: {'; '.join(broken)}." if broken else "")
        )
        results = self._results(problem, solution)
        self.explain(problem, solution)
        return results

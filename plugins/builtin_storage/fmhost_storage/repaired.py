"""A problem whose limits have been changed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import fields, replace

import numpy as np

from fmhost_storage.arrays import FloatArray, IntArray
from fmhost_storage.links import FlowLimit
from fmhost_storage.problem import Devices, Problem, Site
from fmhost_storage.repair import Change
from fmhost_storage.requirements import Kind, Requirement

#: Changed values are rounded to so many digits [MWh or MW], away from what was asked for.
DIGITS = 9
#: Share of the last digit that is taken for a rounding error.
NOISE = 0.1


def rounded(change: Change, *, margin: float = 0.0) -> Change:
    """The change with a value that people can write down, on the safe side.

    :param margin: how much further it goes [MWh or MW].
    """
    sign = 1.0 if change.after > change.before else -1.0
    further = sign * (change.after + sign * margin) * 10.0**DIGITS
    after = sign * float(np.ceil(further - NOISE)) / 10.0**DIGITS
    return replace(change, after=after)


def repaired(problem: Problem, changes: Sequence[Change]) -> Problem:
    """The problem with the changed limits."""
    devices, site = problem.devices, problem.site
    levels = {
        each.name: getattr(devices, each.name).copy()
        for each in fields(Devices)
        if each.init and isinstance(getattr(devices, each.name), np.ndarray)
    }
    flows = {each.name: getattr(site, each.name).copy() for each in fields(Site)}
    limits, ramps = list(problem.links.limits), list(problem.links.ramps)
    for change in changes:
        demand = change.demand
        at = demand.positions[change.first : change.last + 1]
        if demand.kind is Kind.RAMP:
            assert demand.number is not None
            ramp = ramps[demand.number]
            limit = ramp.limit.copy()
            limit[at] = change.after * problem.hours[at]
            ramps[demand.number] = replace(ramp, limit=limit)
        elif demand.group is not None:
            limits[demand.group] = _loosened(limits[demand.group], change, at)
        elif demand.kind is Kind.SITE:
            _change_site(flows, demand, at, change.after)
        elif demand.field in ("soc-min", "soc-max"):
            levels[demand.field.replace("-", "_")][demand.device] = change.after
        elif demand.kind is Kind.LEVEL:
            levels[demand.field.replace("-", "_")][demand.device, at - 1] = change.after
        else:
            _change_target(levels, change)
    return replace(
        problem,
        devices=replace(devices, **levels),
        site=replace(site, **flows),
        links=replace(problem.links, limits=tuple(limits), ramps=tuple(ramps)),
    )


def _loosened(limit: FlowLimit, change: Change, at: IntArray) -> FlowLimit:
    lower, upper = limit.lower.copy(), limit.upper.copy()
    lower[at] -= change.after - change.before
    upper[at] += change.after - change.before
    return replace(limit, lower=lower, upper=upper)


def _change_site(
    flows: dict[str, FloatArray], demand: Requirement, at: np.ndarray, after: float
) -> None:
    both = flows["power_capacity"].copy()
    for field, name in (
        ("site-consumption-capacity", "consumption_capacity"),
        ("site-production-capacity", "production_capacity"),
    ):
        if demand.field == field:
            flows[name][at] = after
        elif demand.field == "site-power-capacity":
            same = at[flows[name][at] == both[at]]
            flows[name][same] = after
    if demand.field == "site-power-capacity":
        flows["power_capacity"][at] = after


def _change_target(levels: dict[str, FloatArray], change: Change) -> None:
    demand, moved = change.demand, change.after - change.before
    for number in range(change.first, change.last + 1):
        tick = int(demand.positions[number]) - 1
        if np.isnan(demand.amounts[number]):
            for name in ("reach_floor", "reach_ceiling"):
                levels[name][demand.device, tick] += moved * demand.steepness[number]
        else:
            levels["soc_targets"][demand.device, tick] = change.after

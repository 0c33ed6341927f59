"""What it would cost to have a device run otherwise at one step: by solving once more."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np

from fmhost.plugin import InvalidInput
from fmhost_storage.arrays import FloatArray
from fmhost_storage.infeasible import InfeasibleSchedule
from fmhost_storage.links import FlowLimit
from fmhost_storage.problem import Problem
from fmhost_storage.requirements import ASKED
from fmhost_storage.solution import Solution
from fmhost_storage.solve import solve
from fmhost_storage.solvers import Solver

#: Powers closer than this are taken for equal [MW].
NEAR = 1e-6
#: Digits of powers and prices in answers; costs are not rounded.
DIGITS = 6


def forced(problem: Problem, device: int, step: int, power: float) -> Problem:
    """The problem in which a device runs at some power at one step.

    :param power: [MW, consumption positive].
    :raises InvalidInput: where that is beyond what the device can do.
    """
    devices = problem.devices
    up = float(devices.consumption_capacity[device, step])
    down = float(devices.production_capacity[device, step])
    if not -down <= power <= up:
        raise InvalidInput(
            f"{devices.names[device]} cannot run at {power:g} MW at {problem.moment(step)}: it can "
            f"consume at most {up:g} MW and produce at most {down:g} MW.",
            field="power",
            hint="Ask for a power within these capacities, or schedule with larger ones.",
        )
    lower, upper = np.full(problem.steps, -np.inf), np.full(problem.steps, np.inf)
    lower[step] = upper[step] = power
    limit = FlowLimit(devices.names[device], ASKED, np.array([device], np.int32), lower, upper)
    links = replace(problem.links, limits=(*problem.links.limits, limit))
    return replace(problem, links=links)


def answer(
    problem: Problem,
    solver: Solver,
    device: int,
    step: int,
    power: float,
    *,
    currency: str,
    time_limit: float | None = None,
) -> dict[str, Any]:
    """Cost of the cheapest schedule in which a device runs at some power, next to the cheapest.

    :return: ``possible``; ``cost`` of the schedule and ``cost-difference`` [currency]; the price at
        which the two would cost the same (``price-change`` [currency/MWh], of the site at that
        step; None where no price brings it about); and what devices do otherwise (``changes``).
        Where it is impossible, why (``message``) and what would have to change (``repair``).
    """
    base = solve(problem, solver, time_limit=time_limit)
    told: dict[str, Any] = {
        "device": problem.devices.names[device],
        "at": problem.moment(step),
        "power": power,
        "scheduled-power": round(float(base.power[device, step]), DIGITS),
        "unit": "MW",
        "currency": currency,
        "cost": base.total_cost,
    }
    try:
        other = solve(forced(problem, device, step, power), solver, time_limit=time_limit)
    except InfeasibleSchedule as error:
        why = f"With {_asked(told)}: {error.message}"
        return {**told, "possible": False, "message": why, **(error.details or {})}
    difference = other.total_cost - base.total_cost
    change = _price_change(problem, base, other, step, difference)
    return {
        **told,
        "possible": True,
        "cost-difference": difference,
        "price-change": change,
        "commitment-costs": _differences(base, other),
        "changes": _changes(problem, base, other),
        "text": _text(told, difference, change, currency),
    }


def _price_change(
    problem: Problem, base: Solution, other: Solution, step: int, difference: float
) -> float | None:
    """By how much energy at the step must become dearer (or, negative, cheaper) to be as good."""
    more = float(other.site_power[step] - base.site_power[step]) * float(problem.hours[step])
    return None if abs(more) <= NEAR else round(-difference / more, DIGITS)


def _differences(base: Solution, other: Solution) -> dict[str, float]:
    """By how much costs change, by commitment; those that do."""
    names = ["energy", *base.commitment_costs]
    before = {"energy": float(base.cost.sum()), **base.commitment_costs}
    after = {"energy": float(other.cost.sum()), **other.commitment_costs}
    changes = {name: after[name] - before[name] for name in names}
    return {name: amount for name, amount in changes.items() if abs(amount) > 1e-9}


def _changes(problem: Problem, base: Solution, other: Solution) -> list[dict[str, Any]]:
    """Stretches of time in which a device runs at other powers."""
    found = []
    for device, name in enumerate(problem.devices.names):
        before, after = base.power[device], other.power[device]
        moved = np.flatnonzero(np.abs(after - before) > NEAR)
        for part in _stretches(moved, before, after):
            first, last = int(part[0]), int(part[-1])
            found.append(
                {
                    "device": name,
                    "start": problem.moment(first),
                    "end": problem.moment(last + 1),
                    "from": round(float(before[first]), DIGITS),
                    "to": round(float(after[first]), DIGITS),
                }
            )
    return found


def _stretches(steps: np.ndarray, before: FloatArray, after: FloatArray) -> list[np.ndarray]:
    """Consecutive steps with the same powers."""
    if not steps.size:
        return []
    pairs = np.stack([before[steps], after[steps]])
    new = (np.diff(steps) > 1) | (np.abs(np.diff(pairs, axis=1)) > NEAR).any(axis=0)
    return list(np.split(steps, np.flatnonzero(new) + 1))


def _text(told: dict[str, Any], difference: float, change: float | None, currency: str) -> str:
    what = _asked(told)
    if abs(difference) < 0.5e-6:
        return f"{what} costs as much as what is scheduled."
    text = f"{what} costs {difference:.6g} {currency} more than what is scheduled."
    if change is not None:
        word = "lower" if change < 0 else "higher"
        text += (
            f" It would cost the same if the price of energy at that step were "
            f"{abs(change):.2f} {currency}/MWh {word}."
        )
    return text


def _asked(told: Mapping[str, Any]) -> str:
    return f"{told['device']} at {told['power']:g} MW at {told['at']}"

"""The error that says why there is no schedule, for people and for programs."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from fmhost.plugin import InfeasibleProblem
from fmhost_storage.conflict import Conflict
from fmhost_storage.link_requirements import bands_of, words_of
from fmhost_storage.problem import Problem
from fmhost_storage.repair import Change
from fmhost_storage.requirements import Kind, Requirement

PREAMBLE = (
    "The input data yields an infeasible problem. "
    "Constraint validation has found the following issues:"
)
#: A message names at most so many demands, and changes; the details have all of them.
MOST_NAMED = 10
#: Fields that hold at every moment, so that messages need not say when.
ALWAYS = ("soc-min", "soc-max")


class InfeasibleSchedule(InfeasibleProblem):
    """No schedule satisfies the hard constraints.

    Its `details` have the demands that cannot hold together (``conflict``), the smallest change
    that makes a schedule possible (``repair``), and whether the conflict is proven to be
    ``minimal``. Amounts are in MW and MWh, power consumption positive.
    """

    def __init__(self, problem: Problem, conflict: Conflict) -> None:
        demands, changes = conflict.demands, conflict.changes
        lines = [PREAMBLE, f"- {_conflict(problem, conflict)}"]
        if changes:
            told = _listed([_change(problem, change) for change in changes])
            lines.append(f"- The smallest change with which there is a schedule: {told}.")
        super().__init__("\n".join(lines), field=demands[0].field if demands else None)
        self.conflict = conflict
        self.details = {
            "conflict": [_demand_entry(problem, demand) for demand in demands],
            "repair": [_change_entry(problem, change) for change in changes],
            "minimal": conflict.is_minimal,
        }


def _conflict(problem: Problem, conflict: Conflict) -> str:
    if not conflict.demands:
        return "The limits contradict each other by less than the solver can tell apart."
    told = _listed([_demand(problem, demand) for demand in conflict.demands])
    if not conflict.is_minimal:
        return f"Some of these cannot hold together (time did not suffice to say which): {told}."
    if conflict.only_whole:
        return f"{told} cannot hold together, as no device can charge and discharge at once."
    if len(conflict.demands) == 1:
        return f"{told} cannot be met."
    return f"{told} cannot hold together."


def _listed(parts: Sequence[str]) -> str:
    named = list(parts[:MOST_NAMED])
    if len(parts) > MOST_NAMED:
        named.append(f"{len(parts) - MOST_NAMED} more")
    return named[0] if len(named) == 1 else f"{'; '.join(named[:-1])}; and {named[-1]}"


def _demand(problem: Problem, demand: Requirement) -> str:
    time = (
        "" if demand.field in ALWAYS else f" {_time(problem, demand, 0, len(demand.amounts) - 1)}"
    )
    return f"{_field(problem, demand)} ({_told(problem, demand)}{time})"


def _told(problem: Problem, demand: Requirement) -> str:
    """What a demand says, in words."""
    if demand.kind in (Kind.COUPLING, Kind.BAND):
        return words_of(problem, demand)
    if demand.field == "commodities" and np.array_equal(demand.lower, demand.upper):
        return _balance(demand)
    known = demand.amounts[~np.isnan(demand.amounts)]
    if known.size:
        least, most = float(known.min()), float(known.max())
        return amount(least, demand) if least == most else f"{least:.9g} to {amount(most, demand)}"
    lower, upper = float(demand.lower.max()), float(demand.upper.min())
    bounds = [
        f"{word} {amount(value, demand)}"
        for word, value in (("at least", lower), ("at most", upper))
        if np.isfinite(value)
    ]
    return f"{' and '.join(bounds)}, to reach a target before the next step,"


def _balance(demand: Requirement) -> str:
    """What is left to the devices of a commodity that does not leave the site."""
    least, most = float(demand.lower.min()), float(demand.upper.max())
    if least == most == 0:
        return "its devices must balance"
    if most <= 0:
        least, most, what = -most, -least, "produce"
    else:
        what = "consume" if least >= 0 else "balance"
    told = amount(most, demand) if least == most else f"{least:.9g} to {amount(most, demand)}"
    return f"its devices must {what} {told}"


def _change(problem: Problem, change: Change) -> str:
    demand = change.demand
    if demand.field == "commodities":
        more = amount(abs(change.after - change.before), demand)
        time = _time(problem, demand, change.first, change.last)
        return f"{_field(problem, demand)} that let {more} more in or out of the site {time}"
    after, before = amount(change.after, demand), amount(change.before, demand)
    time = "" if demand.field in ALWAYS else f" {_time(problem, demand, change.first, change.last)}"
    return f"{_field(problem, demand)} of {after} instead of {before}{time}"


def _field(problem: Problem, demand: Requirement) -> str:
    """The field, and whose it is."""
    owner = _owner(problem, demand)
    return demand.field if owner is None else f"{owner}: {demand.field}"


def _owner(problem: Problem, demand: Requirement) -> str | None:
    """Name of the device or group; None for the site."""
    if demand.group is not None:
        return problem.links.limits[demand.group].name
    return None if demand.device is None else problem.devices.names[demand.device]


def _time(problem: Problem, demand: Requirement, first: int, last: int) -> str:
    start, end = _moments(problem, demand, first, last)
    return f"at {start}" if start == end else f"from {start} to {end}"


def _moments(problem: Problem, demand: Requirement, first: int, last: int) -> tuple[str, str]:
    """When the first of some positions begins and the last one ends; equal for one tick."""
    after = 0 if demand.is_energy else 1
    begin, end = int(demand.positions[first]), int(demand.positions[last]) + after
    return problem.moment(begin), problem.moment(end)


def amount(value: float, demand: Requirement) -> str:
    """A quantity in words; every digit counts, so that what is copied makes a schedule possible."""
    text = f"{value:.9f}".rstrip("0").rstrip(".")
    return f"{'0' if text == '-0' else text} {_unit(demand)}"


def _unit(demand: Requirement) -> str:
    if demand.kind is Kind.RAMP:
        return "MW/h"
    return "MWh" if demand.is_energy else "MW"


def _entry(problem: Problem, demand: Requirement, first: int, last: int) -> dict[str, Any]:
    start, end = _moments(problem, demand, first, last)
    owner = _owner(problem, demand)
    who = {} if owner is None else {"device": owner}
    return {"field": demand.field, **who, "start": start, "end": end, "unit": _unit(demand)}


def _demand_entry(problem: Problem, demand: Requirement) -> dict[str, Any]:
    known = demand.amounts[~np.isnan(demand.amounts)]
    entry = _entry(problem, demand, 0, len(demand.amounts) - 1)
    if demand.kind is Kind.COUPLING:
        return {**entry, "with": words_of(problem, demand)}
    if demand.kind is Kind.BAND:
        return {**entry, "ranges": [list(each) for each in bands_of(problem, demand)]}
    if not known.size:
        lower, upper = float(demand.lower.max()), float(demand.upper.min())
        told = {"at-least": lower, "at-most": upper}
        return {**entry, **{name: each for name, each in told.items() if np.isfinite(each)}}
    if known.min() == known.max():
        return {**entry, "value": float(known[0])}
    return {**entry, "lowest": float(known.min()), "highest": float(known.max())}


def _change_entry(problem: Problem, change: Change) -> dict[str, Any]:
    entry = _entry(problem, change.demand, change.first, change.last)
    return {**entry, "from": change.before, "to": change.after}

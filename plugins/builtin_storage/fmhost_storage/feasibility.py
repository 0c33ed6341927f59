"""Contradictions among the hard constraints, each in the user's terms.

:func:`contradictions` compares numbers and is cheap enough to run before every solve;
:func:`unreachable` follows the range of reachable states of charge from tick to tick and is run
where the solver finds no schedule.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from fmhost.plugin import InfeasibleProblem
from fmhost_storage.arrays import BoolArray
from fmhost_storage.problem import Problem
from fmhost_storage.stock import mean_retention

PREAMBLE = (
    "The input data yields an infeasible problem. "
    "Constraint validation has found the following issues:"
)
#: A message names at most so many issues; the error carries all of them.
MOST_LINES = 10
#: Energies and powers closer than this are taken for equal [MWh, MW].
TOLERANCE = 1e-9


@dataclass(frozen=True)
class Issue:
    """One thing that cannot hold.

    :param field: the field of flex-model or flex-context that asks for it.
    :param device: number of the device; None for the site.
    :param step: tick (0..T) for fields of the state of charge, step (0..T-1) for power.
    :param value: what the field asks for [MWh or MW].
    :param limit: how far it can be met at best [MWh or MW].
    :param text: the issue in a sentence.
    """

    field: str
    device: int | None
    step: int
    value: float
    limit: float
    text: str


class InfeasibleSchedule(InfeasibleProblem):
    """No schedule satisfies the hard constraints; `issues` says which cannot hold."""

    def __init__(self, issues: Sequence[Issue]) -> None:
        lines = [f"- {issue.text}" for issue in issues[:MOST_LINES]]
        if len(issues) > MOST_LINES:
            lines.append(f"- and {len(issues) - MOST_LINES} more.")
        super().__init__("\n".join([PREAMBLE, *lines]), field=issues[0].field if issues else None)
        self.issues = tuple(issues)


def contradictions(problem: Problem) -> list[Issue]:
    """Limits that contradict each other whatever the devices do."""
    return [*_floors_above_ceilings(problem), *_starts_outside(problem), *_site(problem)]


def unreachable(problem: Problem) -> list[Issue]:
    """Limits of the SoC that a device cannot reach in time, at full power from its start.

    After a limit that is out of reach the device is taken to be as near to it as it can be, so
    that each issue stands for itself. Limits of the site are left aside.
    """
    devices = problem.devices
    kept = devices.storage_efficiency
    hours = problem.hours * mean_retention(kept)
    most = hours * (devices.charging_efficiency * devices.consumption_capacity + devices.gain)
    least = hours * (devices.gain - devices.production_capacity / devices.discharging_efficiency)
    low = high = devices.soc_at_start
    lowest, highest = np.empty_like(most), np.empty_like(most)
    for step in range(problem.steps):
        low = lowest[:, step] = kept[:, step] * low + least[:, step]
        high = highest[:, step] = kept[:, step] * high + most[:, step]
        floor, ceiling = devices.soc_lower[:, step], devices.soc_upper[:, step]
        low, high = (
            np.minimum(np.maximum(low, floor), high),
            np.maximum(np.minimum(high, ceiling), low),
        )
    limited = devices.limited[:, None]
    too_high = np.argwhere(limited & (highest < devices.soc_lower - TOLERANCE)).tolist()
    too_low = np.argwhere(limited & (lowest > devices.soc_upper + TOLERANCE)).tolist()
    return [
        *(_too_high(problem, device, step, highest[device, step]) for device, step in too_high),
        *(_too_low(problem, device, step, lowest[device, step]) for device, step in too_low),
    ]


def floor_field(problem: Problem, device: int, step: int) -> str:
    """Name of the field that sets the lower limit of the SoC at the end of a step."""
    devices = problem.devices
    limit = devices.soc_lower[device, step]
    if devices.soc_targets[device, step] == limit:
        return "soc-targets"
    return "soc-minima" if devices.soc_minima[device, step] == limit else "soc-min"


def ceiling_field(problem: Problem, device: int, step: int) -> str:
    """Name of the field that sets the upper limit of the SoC at the end of a step."""
    devices = problem.devices
    limit = devices.soc_upper[device, step]
    if devices.soc_targets[device, step] == limit:
        return "soc-targets"
    return "soc-maxima" if devices.soc_maxima[device, step] == limit else "soc-max"


def _floors_above_ceilings(problem: Problem) -> Iterable[Issue]:
    devices = problem.devices
    crossed = devices.soc_lower > devices.soc_upper + TOLERANCE
    for device in np.flatnonzero((devices.soc_min > devices.soc_max) & devices.stores):
        crossed[device] = False  # said once instead of at every tick
        value, limit = float(devices.soc_min[device]), float(devices.soc_max[device])
        text = (
            f"{devices.names[device]}: soc-min ({_energy(value)}) exceeds soc-max "
            f"({_energy(limit)})."
        )
        yield Issue("soc-min", int(device), 0, value, limit, text)
    for device, step in np.argwhere(crossed & devices.stores[:, None]):
        value = float(devices.soc_lower[device, step])
        limit = float(devices.soc_upper[device, step])
        lower, upper = floor_field(problem, device, step), ceiling_field(problem, device, step)
        text = (
            f"{devices.names[device]}: {lower} ({_energy(value)}) exceeds {upper} "
            f"({_energy(limit)}) at {problem.moment(int(step) + 1)}."
        )
        yield Issue(lower, int(device), int(step) + 1, value, limit, text)


def _starts_outside(problem: Problem) -> Iterable[Issue]:
    devices = problem.devices
    for bound, relation, outside in (
        ("soc-min", "is below", devices.soc_at_start < devices.soc_min - TOLERANCE),
        ("soc-max", "is above", devices.soc_at_start > devices.soc_max + TOLERANCE),
    ):
        limits = devices.soc_min if bound == "soc-min" else devices.soc_max
        for device in np.flatnonzero(outside & devices.stores):
            value, limit = float(devices.soc_at_start[device]), float(limits[device])
            text = (
                f"{devices.names[device]}: soc-at-start ({_energy(value)}) {relation} {bound} "
                f"({_energy(limit)})."
            )
            yield Issue("soc-at-start", int(device), 0, value, limit, text)


def _site(problem: Problem) -> Iterable[Issue]:
    devices, site = problem.devices, problem.site
    highest = site.inflexible_power + devices.consumption_capacity.sum(axis=0)
    lowest = site.inflexible_power - devices.production_capacity.sum(axis=0)
    for name, least, capacity in (
        ("consumption", lowest, site.consumption_capacity),
        ("production", -highest, site.production_capacity),
    ):
        exceeded: BoolArray = least > capacity + TOLERANCE
        for step in np.flatnonzero(exceeded):
            value, limit = float(capacity[step]), float(least[step])
            text = (
                f"site-{name}-capacity ({_power(value)}) is exceeded at "
                f"{problem.moment(int(step))}: the {name} of the site is at least {_power(limit)}."
            )
            yield Issue(f"site-{name}-capacity", None, int(step), value, limit, text)


def _too_high(problem: Problem, device: int, step: int, reached: float) -> Issue:
    field = floor_field(problem, device, step)
    value = float(problem.devices.soc_lower[device, step])
    text = (
        f"{problem.devices.names[device]}: {field} ({_energy(value)}) cannot be met at "
        f"{problem.moment(step + 1)}: charging at full power, the state of charge is at most "
        f"{_energy(reached)}."
    )
    return Issue(field, device, step + 1, value, float(reached), text)


def _too_low(problem: Problem, device: int, step: int, reached: float) -> Issue:
    field = ceiling_field(problem, device, step)
    value = float(problem.devices.soc_upper[device, step])
    text = (
        f"{problem.devices.names[device]}: {field} ({_energy(value)}) cannot be met at "
        f"{problem.moment(step + 1)}: discharging at full power, the state of charge is at least "
        f"{_energy(reached)}."
    )
    return Issue(field, device, step + 1, value, float(reached), text)


def _energy(value: float) -> str:
    return f"{value:.6g} MWh"


def _power(value: float) -> str:
    return f"{value:.6g} MW"

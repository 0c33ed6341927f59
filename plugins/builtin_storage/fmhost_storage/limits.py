"""Which limits bind at the optimum, and what it would be worth to have more of each."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from fmhost_storage.arrays import BoolArray, FloatArray
from fmhost_storage.problem import Problem
from fmhost_storage.reasons import NEAR, NEGLIGIBLE
from fmhost_storage.solution import Solution


@dataclass(frozen=True)
class Limit:
    """A limit that binds in a stretch of time.

    :param device: number of the device; None for the site.
    :param first: first tick (0..T) of a field of the state of charge, or step (0..T-1) of others.
    :param last: last one.
    :param worth: what one more MWh would save at most, somewhere in it [currency/MWh].
    """

    field: str
    device: int | None
    first: int
    last: int
    worth: float


def binding_limits(problem: Problem, solution: Solution) -> list[Limit]:
    """The limits that cost money; none where margins are not known."""
    return [] if solution.margins is None else list(_found(problem, solution))


def _found(problem: Problem, solution: Solution) -> Iterator[Limit]:
    margins, site, devices = solution.margins, problem.site, problem.devices
    assert margins is not None
    scale = NEGLIGIBLE * max(float(np.abs(margins.site).max()), 1e-9)
    for values, capacity, field in (
        (margins.charging, devices.consumption_capacity, "consumption-capacity"),
        (margins.discharging, devices.production_capacity, "production-capacity"),
    ):
        both = np.where(capacity == devices.power_capacity, "power-capacity", field)
        at = (np.nan_to_num(values) < -scale) & (capacity > 0)
        at &= np.abs(solution.power) >= capacity - NEAR
        for device in np.flatnonzero(at.any(axis=1)):
            yield from _stretches(both[device], int(device), at[device], -values[device], 0)
    yield from _levels(problem, solution, margins.worth, scale)
    for sign, price, capacity, field in (
        (1.0, site.consumption_price, site.consumption_capacity, "site-consumption-capacity"),
        (-1.0, site.production_price, site.production_capacity, "site-production-capacity"),
    ):
        dear = sign * (margins.site - price)
        at = (dear > scale) & (sign * solution.site_power >= capacity - NEAR)
        both = np.where(capacity == site.power_capacity, "site-power-capacity", field)
        yield from _stretches(both, None, at, dear, 0)


def _levels(
    problem: Problem, solution: Solution, worth: FloatArray, scale: float
) -> Iterator[Limit]:
    """Limits of the state of charge; what they are worth adds up while it stays at one."""
    devices, soc = problem.devices, solution.soc[:, 1:]
    worth = np.nan_to_num(worth)
    kept = devices.storage_efficiency[:, 1:]
    fall = worth - np.hstack([kept * worth[:, 1:], np.zeros((len(worth), 1))])
    least = scale + NEGLIGIBLE * np.abs(worth)
    for sign, rests in (
        (1.0, soc <= devices.soc_lower + NEAR),
        (-1.0, soc >= devices.soc_upper - NEAR),
    ):
        counts = sign * fall > least
        at = counts | (rests & ~(sign * fall < -least))
        for device in np.flatnonzero(counts.any(axis=1)):
            fields = _level_fields(problem, int(device), sign)
            amounts = np.where(counts[device], sign * fall[device], 0.0)
            for each in _stretches(fields, int(device), at[device], amounts, 1, total=True):
                if each.worth > 0:
                    yield each


def _level_fields(problem: Problem, device: int, sign: float) -> np.ndarray:
    """The field that sets the floor (sign 1) or ceiling (-1) at ticks 1..T."""
    devices = problem.devices
    found = np.full(problem.steps, "soc-min" if sign > 0 else "soc-max", dtype=object)
    told = [
        ("soc-minima", devices.soc_minima[device]),
        ("soc-maxima", devices.soc_maxima[device]),
        ("soc-targets", devices.soc_targets[device]),
        ("soc-targets", devices.reach_floor[device]),
        ("soc-targets", devices.reach_ceiling[device]),
    ]
    for each in problem.commitments:
        if each.stock and each.members is not None and each.field is not None:
            rows = np.flatnonzero(each.members[:, 0] == device)
            told += [(each.field, each.quantity[row]) for row in rows]
    other = "soc-maxima" if sign > 0 else "soc-minima"
    for field, values in told:
        if field != other:
            found[~np.isnan(values)] = field
    return found


def _stretches(
    fields: np.ndarray,
    device: int | None,
    at: BoolArray,
    worth: FloatArray,
    shift: int,
    *,
    total: bool = False,
) -> Iterator[Limit]:
    """Consecutive steps at which the same field binds.

    :param shift: from the number of a step to what is told.
    :param total: whether what it is worth adds up; else the largest counts.
    """
    steps = np.flatnonzero(at)
    if not steps.size:
        return
    new = (np.diff(steps) > 1) | (fields[steps[1:]] != fields[steps[:-1]])
    for part in np.split(steps, np.flatnonzero(new) + 1):
        first, last = int(part[0]), int(part[-1])
        most = float(worth[part].sum() if total else worth[part].max())
        yield Limit(str(fields[first]), device, first + shift, last + shift, most)

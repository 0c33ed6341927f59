"""Which limits bind at the optimum, and what it would be worth to have more of each."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np

from fmhost_storage.arrays import BoolArray, FloatArray, IntArray
from fmhost_storage.problem import Problem
from fmhost_storage.reasons import NEAR, NEGLIGIBLE
from fmhost_storage.solution import Solution


class Limit(NamedTuple):
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
        at = (np.nan_to_num(values) < -scale) & (capacity > 0)
        at &= np.abs(solution.power) >= capacity - NEAR
        both_ways = (capacity == devices.power_capacity).astype(np.int32)
        yield from _stretches((field, "power-capacity"), both_ways, at, -values, 0)
    yield from _levels(problem, solution, margins.worth, scale)
    for sign, price, capacity, field in (
        (1.0, site.consumption_price, site.consumption_capacity, "site-consumption-capacity"),
        (-1.0, site.production_price, site.production_capacity, "site-production-capacity"),
    ):
        dear = sign * (margins.site - price)
        at = (dear > scale) & (sign * solution.site_power >= capacity - NEAR)
        both_ways = (capacity == site.power_capacity).astype(np.int32)
        for each in _stretches(
            (field, "site-power-capacity"), both_ways[None], at[None], dear[None], 0
        ):
            yield each._replace(device=None)


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
        at = (counts | (rests & ~(sign * fall < -least))) & counts.any(axis=1, keepdims=True)
        names, fields = _level_fields(problem, sign)
        amounts = np.where(counts, sign * fall, 0.0)
        for each in _stretches(names, fields, at, amounts, 1, total=True):
            if each.worth > 0:
                yield each


def _level_fields(problem: Problem, sign: float) -> tuple[tuple[str, ...], IntArray]:
    """The field that sets the floor (sign 1) or ceiling (-1) at ticks 1..T.

    :return: names, and which of them it is, shape (D, T).
    """
    devices = problem.devices
    base, own = ("soc-min", "soc-minima") if sign > 0 else ("soc-max", "soc-maxima")
    names = (base, own, "soc-targets")
    found = np.zeros((len(devices.stores), problem.steps), np.int32)
    found[~np.isnan(devices.soc_minima if sign > 0 else devices.soc_maxima)] = 1
    for values in (devices.soc_targets, devices.reach_floor, devices.reach_ceiling):
        found[~np.isnan(values)] = 2
    for each in problem.commitments:
        if each.stock and each.members is not None and each.field in names:
            row, step = np.nonzero(~np.isnan(each.quantity))
            found[each.members[row, 0], step] = names.index(each.field)
    return names, found


def _stretches(
    names: Sequence[str],
    fields: IntArray,
    at: BoolArray,
    worth: FloatArray,
    shift: int,
    *,
    total: bool = False,
) -> Iterator[Limit]:
    """Consecutive steps of a device at which the same field binds; arrays have shape (D, T).

    :param fields: which of the names it is.
    :param shift: from the number of a step to what is told.
    :param total: whether what it is worth adds up; else the largest counts.
    """
    device, step = np.nonzero(at)
    if not step.size:
        return
    field, amount = fields[at], worth[at]
    new = (np.diff(step) != 1) | (np.diff(device) != 0) | (np.diff(field) != 0)
    first = np.concatenate([[0], np.flatnonzero(new) + 1])
    last = np.concatenate([first[1:], [len(step)]]) - 1
    most = (np.add if total else np.maximum).reduceat(amount, first)
    columns = (field[first], device[first], step[first] + shift, step[last] + shift, most)
    for number, owner, begin, end, value in zip(*(c.tolist() for c in columns), strict=True):
        yield Limit(names[number], owner, begin, end, value)

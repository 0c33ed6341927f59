"""Why each device does what it does at each step, from the margins of the optimum.

Stored energy has a worth, which changes only where a limit of the state of charge (SoC) binds: it
falls at a tick where a floor binds (before it, energy is scarcer) and rises at one where a ceiling
does. So the next such tick tells what a device charges for, or makes room for.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum

import numpy as np

from fmhost_storage.arrays import BoolArray, FloatArray, IntArray
from fmhost_storage.margins import Margins
from fmhost_storage.problem import Problem
from fmhost_storage.solution import Solution

#: Margins smaller than this share of the largest price are rounding errors.
NEGLIGIBLE = 1e-6
#: Powers and energies closer than this are taken for equal [MW, MWh].
NEAR = 1e-6


class Action(IntEnum):
    """What a device does at a step."""

    IDLE = 0
    CHARGE = 1
    DISCHARGE = 2
    CONSUME = 3
    PRODUCE = 4


class Reason(IntEnum):
    """Why it does."""

    UNKNOWN = 0
    PRICE = 1
    TARGET = 2
    SELF_CONSUMPTION = 3
    CAPACITY = 4
    PEAK = 5
    USAGE = 6
    FULL = 7
    EMPTY = 8
    OFF = 9
    LINK = 10


@dataclass(frozen=True)
class Reasons:
    """Of each device and step; shapes (D, T).

    :param now: what one more MWh of consumption costs then [currency/MWh].
    :param later: the mean of that where the device uses what it charges, or charges again what it
        discharges; NaN where it does not.
    """

    action: IntArray
    reason: IntArray
    now: FloatArray
    later: FloatArray


def reasons_of(problem: Problem, solution: Solution) -> Reasons:
    """Why devices act as they do; where margins are not known, only how they act."""
    action = _actions(problem, solution)
    unknown = np.full(action.shape, np.nan)
    if solution.margins is None:
        return Reasons(action, np.full_like(action, Reason.UNKNOWN), unknown, unknown)
    view = _View(problem, solution, solution.margins, action)
    reason = np.full_like(action, Reason.PRICE)
    # Only what happens at all is looked into: fleets of cars do little but charge.
    for at, told in (
        (action == Action.CHARGE, view.charging),
        (action == Action.DISCHARGE, view.discharging),
        (action == Action.IDLE, view.idling),
        ((action == Action.CONSUME) | (action == Action.PRODUCE), view.running),
    ):
        if at.any():
            np.copyto(reason, told(), where=at)
    reason[~problem.links.on_site(len(action))] = Reason.LINK
    now = np.broadcast_to(solution.margins.site, action.shape)
    return Reasons(action, reason, now, view.later())


def _actions(problem: Problem, solution: Solution) -> IntArray:
    stores = problem.devices.stores[:, None]
    up, down = solution.power > 0, solution.power < 0
    return np.select(
        [stores & up, stores & down, up, down],
        [Action.CHARGE, Action.DISCHARGE, Action.CONSUME, Action.PRODUCE],
        default=Action.IDLE,
    )


class _View:
    """What the reasons are read from."""

    def __init__(
        self, problem: Problem, solution: Solution, margins: Margins, action: IntArray
    ) -> None:
        self.problem = problem
        self.solution = solution
        self.margins = margins
        self.action = action
        site = problem.site
        prices = np.concatenate([site.consumption_price, site.production_price, margins.site])
        self.tolerance = NEGLIGIBLE * max(float(np.abs(prices).max()), 1e-9)
        kept = problem.devices.storage_efficiency[:, 1:]
        worth = np.nan_to_num(margins.worth)
        # How much the worth falls from each tick to the next one.
        self.fall = worth - np.hstack([kept * worth[:, 1:], np.zeros((len(worth), 1))])
        scale = self.tolerance + NEGLIGIBLE * np.abs(worth)
        self.next_floor = _next(self.fall > scale)
        self.next_ceiling = _next(self.fall < -scale)
        self.wished_floor, self.wished_ceiling = _wishes(problem)

    def charging(self) -> IntArray:
        """Reasons to charge."""
        floor = self.next_floor
        wished = _at(self.wished_floor, floor)
        used = _between(self.action == Action.DISCHARGE, floor)
        return np.select(
            [
                (floor < self.problem.steps) & wished,
                self._surplus(),
                self._dear_export(),
                (floor < self.problem.steps) & ~used,
            ],
            [Reason.TARGET, Reason.SELF_CONSUMPTION, Reason.CAPACITY, Reason.USAGE],
            default=Reason.PRICE,
        )

    def discharging(self) -> IntArray:
        """Reasons to discharge."""
        ceiling = self.next_ceiling
        wished = (ceiling < self.next_floor) & _at(self.wished_ceiling, ceiling)
        return np.select(
            [wished, self._dear() & self._at_peak(), self._dear(), self._own_demand()],
            [Reason.TARGET, Reason.PEAK, Reason.CAPACITY, Reason.SELF_CONSUMPTION],
            default=Reason.PRICE,
        )

    def idling(self) -> IntArray:
        """Reasons to do nothing."""
        devices, soc = self.problem.devices, self.solution.soc
        stores = devices.stores[:, None]
        off = (devices.consumption_capacity == 0) & (devices.production_capacity == 0)
        full = stores & (soc[:, 1:] >= devices.soc_max[:, None] - NEAR)
        empty = stores & (soc[:, 1:] <= devices.soc_min[:, None] + NEAR)
        held_back = self._dear() & (devices.consumption_capacity > 0)
        return np.select(
            [off, full, empty, held_back & self._at_peak(), held_back],
            [Reason.OFF, Reason.FULL, Reason.EMPTY, Reason.PEAK, Reason.CAPACITY],
            default=Reason.PRICE,
        )

    def running(self) -> IntArray:
        """Reasons of devices that store nothing."""
        held_back = (self.action == Action.PRODUCE) & self._dear_export()
        return np.select(
            [held_back, (self.action == Action.CONSUME) & self._dear()],
            [Reason.CAPACITY, Reason.CAPACITY],
            default=Reason.PRICE,
        )

    def later(self) -> FloatArray:
        """Mean marginal price where energy that is charged is used, or that is used is charged."""
        found = np.full(self.action.shape, np.nan)
        for own, other, until in (
            (Action.CHARGE, Action.DISCHARGE, self.next_floor),
            (Action.DISCHARGE, Action.CHARGE, self.next_ceiling),
        ):
            if not (self.action == other).any():
                continue
            amount = np.where(self.action == other, np.abs(self.solution.power), 0.0)
            total = _sum_until(amount, until)
            money = _sum_until(amount * self.margins.site, until)
            known = (self.action == own) & (total > NEAR)
            found[known] = money[known] / total[known]
        return found

    def _without(self) -> FloatArray:
        """Power of the site without each device [MW], shape (D, T)."""
        return np.asarray(self.solution.site_power - self.solution.power)

    def _two_prices(self) -> BoolArray:
        site = self.problem.site
        return np.asarray(site.consumption_price > site.production_price + self.tolerance)

    def _surplus(self) -> BoolArray:
        """Where a device takes in what the site would have to export for less."""
        return (self._without() < -NEAR) & (self.solution.site_power <= NEAR) & self._two_prices()

    def _own_demand(self) -> BoolArray:
        """Where a device serves what the site would have to import for more."""
        return (self._without() > NEAR) & (self.solution.site_power >= -NEAR) & self._two_prices()

    def _dear(self) -> BoolArray:
        """Where consumption costs more than its price: a peak, breach or capacity stands behind."""
        price = self.problem.site.consumption_price
        return np.asarray(self.margins.site > price + self.tolerance)

    def _dear_export(self) -> BoolArray:
        """Where production earns less than its price."""
        price = self.problem.site.production_price
        return np.asarray(self.margins.site < price - self.tolerance)

    def _at_peak(self) -> BoolArray:
        """Where the site is at a peak that has a price."""
        found = np.zeros(self.problem.steps, bool)
        for each, deviation in zip(self.problem.commitments, self.solution.deviations, strict=True):
            if each.highest and each.field is None and each.members is None:
                top = deviation[0].max(initial=0.0)
                found |= (deviation[0] >= top - NEAR) & (each.up_price[0] > 0)
        return found


def _wishes(problem: Problem) -> tuple[BoolArray, BoolArray]:
    """Where a minimum or target, and where a maximum or target, is asked for; each (D, T)."""
    devices = problem.devices
    target = ~np.isnan(devices.soc_targets)
    floor = target | ~np.isnan(devices.soc_minima) | ~np.isnan(devices.reach_floor)
    ceiling = target | ~np.isnan(devices.soc_maxima) | ~np.isnan(devices.reach_ceiling)
    for each in problem.commitments:
        if each.stock and each.members is not None:
            told = ~np.isnan(each.quantity)
            floor[each.members[:, 0]] |= told & (each.down_price < 0)
            ceiling[each.members[:, 0]] |= told & (each.up_price > 0)
    return floor, ceiling


def _next(at: BoolArray) -> IntArray:
    """Number of the first True at or after each step, T where there is none; shape (D, T)."""
    steps = at.shape[1]
    numbers = np.where(at, np.arange(steps), steps)
    return np.asarray(np.minimum.accumulate(numbers[:, ::-1], axis=1)[:, ::-1])


def _at(values: BoolArray, numbers: IntArray) -> BoolArray:
    """The values at some numbers; False where a number is beyond the last step."""
    padded = np.hstack([values, np.zeros((len(values), 1), bool)])
    return np.asarray(np.take_along_axis(padded, numbers, axis=1))


def _between(at: BoolArray, until: IntArray) -> BoolArray:
    """Whether there is a True after each step, up to and including another one."""
    return _sum_until(at.astype(np.float64), until) > 0


def _sum_until(values: FloatArray, until: IntArray) -> FloatArray:
    """The sum of the values after each step, up to and including another one."""
    if not values.any():
        return np.zeros(values.shape)
    total = np.hstack([np.zeros((len(values), 1)), np.cumsum(values, axis=1)])
    last = np.minimum(until + 1, values.shape[1])
    return np.asarray(np.take_along_axis(total, last, axis=1) - total[:, 1:])

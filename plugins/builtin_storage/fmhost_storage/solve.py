"""From a problem to its optimal schedule: the ladder of models, then the choice among ties.

1. The linear relaxation. If no device charges and discharges at once, its optimum is the schedule
   (rung ``linear``); or the simultaneous flows net out at the same cost (``linear, netted``).
2. Else binaries on the steps where flows overlap or overlapping would pay, once (``binaries where
   needed``).
3. Else binaries wherever a device runs both ways (``binaries everywhere``).

Afterwards the preferred one among the equally cheap schedules is chosen
(:mod:`fmhost_storage.ties`); with binaries, among those that run in the same directions.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field, replace

import numpy as np

from fmhost.plugin import ComputationFailed
from fmhost_storage.arrays import FloatArray
from fmhost_storage.conflict import find_conflict, is_contradictory
from fmhost_storage.exactness import (
    certified,
    directions_of,
    is_as_cheap,
    netted,
    steps_that_need_binaries,
)
from fmhost_storage.formulation import Formulation, formulate
from fmhost_storage.infeasible import InfeasibleSchedule
from fmhost_storage.margins import Margins, margins_of
from fmhost_storage.model import LinearModel
from fmhost_storage.problem import Problem
from fmhost_storage.solution import Rung, Solution, assembled, total_cost
from fmhost_storage.solvers import Solver, SolverResult, Status
from fmhost_storage.ties import preferred

#: The search for the reason why there is no schedule takes at most so long [s].
SEARCH_SECONDS = 10.0


def solve(problem: Problem, solver: Solver, *, time_limit: float | None = None) -> Solution:
    """The cheapest schedule, and among equally cheap ones the preferred one.

    The same problem gives the same bytes, unless the time limit strikes.

    :param time_limit: of all runs of the solver together [s].
    :raises InfeasibleSchedule: where no schedule satisfies the hard constraints; it names those
        that cannot hold together, and the smallest repair.
    :raises ComputationFailed: where the solver finds no schedule in time, or breaks down.
    """
    if is_contradictory(problem):
        raise explained(problem, time_limit)
    ladder = _Ladder(problem, _Clock(solver, time_limit))
    decision = ladder.climb()
    power = decision.power
    if decision.result.status is Status.OPTIMAL:
        # An optimal schedule is at hand; a breakdown in the choice among ties must not cost it.
        with suppress(ComputationFailed):
            power = ladder.preferred_power(decision)
    found = assembled(
        problem,
        power + 0.0,  # turns negative zeros into zeros
        status=decision.result.status,
        rung=decision.rung,
        solver_seconds=ladder.clock.spent,
    )
    return found if ladder.margins is None else replace(found, margins=ladder.margins)


def explained(problem: Problem, left: float | None) -> InfeasibleSchedule:
    """The error of a problem without a schedule.

    :param left: what is left of the time [s]; None for no limit.
    """
    seconds = SEARCH_SECONDS if left is None else min(left, SEARCH_SECONDS)
    return InfeasibleSchedule(problem, find_conflict(problem, seconds=seconds))


@dataclass
class _Clock:
    """A solver with one time limit for all of its runs."""

    solver: Solver
    limit: float | None
    spent: float = field(default=0.0, init=False)

    @property
    def left(self) -> float | None:
        return None if self.limit is None else max(0.0, self.limit - self.spent)

    def solve(self, model: LinearModel, *, basis: object | None = None) -> SolverResult:
        result = self.solver.solve(model, time_limit=self.left, basis=basis)
        self.spent += result.seconds
        return result


@dataclass(frozen=True)
class _Decision:
    """A schedule, proven cheapest on some rung (or the best in time).

    :param result: what the solver said of `formulation`.
    """

    power: FloatArray
    rung: Rung
    formulation: Formulation
    result: SolverResult


class _Ladder:
    def __init__(self, problem: Problem, clock: _Clock) -> None:
        self.problem = problem
        self.clock = clock
        self.margins: Margins | None = None

    def climb(self) -> _Decision:
        """The first rung whose optimum is a schedule."""
        two_way = self.problem.devices.two_way
        exclusive = np.zeros_like(two_way)
        for rung in (Rung.LINEAR, Rung.PARTIAL, Rung.FULL):
            formulation = formulate(self.problem, exclusive=exclusive)
            result = self._run(formulation)
            decision = self._decide(rung, formulation, result)
            if decision is not None:
                return decision
            if result.status is Status.TIME_LIMIT:
                break
            first = rung is Rung.LINEAR
            exclusive = steps_that_need_binaries(formulation, result) if first else two_way
        raise ComputationFailed(
            f"The solver found no schedule within its time limit of {self.clock.limit:g} s.",
            hint="Ask for a shorter window or a coarser resolution, or raise the limit.",
        )

    def preferred_power(self, decision: _Decision) -> FloatArray:
        """Power of the preferred schedule among those as cheap as `decision`."""
        bound = total_cost(self.problem, decision.power)
        for formulation, result in self._with_duals(decision):
            self.margins = self.margins or margins_of(formulation, result)
            model = preferred(formulation, result)
            chosen = result if model is None else self.clock.solve(model, basis=result.basis)
            if chosen.status is not Status.OPTIMAL or chosen.primal is None:
                continue
            charge, discharge = formulation.flows(chosen.primal)
            power = certified(self.problem, charge, discharge)
            if power is None:
                power = netted(self.problem, charge, discharge, bound)
            if power is not None and is_as_cheap(self.problem, power, bound):
                return power
        return decision.power

    def _run(self, formulation: Formulation) -> SolverResult:
        """:raises InfeasibleSchedule: where there is no feasible point."""
        result = self.clock.solve(formulation.model)
        if result.status is Status.INFEASIBLE:
            raise explained(self.problem, self.clock.left)
        if result.status is Status.UNBOUNDED:
            # Every column that costs or earns has finite bounds, so this is the solver's fault.
            raise ComputationFailed("The solver found the cost of the schedule to be unbounded.")
        return result

    def _decide(
        self, rung: Rung, formulation: Formulation, result: SolverResult
    ) -> _Decision | None:
        if result.primal is None or result.objective is None:
            return None
        charge, discharge = formulation.flows(result.primal)
        power = certified(self.problem, charge, discharge)
        if power is None:
            bound = result.objective * formulation.scale.money
            power = netted(self.problem, charge, discharge, bound)
            if rung is Rung.LINEAR:
                rung = Rung.NETTED
        return None if power is None else _Decision(power, rung, formulation, result)

    def _with_duals(self, decision: _Decision) -> Iterator[tuple[Formulation, SolverResult]]:
        """Linear models whose optimum is the decision's, with their results; loosest first."""
        if decision.result.duals is not None:
            yield decision.formulation, decision.result
        charging = np.ones_like(decision.formulation.charge)
        needed = decision.formulation.exclusive
        for idle in (np.where(needed, charging, 0), charging):
            directions = directions_of(self.problem, decision.power, idle)
            formulation = formulate(self.problem, directions=directions)
            result = self.clock.solve(formulation.model)
            if result.duals is not None:
                yield formulation, result

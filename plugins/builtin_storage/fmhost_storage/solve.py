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

import time
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
    netted,
    separated,
    steps_that_need_binaries,
)
from fmhost_storage.formulation import Formulation, formulate
from fmhost_storage.infeasible import InfeasibleSchedule
from fmhost_storage.margins import Margins, margins_of
from fmhost_storage.model import LinearModel
from fmhost_storage.problem import Problem
from fmhost_storage.scale import scale_of
from fmhost_storage.settle import settled
from fmhost_storage.solution import Rung, Solution, assembled, total_cost
from fmhost_storage.solvers import Solver, SolverResult, Status
from fmhost_storage.start import likely_corner
from fmhost_storage.warm import MOST_COLUMNS, Memory, key_of

#: The search for the reason why there is no schedule takes at most so long [s].
SEARCH_SECONDS = 10.0
#: Powers around 1 MW are rounded to so many digits, beyond which there are rounding errors.
DIGITS = 10


def solve(
    problem: Problem,
    solver: Solver,
    *,
    time_limit: float | None = None,
    memory: Memory | None = None,
    site: str = "",
    search: float = SEARCH_SECONDS,
) -> Solution:
    """The cheapest schedule, and among equally cheap ones the preferred one.

    The same problem gives the same bytes, whatever was solved before, unless the time limit
    strikes.

    :param time_limit: of all runs of the solver together [s].
    :param memory: where the solver starts from where it was before, and what it keeps this run in.
    :param site: by which name.
    :param search: how long the reason may be searched for why there is no schedule [s]; zero where
        nobody wants to know.
    :raises InfeasibleSchedule: where no schedule satisfies the hard constraints; it names those
        that cannot hold together, and the smallest repair.
    :raises ComputationFailed: where the solver finds no schedule in time, or breaks down.
    """
    if is_contradictory(problem):
        raise explained(problem, time_limit, search)
    ladder = _Ladder(problem, _Clock(solver, time_limit), memory, site, search)
    decision = ladder.climb()
    power = decision.power
    if decision.result.status is Status.OPTIMAL and not decision.is_settled:
        # An optimal schedule is at hand; a breakdown in the choice among ties must not cost it.
        with suppress(ComputationFailed):
            power = ladder.preferred_power(decision)
    found = assembled(
        problem,
        _rounded(problem, power) + 0.0,  # turns negative zeros into zeros
        status=decision.result.status,
        rung=decision.rung,
        solver_seconds=ladder.clock.spent,
    )
    return found if ladder.margins is None else replace(found, margins=ladder.margins)


def _rounded(problem: Problem, power: FloatArray) -> FloatArray:
    """Power without the digits in which one road to an optimum differs from another."""
    size = int(np.floor(np.log10(scale_of(problem).power)))
    return np.asarray(np.round(power, DIGITS - size))


def explained(
    problem: Problem, left: float | None, search: float = SEARCH_SECONDS
) -> InfeasibleSchedule:
    """The error of a problem without a schedule.

    :param left: what is left of the time [s]; None for no limit.
    """
    seconds = search if left is None else min(left, search)
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

    def solve(self, model: LinearModel, after: SolverResult | None = None) -> SolverResult:
        """Solve, from where the run before it ended."""
        basis = None if after is None else after.loaded or after.basis
        return self._counted(self.solver.solve(model, time_limit=self.left, basis=basis))

    def start(self, model: LinearModel, start: object) -> SolverResult:
        """Solve from a basis of a former run, wherever that is, or from a corner.

        Where that breaks down, the time counts all the same: another run follows.
        """
        began = time.perf_counter()
        try:
            return self._counted(self.solver.solve(model, time_limit=self.left, start=start))
        except ComputationFailed:
            self.spent += time.perf_counter() - began
            raise

    def _counted(self, result: SolverResult) -> SolverResult:
        self.spent += result.seconds
        return result


@dataclass(frozen=True)
class _Decision:
    """A schedule, proven cheapest on some rung (or the best in time).

    :param result: what the solver said of `formulation`.
    :param is_settled: whether it is the preferred one already.
    """

    power: FloatArray
    rung: Rung
    formulation: Formulation
    result: SolverResult
    is_settled: bool = False


class _Ladder:
    def __init__(
        self,
        problem: Problem,
        clock: _Clock,
        memory: Memory | None,
        site: str,
        search: float,
    ) -> None:
        self.problem = problem
        self.clock = clock
        self.memory = memory
        self.site = site
        self.search = search
        self.margins: Margins | None = None

    def climb(self) -> _Decision:
        """The first rung whose optimum is a schedule."""
        two_way = self.problem.devices.two_way
        exclusive = np.zeros_like(two_way)
        for rung in (Rung.LINEAR, Rung.PARTIAL, Rung.FULL):
            formulation = formulate(self.problem, exclusive=exclusive)
            if rung is Rung.LINEAR and (again := self._as_before(formulation)) is not None:
                return again
            result = self._run(formulation)
            if rung is Rung.LINEAR:
                self._keep(formulation, result)
            decision = self._at_once(formulation, result)
            decision = decision or self._decide(rung, formulation, result)
            if decision is not None:
                return decision
            if result.status is Status.TIME_LIMIT:
                break
            first = rung is Rung.LINEAR
            exclusive = steps_that_need_binaries(formulation, result) if first else two_way
        if self.clock.limit is None:
            raise ComputationFailed(
                "The solver found no schedule that charges or discharges at each step.",
                hint="Check the input for values that differ by many orders of magnitude.",
            )
        raise ComputationFailed(
            f"The solver found no schedule within its time limit of {self.clock.limit:g} s.",
            hint="Ask for a shorter window or a coarser resolution, or raise the limit.",
        )

    def preferred_power(self, decision: _Decision) -> FloatArray:
        """Power of the preferred schedule among those as cheap as `decision`."""
        bound = total_cost(self.problem, decision.power)
        for formulation, result in self._with_duals(decision):
            self.margins = self.margins or margins_of(formulation, result)
            found = settled(formulation, result, bound, self.clock.solve)
            if found is not None:
                return found[0]
        return decision.power

    def _as_before(self, formulation: Formulation) -> _Decision | None:
        """The schedule, from where the last run for this site ended; None where that is no help."""
        small = formulation.model.columns <= MOST_COLUMNS
        if self.memory is None or not small:
            return None
        start = self.memory.recall(self._key(formulation))
        if start is None:
            return None
        with suppress(ComputationFailed):
            result = self.clock.start(formulation.model, start)
            self._keep(formulation, result)
            return self._at_once(formulation, result)
        return None

    def _key(self, formulation: Formulation) -> bytes:
        return key_of(self.site, formulation.model)

    def _keep(self, formulation: Formulation, result: SolverResult) -> None:
        small = formulation.model.columns <= MOST_COLUMNS
        if self.memory is not None and result.basis is not None and small:
            self.memory.keep(self._key(formulation), result.basis)

    def _at_once(self, formulation: Formulation, result: SolverResult) -> _Decision | None:
        """The preferred schedule where that is an optimum of the linear model."""
        if result.duals is None or result.objective is None:
            return None
        with suppress(ComputationFailed):
            bound = result.objective * formulation.scale.money
            found = settled(formulation, result, bound, self.clock.solve)
            if found is not None:
                self.margins = margins_of(formulation, result)
                return _Decision(*found, formulation, result, is_settled=True)
        return None

    def _run(self, formulation: Formulation) -> SolverResult:
        """:raises InfeasibleSchedule: where there is no feasible point."""
        result = self._solved(formulation)
        if result.status is Status.INFEASIBLE:
            raise explained(self.problem, self.clock.left, self.search)
        if result.status is Status.UNBOUNDED:
            # Every column that costs or earns has finite bounds, so this is the solver's fault.
            raise ComputationFailed("The solver found the cost of the schedule to be unbounded.")
        return result

    def _solved(self, formulation: Formulation) -> SolverResult:
        model = formulation.model
        corner = None if model.is_mixed_integer else likely_corner(formulation)
        if corner is not None:
            # Where the way from there is too rough, the one from standstill may not be.
            with suppress(ComputationFailed):
                return self.clock.start(model, corner)
        return self.clock.solve(model)

    def _decide(
        self, rung: Rung, formulation: Formulation, result: SolverResult
    ) -> _Decision | None:
        if result.primal is None or result.objective is None:
            return None
        charge, discharge = separated(formulation, *formulation.flows(result.primal))
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

"""HiGHS in process: the matrix goes over in one call, as arrays."""

from __future__ import annotations

import time
from dataclasses import replace
from typing import Any

import highspy
import numpy as np

from fmhost.plugin import ComputationFailed
from fmhost_storage.arrays import BoolArray, FloatArray
from fmhost_storage.model import LinearModel
from fmhost_storage.solvers import SolverResult, Status
from fmhost_storage.solvers.smaller import free_columns, with_fixed, without_fixed

#: Absolute tolerance of feasibility and optimality; 1e-9 takes twice the time.
TOLERANCE = 1e-7
#: Below this number of columns presolve costs more than it saves.
PRESOLVE_FROM_COLUMNS = 3000
PRIMAL_SIMPLEX = 4
#: With more columns that can move, a basis is no help: dual simplex finds its own sooner.
RESTART_FROM_COLUMNS = 8_000
#: Of larger models it is not told whether the optimum is unique: that takes a look at each column.
TOLD_COLUMNS = 3500
#: Reduced costs and duals up to this size count as zero.
ZERO = 1e-6

_STATUS = {
    highspy.HighsModelStatus.kOptimal: Status.OPTIMAL,
    highspy.HighsModelStatus.kModelEmpty: Status.OPTIMAL,
    highspy.HighsModelStatus.kInfeasible: Status.INFEASIBLE,
    highspy.HighsModelStatus.kUnbounded: Status.UNBOUNDED,
    highspy.HighsModelStatus.kTimeLimit: Status.TIME_LIMIT,
}


class HighsSolver:
    """Simplex for linear models, branch and cut for mixed-integer ones."""

    def solve(
        self,
        model: LinearModel,
        *,
        time_limit: float | None = None,
        basis: object | None = None,
        start: object | None = None,
    ) -> SolverResult:
        """See :meth:`fmhost_storage.solvers.Solver.solve`."""
        began = time.perf_counter()
        free = free_columns(model)
        if basis is None or free.all() or not free.any():
            return _solved(load(model), model, began, time_limit, basis, start)
        smaller = without_fixed(model, free)
        part = None if smaller.columns > RESTART_FROM_COLUMNS else _part(basis, free)
        highs = load(smaller)
        highs.setOptionValue("presolve", "off")
        result = _solved(highs, smaller, began, time_limit, part, None)
        whole = with_fixed(result, model, free)
        if result.basis is None or model.columns > TOLD_COLUMNS:
            return whole
        return replace(whole, basis=_whole(result.basis, free))


def _solved(
    highs: Any,
    model: LinearModel,
    began: float,
    time_limit: float | None,
    basis: object | None,
    start: object | None,
) -> SolverResult:
    if time_limit is not None:
        highs.setOptionValue("time_limit", float(time_limit))
    # A basis is refused where one of the columns that are left out was basic.
    if basis is not None and highs.setBasis(basis) == highspy.HighsStatus.kOk:
        # The basis stays primal feasible where only cost change; dual simplex would restart.
        highs.setOptionValue("simplex_strategy", PRIMAL_SIMPLEX)
    elif start is not None and not model.is_mixed_integer:
        highs.setBasis(start)
    status = _run(highs)
    feasible = highspy.SolutionStatus.kSolutionStatusFeasible
    found = highs.getInfo().primal_solution_status == feasible
    solution = highs.getSolution()
    primal = np.array(solution.col_value) if found else None
    proven = status is Status.OPTIMAL and not model.is_mixed_integer
    final = highs.getBasis() if proven else None
    reduced_costs = np.array(solution.col_dual) if proven else None
    duals = np.array(solution.row_dual) if proven else None
    return SolverResult(
        status=status,
        primal=primal,
        duals=duals,
        reduced_costs=reduced_costs,
        objective=None if primal is None else float(model.cost @ primal),
        seconds=time.perf_counter() - began,
        basis=final,
        iterations=highs.getInfo().simplex_iteration_count,
        unique=None
        if duals is None or reduced_costs is None or model.columns > TOLD_COLUMNS
        else _is_unique(model, final, duals, reduced_costs),
    )


def _part(basis: Any, free: BoolArray) -> Any:
    """The basis in the free columns alone."""
    found = highspy.HighsBasis()
    statuses = basis.col_status
    found.col_status = [statuses[place] for place in np.flatnonzero(free).tolist()]
    found.row_status = basis.row_status
    found.valid = True
    return found


def _whole(basis: Any, free: BoolArray) -> Any:
    """The basis of all columns that belongs to one of the free columns."""
    found = highspy.HighsBasis()
    statuses = [highspy.HighsBasisStatus.kLower] * len(free)
    for place, status in zip(np.flatnonzero(free).tolist(), basis.col_status, strict=True):
        statuses[place] = status
    found.col_status = statuses
    found.row_status = basis.row_status
    found.valid = True
    return found


def _is_unique(
    model: LinearModel, basis: Any, duals: FloatArray, reduced_costs: FloatArray
) -> bool:
    """Whether each column and row that is not basic costs something to move, or cannot move."""
    for statuses, prices, lower, upper in (
        (basis.col_status, reduced_costs, model.column_lower, model.column_upper),
        (basis.row_status, duals, model.row_lower, model.row_upper),
    ):
        free = np.flatnonzero((np.abs(prices) <= ZERO) & (lower < upper))
        if any(statuses[place] != highspy.HighsBasisStatus.kBasic for place in free.tolist()):
            return False
    return True


def load(model: LinearModel) -> Any:
    """A silent :class:`highspy.Highs` that holds `model`, ready to run."""
    highs = highspy.Highs()
    highs.setOptionValue("output_flag", False)
    highs.setOptionValue("primal_feasibility_tolerance", TOLERANCE)
    highs.setOptionValue("dual_feasibility_tolerance", TOLERANCE)
    if model.is_mixed_integer:
        highs.setOptionValue("mip_feasibility_tolerance", TOLERANCE)
        highs.setOptionValue("mip_rel_gap", 0.0)
    else:
        highs.setOptionValue("solver", "simplex")
        small = model.columns < PRESOLVE_FROM_COLUMNS
        highs.setOptionValue("presolve", "off" if small else "on")
    highs.passModel(
        model.columns,
        model.rows,
        len(model.values),
        int(highspy.MatrixFormat.kColwise),
        int(highspy.ObjSense.kMinimize),
        0.0,
        model.cost,
        model.column_lower,
        model.column_upper,
        model.row_lower,
        model.row_upper,
        model.starts,
        model.indices,
        model.values,
        model.integer.astype(np.int32),
    )
    return highs


def _run(highs: Any) -> Status:
    highs.run()
    outcome = highs.getModelStatus()
    if outcome == highspy.HighsModelStatus.kUnboundedOrInfeasible:
        # Presolve leaves open which of the two it is; simplex tells.
        highs.setOptionValue("presolve", "off")
        highs.run()
        outcome = highs.getModelStatus()
    if outcome not in _STATUS:
        raise ComputationFailed(
            f"The solver HiGHS gave up: {highs.modelStatusToString(outcome)}.",
            hint="Check the input for values that differ by many orders of magnitude.",
        )
    return _STATUS[outcome]

"""HiGHS in process: the matrix goes over in one call, as arrays."""

from __future__ import annotations

import time
from dataclasses import replace
from threading import Lock
from typing import Any

import highspy
import numpy as np

from fmhost.plugin import ComputationFailed
from fmhost_storage.arrays import BoolArray, FloatArray, IntArray
from fmhost_storage.model import LinearModel
from fmhost_storage.solvers import BASIC, LOWER, UPPER, Corner, SolverResult, Status
from fmhost_storage.solvers.smaller import (
    free_columns,
    rows_without,
    with_fixed,
    without_fixed,
)
from fmhost_storage.warm import MOST_COLUMNS

#: Absolute tolerance of feasibility and optimality; 1e-9 takes twice the time.
TOLERANCE = 1e-7
PRIMAL_SIMPLEX = 4
#: Primal simplex where the start is feasible, else dual simplex; by itself, HiGHS takes dual.
CHOOSE_SIMPLEX = 0
#: With more columns that can move, a basis is no help: dual simplex finds its own sooner.
RESTART_FROM_COLUMNS = 12_000
#: Reduced costs and duals up to this size count as zero.
ZERO = 1e-6

_PLACES = np.empty(3, object)
_PLACES[LOWER] = highspy.HighsBasisStatus.kLower
_PLACES[BASIC] = highspy.HighsBasisStatus.kBasic
_PLACES[UPPER] = highspy.HighsBasisStatus.kUpper

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
            given = start if basis is None or isinstance(basis, Loaded) else basis
            loaded = Loaded(load(model), model)
            return _solved(loaded, model, began, time_limit, given)
        if isinstance(basis, Loaded) and np.count_nonzero(free) <= RESTART_FROM_COLUMNS:
            onward = basis.onward(model, free)
            if onward is not None:
                return with_fixed(_solved(onward, model, began, time_limit), model, onward.columns)
        smaller = without_fixed(model, free)
        columns = np.flatnonzero(free).astype(np.int32)
        loaded = Loaded(load(smaller), model, columns, smaller.row_lower, smaller.row_upper)
        return with_fixed(_solved(loaded, model, began, time_limit), model, columns)


class Loaded:
    """HiGHS with a model in it, from which the next run may go on, once.

    A basis that is handed over as such takes HiGHS as long as some hundred pivots.

    :param highs: holds the `columns` of `model`, in that order; None for all.
    :param row_lower: bounds of the rows that it holds; None for those of `model`.
    """

    def __init__(
        self,
        highs: Any,
        model: LinearModel,
        columns: IntArray | None = None,
        row_lower: Any | None = None,
        row_upper: Any | None = None,
    ) -> None:
        self.highs = highs
        self.model = model
        self.columns = np.arange(model.columns, dtype=np.int32) if columns is None else columns
        self.row_lower = model.row_lower if row_lower is None else row_lower
        self.row_upper = model.row_upper if row_upper is None else row_upper
        self._is_taken = False
        self._lock = Lock()

    def onward(self, model: LinearModel, free: BoolArray) -> Loaded | None:
        """The same solver with the costs and bounds of `model`, without columns that are fixed.

        :param free: which columns of `model` can move.
        :return: None where somebody took it already, or the matrix is another one.
        """
        same = model.values is self.model.values and model.indices is self.model.indices
        if not same or np.count_nonzero(free) != np.count_nonzero(free[self.columns]):
            return None
        with self._lock:
            if self._is_taken:
                return None
            self._is_taken = True
        basic = basic_places(self.highs, len(self.columns), model.rows)
        if basic is None:
            return None
        # A fixed column that is basic stays, so that the basis remains one.
        stays = free[self.columns] | basic[0]
        columns = self.columns[stays]
        gone = np.flatnonzero(~stays).astype(np.int32)
        self.highs.deleteCols(len(gone), gone)
        row_lower, row_upper = rows_without(model, columns)
        self._change(model, columns, row_lower, row_upper)
        return Loaded(self.highs, model, columns, row_lower, row_upper)

    def _change(
        self, model: LinearModel, columns: IntArray, row_lower: Any, row_upper: Any
    ) -> None:
        """Have the solver take over what differs."""
        lower, upper, old = model.column_lower[columns], model.column_upper[columns], self.model
        every = np.arange(len(columns), dtype=np.int32)
        self.highs.changeColsCost(len(every), every, model.cost[columns])
        other = (lower != old.column_lower[columns]) | (upper != old.column_upper[columns])
        places = np.flatnonzero(other).astype(np.int32)
        self.highs.changeColsBounds(len(places), places, lower[places], upper[places])
        other = (row_lower != self.row_lower) | (row_upper != self.row_upper)
        places = np.flatnonzero(other).astype(np.int32)
        self.highs.changeRowsBounds(len(places), places, row_lower[places], row_upper[places])
        self.highs.setOptionValue("presolve", "off")
        # The basis stays primal feasible where only costs change; dual simplex would restart.
        self.highs.setOptionValue("simplex_strategy", PRIMAL_SIMPLEX)


def _solved(
    loaded: Loaded,
    model: LinearModel,
    began: float,
    time_limit: float | None,
    start: object | None = None,
) -> SolverResult:
    """The result of a run, in the columns that are loaded.

    :param start: a basis or a corner.
    """
    highs = loaded.highs
    if time_limit is not None:
        # It counts from where the solver was made.
        highs.setOptionValue("time_limit", highs.getRunTime() + float(time_limit))
    if start is not None and not model.is_mixed_integer:
        if isinstance(start, Corner):
            if start.is_close:
                highs.setOptionValue("simplex_strategy", CHOOSE_SIMPLEX)
            start = _basis_of(start)
        highs.setBasis(start)
    status = _run(highs)
    feasible = highspy.SolutionStatus.kSolutionStatusFeasible
    found = highs.getInfo().primal_solution_status == feasible
    solution = highs.getSolution()
    primal = _array(solution.col_value) if found else None
    proven = status is Status.OPTIMAL and not model.is_mixed_integer
    result = SolverResult(
        status=status,
        primal=primal,
        duals=_array(solution.row_dual) if proven else None,
        reduced_costs=_array(solution.col_dual) if proven else None,
        objective=None if primal is None else highs.getInfo().objective_function_value,
        seconds=time.perf_counter() - began,
        basis=highs.getBasis() if proven else None,
        loaded=loaded if proven else None,
        iterations=highs.getInfo().simplex_iteration_count,
    )
    if not proven or model.columns > MOST_COLUMNS:
        return result  # of larger models, one schedule of many does
    return replace(result, unique=_is_unique(loaded, model, result))


def _basis_of(corner: Corner) -> Any:
    basis = highspy.HighsBasis()
    basis.col_status = _PLACES[corner.columns].tolist()
    basis.row_status = _PLACES[corner.rows].tolist()
    basis.valid = True
    # As many are basic as there are rows; else HiGHS would first look for those to drop.
    basis.alien = False
    return basis


def _array(values: list[float]) -> FloatArray:
    # Quicker than np.array(), which first finds out what is in the list.
    return np.fromiter(values, np.float64, len(values))


def _is_unique(loaded: Loaded, model: LinearModel, result: SolverResult) -> bool | None:
    """Whether each column and row that is not basic costs something to move, or cannot move."""
    assert result.duals is not None
    assert result.reduced_costs is not None
    columns = loaded.columns
    basic = basic_places(loaded.highs, len(columns), model.rows)
    if basic is None:
        return None
    lower, upper = model.column_lower[columns], model.column_upper[columns]
    loose = (np.abs(result.reduced_costs) <= ZERO) & (lower < upper) & ~basic[0]
    slack = (np.abs(result.duals) <= ZERO) & (model.row_lower < model.row_upper) & ~basic[1]
    return not (loose.any() or slack.any())


def basic_places(highs: Any, columns: int, rows: int) -> tuple[BoolArray, BoolArray] | None:
    """Which columns and which rows are basic after a run; None where there is no basis."""
    status, numbers = highs.getBasicVariables()
    if status != highspy.HighsStatus.kOk:
        return None
    basic = np.zeros(columns + rows, bool)
    # Rows count down from -1.
    basic[np.where(numbers < 0, columns - 1 - numbers, numbers)] = True
    return basic[:columns], basic[columns:]


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
        # It takes longer than it saves.
        highs.setOptionValue("presolve", "off")
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

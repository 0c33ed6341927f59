"""Every solver that pyomo knows, fed with the same matrix: one model, many solvers."""

from __future__ import annotations

import math
import sys
import time
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from fmhost.plugin import ComputationFailed, ConfigurationError
from fmhost_storage.arrays import FloatArray
from fmhost_storage.model import LinearModel
from fmhost_storage.solvers import SolverResult, Status

#: The setting that names the solver.
SETTING = "FLEXMEASURES_LP_SOLVER"
GLPK = "glpk"
#: Programs that are not called like their solver.
PROGRAMS = {GLPK: "glpsol"}
#: How each solver is told to prove the optimum of a mixed-integer model to the end.
_EXACT = {
    "appsi_highs": {"mip_rel_gap": 0.0, "mip_feasibility_tolerance": 1e-7},
    "cbc": {"ratioGap": 0.0},
    GLPK: {"mipgap": 0.0},
    "gurobi": {"MIPGap": 0.0},
    "cplex": {"mip_tolerances_mipgap": 0.0},
}
_STATUS = {
    "optimal": Status.OPTIMAL,
    "infeasible": Status.INFEASIBLE,
    "unbounded": Status.UNBOUNDED,
    # Schedules have bounded costs, so that leaves the one.
    "infeasibleOrUnbounded": Status.INFEASIBLE,
    "maxTimeLimit": Status.TIME_LIMIT,
}


class PyomoSolver:
    """Hands a model to a solver through pyomo.

    :param name: pyomo's name of the solver: appsi_highs, cbc, glpk, gurobi, cplex ...
    """

    def __init__(self, name: str = "appsi_highs") -> None:
        self.name = name

    def solve(
        self,
        model: LinearModel,
        *,
        time_limit: float | None = None,
        basis: object | None = None,
        start: object | None = None,
    ) -> SolverResult:
        """See :meth:`fmhost_storage.solvers.Solver.solve`; no basis is made use of.

        :raises ConfigurationError: where the solver is unknown or not installed.
        """
        began = time.perf_counter()
        program = _program(model)
        options = _EXACT.get(self.name, {}) if model.is_mixed_integer else {}
        limit = {} if time_limit is None else {"timelimit": time_limit}
        if self.name == GLPK and time_limit is not None:
            limit["timelimit"] = max(1, math.ceil(time_limit))  # it counts in whole seconds
        outcome = self._run(program, options, limit)
        if self.name == GLPK and _condition(outcome) == "other":
            # Its presolver found no point and leaves open why: is there any, at no cost?
            simple = {"nopresol": ""}
            free = _program(replace(model, cost=np.zeros(model.columns)))
            if _condition(self._run(free, simple, limit)) != "optimal":
                return SolverResult(
                    Status.INFEASIBLE, None, None, None, None, time.perf_counter() - began
                )
            outcome = self._run(program, {**options, **simple}, limit)
        status = self._status(outcome)
        primal = _primal(program, outcome, model, status)
        proven = status is Status.OPTIMAL and not model.is_mixed_integer
        duals = _duals(program, model) if proven else None
        return SolverResult(
            status=status,
            primal=primal,
            duals=duals,
            reduced_costs=None if duals is None else model.cost - _products(model, duals),
            objective=None if primal is None else model.objective(primal),
            seconds=time.perf_counter() - began,
        )

    def require(self) -> None:
        """:raises ConfigurationError: where the solver is unknown or not installed."""
        self._solver()

    def _solver(self) -> Any:
        # pyomo takes half a second to import, and most installations never need it.
        from pyomo.environ import SolverFactory

        if self.name not in SolverFactory:
            raise ConfigurationError(
                f"pyomo knows no solver called {self.name!r}.",
                field=SETTING,
                hint=f"Set {SETTING} to one of {', '.join(_EXACT)}.",
            )
        beside = Path(sys.executable).parent / PROGRAMS.get(self.name, self.name)
        # A wheel puts its program there, which is not always on the path.
        named = {"executable": str(beside)} if beside.is_file() else {}
        solver = SolverFactory(self.name, **named)
        if not solver.available(exception_flag=False):
            raise ConfigurationError(
                f"The solver {self.name!r} is not installed on this machine (pyomo does not find "
                "its program or library).",
                field=SETTING,
                hint=f"Install it, or set {SETTING} to appsi_highs, which is always there.",
            )
        return solver

    def _run(self, program: Any, options: Mapping[str, Any], limit: Mapping[str, float]) -> Any:
        solver = self._solver()
        for option, value in options.items():
            solver.options[option] = value
        return solver.solve(program, load_solutions=False, **limit)

    def _status(self, outcome: Any) -> Status:
        condition = _condition(outcome)
        if condition not in _STATUS:
            raise ComputationFailed(f"The solver {self.name} gave up: {condition}.")
        return _STATUS[condition]


def _condition(outcome: Any) -> str:
    return str(outcome.solver.termination_condition)


def _program(model: LinearModel) -> Any:
    """The model as a pyomo model; a row without entries gets the constant column ``nil``."""
    import pyomo.environ as pyo  # heavy: see PyomoSolver._solver
    from pyomo.core.expr.numeric_expr import LinearExpression

    program = pyo.ConcreteModel()
    program.column = pyo.Var(range(model.columns))
    columns = [program.column[j] for j in range(model.columns)]
    for column, lower, upper, whole in zip(
        columns,
        model.column_lower.tolist(),
        model.column_upper.tolist(),
        model.integer.tolist(),
        strict=True,
    ):
        if whole:
            column.domain = pyo.Integers
        column.setlb(_bound(lower))
        column.setub(_bound(upper))
    program.nil = pyo.Var(bounds=(0.0, 0.0))
    order = np.argsort(model.indices, kind="stable")
    owners = np.repeat(np.arange(model.columns), np.diff(model.starts))[order].tolist()
    values = model.values[order].tolist()
    ends = np.cumsum(np.bincount(model.indices, minlength=model.rows)).tolist()

    def row(_: Any, number: int) -> Any:
        first, last = ends[number - 1] if number else 0, ends[number]
        body = LinearExpression(
            constant=0,
            linear_coefs=values[first:last] or [1.0],
            linear_vars=[columns[j] for j in owners[first:last]] or [program.nil],
        )
        lower, upper = _bound(model.row_lower[number]), _bound(model.row_upper[number])
        if lower is None and upper is None:
            return pyo.Constraint.Skip
        return body == lower if lower == upper else (lower, body, upper)

    program.row = pyo.Constraint(range(model.rows), rule=row)
    used = np.flatnonzero(model.cost).tolist()
    program.cost = pyo.Objective(
        expr=LinearExpression(
            constant=0,
            linear_coefs=model.cost[used].tolist() or [1.0],
            linear_vars=[columns[j] for j in used] or [program.nil],
        )
    )
    if not model.is_mixed_integer:
        program.dual = pyo.Suffix(direction=pyo.Suffix.IMPORT)
    return program


def _bound(value: float) -> float | None:
    return float(value) if np.isfinite(value) else None


def _primal(program: Any, outcome: Any, model: LinearModel, status: Status) -> FloatArray | None:
    """Values of the columns; those that no row and no cost names rest at a bound."""
    from pyomo.opt import SolverStatus  # heavy: see PyomoSolver._solver

    if status not in (Status.OPTIMAL, Status.TIME_LIMIT) or not len(outcome.solution):
        return None
    outcome.solver.status = SolverStatus.ok  # else pyomo warns about a time limit that we asked for
    program.solutions.load_from(outcome)
    values = [program.column[j].value for j in range(model.columns)]
    lower = np.where(np.isfinite(model.column_lower), model.column_lower, 0.0)
    resting = np.minimum(lower, model.column_upper)
    known = np.array([np.nan if value is None else value for value in values], dtype=np.float64)
    primal = np.where(np.isnan(known), resting, known)
    # Stopped in time, a solver may hand over whatever point it was at.
    return primal if status is Status.OPTIMAL or model.holds(primal) else None


def _duals(program: Any, model: LinearModel) -> FloatArray:
    """Duals of the rows, zero for those without a bound."""
    duals = np.zeros(model.rows)
    for number, row in program.row.items():
        duals[number] = program.dual.get(row, 0.0)
    return duals


def _products(model: LinearModel, duals: FloatArray) -> FloatArray:
    """``A.T @ duals``."""
    owners = np.repeat(np.arange(model.columns), np.diff(model.starts))
    products = model.values * duals[model.indices]
    sums = np.bincount(owners, weights=products, minlength=model.columns)
    return np.asarray(sums, dtype=np.float64)

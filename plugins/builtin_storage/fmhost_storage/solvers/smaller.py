"""Models without the columns that cannot move, and back.

On the optimal face half of the columns are fixed. Simplex looks at each of them at each pivot, so
that it is quicker without them.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from fmhost_storage.arrays import BoolArray, FloatArray
from fmhost_storage.model import LinearModel
from fmhost_storage.solvers import SolverResult


def free_columns(model: LinearModel) -> BoolArray:
    """Which columns can move; shape (n,)."""
    return np.asarray(model.column_lower < model.column_upper)


def without_fixed(model: LinearModel, free: BoolArray) -> LinearModel:
    """The model in the free columns alone; what the others contribute is moved into the rows."""
    contributed = model.activity(np.where(free, 0.0, model.column_lower))
    lengths = np.diff(model.starts)
    starts = np.zeros(int(free.sum()) + 1, model.starts.dtype)
    np.cumsum(lengths[free], out=starts[1:])
    entries = np.repeat(free, lengths)
    return replace(
        model,
        cost=model.cost[free],
        starts=starts,
        indices=model.indices[entries],
        values=model.values[entries],
        row_lower=model.row_lower - contributed,
        row_upper=model.row_upper - contributed,
        column_lower=model.column_lower[free],
        column_upper=model.column_upper[free],
        integer=model.integer[free],
        column_blocks=(),
    )


def with_fixed(result: SolverResult, model: LinearModel, free: BoolArray) -> SolverResult:
    """The result for `model` that follows from one for its free columns; without the basis."""
    if result.primal is None:
        return replace(result, basis=None)
    primal = model.column_lower.copy()
    primal[free] = result.primal
    return replace(
        result,
        primal=primal,
        reduced_costs=None if result.duals is None else _reduced_costs(model, result.duals),
        objective=float(model.cost @ primal),
        basis=None,
    )


def _reduced_costs(model: LinearModel, duals: FloatArray) -> FloatArray:
    owner = np.repeat(np.arange(model.columns), np.diff(model.starts))
    paid = np.bincount(owner, model.values * duals[model.indices], minlength=model.columns)
    return np.asarray(model.cost - paid)

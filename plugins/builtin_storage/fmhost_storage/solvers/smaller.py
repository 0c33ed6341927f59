"""Models without the columns that cannot move, and back.

On the optimal face half of the columns are fixed. Simplex looks at each of them at each pivot, so
that it is quicker without them.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from fmhost_storage.arrays import BoolArray, FloatArray, IntArray
from fmhost_storage.model import LinearModel
from fmhost_storage.solvers import SolverResult


def free_columns(model: LinearModel) -> BoolArray:
    """Which columns can move; shape (n,)."""
    return np.asarray(model.column_lower < model.column_upper)


def without_fixed(model: LinearModel, free: BoolArray) -> LinearModel:
    """The model in the free columns alone; what the others contribute is moved into the rows."""
    row_lower, row_upper = rows_without(model, np.flatnonzero(free).astype(np.int32))
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
        row_lower=row_lower,
        row_upper=row_upper,
        column_lower=model.column_lower[free],
        column_upper=model.column_upper[free],
        integer=model.integer[free],
        column_blocks=(),
    )


def rows_without(model: LinearModel, columns: IntArray) -> tuple[FloatArray, FloatArray]:
    """Bounds of the rows without what all but some columns contribute, which are fixed."""
    fixed = model.column_lower.copy()
    fixed[columns] = 0.0
    if not fixed.any():
        return model.row_lower, model.row_upper
    contributed = model.activity(fixed)
    return model.row_lower - contributed, model.row_upper - contributed


def with_fixed(result: SolverResult, model: LinearModel, columns: IntArray) -> SolverResult:
    """The result for `model` that follows from one for some of its columns; without the basis.

    Reduced costs of the others are not known, NaN.

    :param columns: those that `result` is about.
    """
    if result.primal is None:
        return replace(result, basis=None)
    primal = model.column_lower.copy()
    primal[columns] = result.primal
    reduced_costs = None
    if result.reduced_costs is not None:
        reduced_costs = np.full(model.columns, np.nan)
        reduced_costs[columns] = result.reduced_costs
    return replace(
        result,
        primal=primal,
        reduced_costs=reduced_costs,
        objective=model.objective(primal),
        basis=None,
    )

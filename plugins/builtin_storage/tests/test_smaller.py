"""Models without their fixed columns have the same optima."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from fmhost_storage.model import LinearModel, ModelBuilder
from fmhost_storage.solvers import Status
from fmhost_storage.solvers.highs import HighsSolver


def model_of(seed: int) -> LinearModel:
    """Feasible: a point within all bounds is known."""
    random = np.random.default_rng(seed)
    builder = ModelBuilder()
    point = random.uniform(0, 3, 12)
    columns = builder.columns("x", (12,), upper=4.0, cost=random.normal(size=12))
    matrix = np.where(random.random((5, 12)) < 0.5, random.normal(size=(5, 12)), 0.0)
    rows = builder.rows("r", (5,), lower=matrix @ point - 1, upper=matrix @ point + 1)
    builder.enter(rows[:, None], columns[None, :], matrix)
    return builder.build()


@pytest.mark.parametrize("seed", range(20))
def test_a_second_run_on_the_columns_that_can_move_finds_the_same_optimum(seed):
    model, solver = model_of(seed), HighsSolver()
    first = solver.solve(model)
    fixed = np.random.default_rng(seed).random(12) < 0.6
    face = replace(
        model,
        cost=-model.cost[::-1],
        column_lower=np.where(fixed, first.primal, model.column_lower),
        column_upper=np.where(fixed, first.primal, model.column_upper),
    )
    again, afresh = solver.solve(face, basis=first.basis), solver.solve(face)
    assert again.status is afresh.status is Status.OPTIMAL
    assert again.objective == pytest.approx(afresh.objective, abs=1e-7)
    assert face.holds(again.primal)
    matrix = np.array([face.activity(unit) for unit in np.eye(12)]).T
    np.testing.assert_allclose(again.reduced_costs, face.cost - again.duals @ matrix, atol=1e-6)
    # The basis that is handed on belongs to all columns.
    third = solver.solve(replace(model, cost=-model.cost[::-1]), basis=again.basis)
    assert third.status is Status.OPTIMAL

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
    again, afresh = solver.solve(face, basis=first.loaded), solver.solve(face)
    assert again.status is afresh.status is Status.OPTIMAL
    assert again.objective == pytest.approx(afresh.objective, abs=1e-7)
    assert face.holds(again.primal)
    matrix = np.array([face.activity(unit) for unit in np.eye(12)]).T
    known = ~np.isnan(again.reduced_costs)
    assert known[~fixed].all()
    reduced = (face.cost - again.duals @ matrix)[known]
    np.testing.assert_allclose(again.reduced_costs[known], reduced, atol=1e-6)
    # Where columns can move again, it begins anew; and what was taken once is not to be had again.
    free = replace(model, cost=-model.cost[::-1])
    for basis in (again.loaded, first.loaded):
        third = solver.solve(free, basis=basis)
        assert third.objective == pytest.approx(solver.solve(free).objective, abs=1e-7)


def test_a_run_that_goes_on_has_the_time_that_is_left_for_it():
    model, solver = model_of(1), HighsSolver()
    first = solver.solve(model)
    spent = first.loaded.highs.getRunTime()
    face = replace(
        model, cost=-model.cost, column_upper=np.where(np.arange(12) < 2, first.primal, 4.0)
    )
    face = replace(face, column_lower=np.where(np.arange(12) < 2, first.primal, 0.0))
    again = solver.solve(face, basis=first.loaded, time_limit=60.0)
    assert again.status is Status.OPTIMAL
    assert again.loaded.highs is first.loaded.highs
    _, limit = again.loaded.highs.getOptionValue("time_limit")
    assert limit == pytest.approx(60.0 + spent)

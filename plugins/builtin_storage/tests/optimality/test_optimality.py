"""The schedule is the optimum: against a second formulation on other solvers, for random problems.

What :func:`compare` checks for each problem: the same cost within 1e-6, every hard limit held, the
balance of each stock and of the site, and that deviations cost what their prices say.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import event, given, settings
from hypothesis import strategies as st

from fmhost.plugin import ConfigurationError
from fmhost_storage.infeasible import InfeasibleSchedule
from fmhost_storage.problem import Problem
from fmhost_storage.solve import solve
from fmhost_storage.solvers import Solver
from fmhost_storage.solvers.highs import HighsSolver
from fmhost_storage.solvers.pyomo import PyomoSolver

Drawing = Callable[..., Problem]
Comparison = Callable[[Problem, Solver], str]

SEEDS = st.integers(0, 2**40)
many = settings(max_examples=700)
some = settings(max_examples=25)


@many
@given(seed=SEEDS)
def test_energy_costs_what_a_second_formulation_says(
    draw_problem: Drawing, compare: Comparison, seed: int
) -> None:
    event(compare(draw_problem(seed), PyomoSolver("appsi_highs")))


@many
@given(seed=SEEDS)
def test_commitments_cost_what_a_second_formulation_says(
    draw_problem: Drawing, compare: Comparison, seed: int
) -> None:
    event(compare(draw_problem(seed, committed=True), PyomoSolver("appsi_highs")))


@many
@given(seed=SEEDS, committed=st.booleans())
def test_linked_devices_cost_what_a_second_formulation_says(
    draw_problem: Drawing, compare: Comparison, seed: int, committed: bool
) -> None:
    problem = draw_problem(seed, committed=committed, linked=True)
    event(compare(problem, PyomoSolver("appsi_highs")))


@pytest.fixture(params=["appsi_highs", "cbc", "glpk"], scope="module")
def other(request: pytest.FixtureRequest) -> PyomoSolver:
    """Each solver that pyomo finds on this machine."""
    solver = PyomoSolver(request.param)
    try:
        solver.require()
    except ConfigurationError as error:
        pytest.skip(str(error))
    return solver


@some
@given(seed=SEEDS, committed=st.booleans(), linked=st.booleans())
def test_each_installed_solver_agrees_on_the_second_formulation(
    draw_problem: Drawing,
    compare: Comparison,
    other: PyomoSolver,
    seed: int,
    committed: bool,
    linked: bool,
) -> None:
    event(compare(draw_problem(seed, committed=committed, linked=linked), other))


@some
@given(seed=SEEDS, committed=st.booleans(), linked=st.booleans())
def test_each_installed_solver_gives_the_same_cost_for_the_same_matrix(
    draw_problem: Drawing, other: PyomoSolver, seed: int, committed: bool, linked: bool
) -> None:
    problem = draw_problem(seed, committed=committed, linked=linked)
    costs = []
    for solver in (HighsSolver(), other):
        try:
            costs.append(solve(problem, solver, search=0.0).total_cost)
        except InfeasibleSchedule:
            costs.append(np.inf)
    size = 1e-6 * max(1e-3, abs(problem.site.consumption_price).max())
    assert costs[1] == pytest.approx(costs[0], rel=1e-6, abs=size)

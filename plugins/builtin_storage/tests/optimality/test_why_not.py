"""What another choice costs: against a second formulation in which that choice is made."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import event, given, settings
from hypothesis import strategies as st

from fmhost_storage.problem import Problem
from fmhost_storage.solvers.highs import HighsSolver
from fmhost_storage.solvers.pyomo import PyomoSolver
from fmhost_storage.why_not import answer

Drawing = Callable[..., Problem]
Cost = Callable[..., float | None]


@settings(max_examples=60)
@given(
    seed=st.integers(0, 2**40),
    committed=st.booleans(),
    linked=st.booleans(),
    share=st.integers(-4, 4),
    place=st.integers(0, 2**20),
)
def test_the_stated_difference_is_that_of_the_second_formulation(
    draw_problem: Drawing,
    least_cost: Cost,
    seed: int,
    committed: bool,
    linked: bool,
    share: int,
    place: int,
) -> None:
    problem = draw_problem(seed, committed=committed, linked=linked)
    other = PyomoSolver("appsi_highs")
    cheapest = least_cost(problem, other)
    if cheapest is None:
        event("infeasible")
        return
    device, step = place % len(problem.devices.names), place % problem.steps
    capacity = problem.devices.consumption_capacity
    if share < 0:
        capacity = problem.devices.production_capacity
    power = float(capacity[device, step]) * share / 4
    found = answer(problem, HighsSolver(), device, step, power, currency="EUR")
    cost = least_cost(problem, other, (device, step, power))
    assert found["possible"] == (cost is not None)
    if cost is None:
        event("impossible")
        return
    event("possible")
    size = max(abs(cost), abs(cheapest), float(np.abs(problem.site.consumption_price).max()), 1.0)
    assert found["cost-difference"] == pytest.approx(cost - cheapest, abs=1e-6 * size)

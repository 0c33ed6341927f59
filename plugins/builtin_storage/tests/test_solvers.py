from __future__ import annotations

import numpy as np
import pytest

from fmhost.plugin import ComputationFailed, ConfigurationError
from fmhost_storage.model import LinearModel, ModelBuilder
from fmhost_storage.problem import Devices, Problem, Site, Storage
from fmhost_storage.solve import solve
from fmhost_storage.solvers import Solver, Status
from fmhost_storage.solvers.highs import HighsSolver
from fmhost_storage.solvers.pyomo import PyomoSolver

DRIVERS = [HighsSolver(), PyomoSolver("appsi_highs")]


@pytest.fixture(params=DRIVERS, ids=["highs", "pyomo"])
def solver(request: pytest.FixtureRequest) -> Solver:
    driver: Solver = request.param
    return driver


def small(*, integer: bool = False, at_least: float = 3.0, most: float = np.inf) -> LinearModel:
    """Minimise 2x + 3y, where x + y >= at_least, x - y <= 1; a third column is in no row."""
    builder = ModelBuilder()
    x = builder.columns("x", (1,), upper=most, cost=2.0, integer=integer)
    y = builder.columns("y", (1,), upper=most, cost=3.0)
    builder.columns("spare", (1,), lower=1.5, upper=2.0)
    enough = builder.rows("enough", (1,), lower=at_least)
    balance = builder.rows("balance", (1,), upper=1.0)
    builder.rows("empty", (1,), lower=-1.0)
    builder.rows("free", (1,))
    builder.enter(enough, x, 1.0)
    builder.enter(enough, y, 1.0)
    builder.enter(balance, x, 1.0)
    builder.enter(balance, y, -1.0)
    return builder.build()


def test_linear_optimum_with_duals(solver: Solver) -> None:
    result = solver.solve(small())
    assert result.status is Status.OPTIMAL
    assert result.objective == pytest.approx(7.0)
    np.testing.assert_allclose(result.primal, [2.0, 1.0, 1.5])
    # One more unit asked for costs half of each; one more unit of imbalance saves half an x - y.
    np.testing.assert_allclose(result.duals, [2.5, -0.5, 0.0, 0.0], atol=1e-9)
    np.testing.assert_allclose(result.reduced_costs, [0.0, 0.0, 0.0], atol=1e-9)


def test_mixed_integer_optimum_has_no_duals(solver: Solver) -> None:
    result = solver.solve(small(integer=True, at_least=2.5))
    assert result.status is Status.OPTIMAL
    assert result.duals is None
    np.testing.assert_allclose(result.primal[:2], [1.0, 1.5])  # type: ignore[index]


def test_infeasible(solver: Solver) -> None:
    result = solver.solve(small(most=1.0))
    assert result.status is Status.INFEASIBLE
    assert result.primal is None
    assert result.objective is None


def test_highs_tells_unbounded_from_infeasible() -> None:
    builder = ModelBuilder()
    builder.columns("x", (1,), cost=-1.0)
    assert HighsSolver().solve(builder.build()).status is Status.UNBOUNDED


def test_a_run_may_start_from_a_former_basis() -> None:
    model = small()
    first = HighsSolver().solve(model)
    again = HighsSolver().solve(model, basis=first.basis)
    np.testing.assert_array_equal(again.primal, first.primal)


def battery_day() -> Problem:
    battery = Storage(
        1.0, 1.0, charging_efficiency=0.9, discharging_efficiency=0.9, soc_min=0.0, soc_max=2.0
    )
    price = np.cos(np.arange(96)) * 30 - 10
    return Problem(
        np.full(96, 0.25), Devices.stack([battery], 96), Site.constant(96, consumption_price=price)
    )


def test_no_schedule_in_time_is_said_so(solver: Solver) -> None:
    with pytest.raises(ComputationFailed, match="within its time limit of 0 s"):
        solve(battery_day(), solver, time_limit=0.0)


def test_an_ample_time_limit_changes_nothing(solver: Solver) -> None:
    limited = solve(battery_day(), solver, time_limit=120.0)
    assert limited.status is Status.OPTIMAL
    assert limited.total_cost == pytest.approx(solve(battery_day(), HighsSolver()).total_cost)
    assert 0 < limited.solver_seconds < 120


def test_a_solver_that_is_not_installed_is_named_with_the_remedy() -> None:
    with pytest.raises(ConfigurationError) as caught:
        PyomoSolver("cplex").solve(small())
    message = str(caught.value)
    assert "\n" not in message
    assert "'cplex' is not installed" in message
    assert "FLEXMEASURES_LP_SOLVER" in message


def test_an_unknown_solver_is_refused_with_those_that_exist() -> None:
    with pytest.raises(ConfigurationError, match=r"no solver called 'magic'.*appsi_highs, cbc"):
        PyomoSolver("magic").solve(small())

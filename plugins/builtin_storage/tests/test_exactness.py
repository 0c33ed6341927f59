from __future__ import annotations

import numpy as np
import pytest

from fmhost_storage.exactness import certified, netted, overlaps
from fmhost_storage.formulation import formulate
from fmhost_storage.problem import Devices, Problem, Site, Storage
from fmhost_storage.solution import Rung, cost
from fmhost_storage.solve import solve
from fmhost_storage.solvers.highs import HighsSolver


def battery(*, efficiency: float = 0.8, soc_max: float = 3.0, start: float = 1.0) -> Storage:
    return Storage(
        3.0,
        3.0,
        soc_at_start=start,
        charging_efficiency=efficiency,
        discharging_efficiency=efficiency,
        soc_min=0.0,
        soc_max=soc_max,
    )


def problem(storage: Storage, price: list[float], **site: object) -> Problem:
    steps = len(price)
    return Problem(
        np.ones(steps),
        Devices.stack([storage], steps),
        Site.constant(steps, consumption_price=price, **site),  # type: ignore[arg-type]
    )


def relaxed_cost(subject: Problem) -> float:
    formulation = formulate(subject)
    objective = HighsSolver().solve(formulation.model).objective
    assert objective is not None
    return objective * formulation.scale.money


def test_positive_prices_need_no_binary() -> None:
    solution = solve(problem(battery(), [10, 50, 20, 80]), HighsSolver())
    assert solution.rung is Rung.LINEAR


def test_burning_energy_at_a_negative_price_is_no_schedule() -> None:
    full = problem(battery(start=3.0), [-10.0])
    # Relaxed, it charges 3 MW and discharges as much of the stored 2.4 MW as it can at once.
    assert relaxed_cost(full) == pytest.approx(-10 * (3 - 3 * 0.64))
    solution = solve(full, HighsSolver())
    assert solution.total_cost == 0
    assert solution.rung is Rung.PARTIAL


def test_a_lossless_battery_needs_no_binary_at_negative_prices() -> None:
    solution = solve(problem(battery(efficiency=1.0), [-10, 5, -20]), HighsSolver())
    assert solution.rung is Rung.LINEAR


def test_a_surplus_beyond_the_export_limit_cannot_be_burnt() -> None:
    surplus = problem(
        battery(start=3.0),
        [1, 30, 60],
        production_price=[-2, 30, 60],
        inflexible_power=[0, -4, 0],
        production_capacity=3,
    )
    solution = solve(surplus, HighsSolver())
    # The full battery must get rid of 0.64 MW at a price of -2 to have room for 1 MW of surplus;
    # relaxed, it waits, and burns the surplus.
    assert solution.rung in (Rung.PARTIAL, Rung.FULL)
    np.testing.assert_allclose(solution.power[0], [-0.64, 1.0, -2.4])
    assert relaxed_cost(surplus) == pytest.approx(solution.total_cost - 2 * 0.64)


def test_binaries_go_everywhere_where_one_round_was_not_enough() -> None:
    lossy = Storage(
        3.0, 1.0, soc_at_start=0.0, discharging_efficiency=0.5, soc_min=0.0, soc_max=4.0
    )
    surplus = problem(
        lossy,
        [-3, 1, 3],
        production_price=[-4, 0, 2],
        inflexible_power=[0, -3, -3],
        production_capacity=2,
    )
    solution = solve(surplus, HighsSolver())
    assert solution.rung is Rung.FULL
    # 1 MW of the surplus must be stored twice, which leaves room for 2 MWh at the negative price.
    np.testing.assert_allclose(solution.power[0], [2, 1, 1])
    assert solution.total_cost == pytest.approx(-3 * 2 - 2 * 2)


def test_importing_and_exporting_at_once_does_not_pay() -> None:
    cheap_import = problem(battery(), [10, 10], production_price=[20, 20])
    solution = solve(cheap_import, HighsSolver())
    # 1 MWh in stock: selling 0.8 MW earns 16; or charging 2.5 MW first (25) to sell 2.4 MW (48).
    assert solution.total_cost == pytest.approx(25 - 48)
    np.testing.assert_allclose(solution.power[0], [2.5, -2.4])


def test_flows_are_certified_where_no_step_has_both() -> None:
    subject = problem(battery(), [1, 1])
    charge, discharge = np.array([[2.0, 0.0]]), np.array([[0.0, 1.5]])
    np.testing.assert_array_equal(certified(subject, charge, discharge), [[2.0, -1.5]])
    both = np.array([[0.0, 1.5]])
    assert overlaps(subject, charge + both, discharge).tolist() == [[False, True]]
    assert certified(subject, charge + both, discharge) is None


def test_rounding_errors_are_no_overlap() -> None:
    subject = problem(battery(), [1])
    power = certified(subject, np.array([[2.0]]), np.array([[1e-9]]))
    np.testing.assert_allclose(power, [[2.0]], atol=1e-8)


def test_netting_keeps_power_where_there_is_room_to_store_more() -> None:
    subject = problem(battery(start=0.0), [1.0])
    power = netted(subject, np.array([[3.0]]), np.array([[1.0]]), bound=2.0)
    np.testing.assert_allclose(power, [[2.0]])


def test_netting_keeps_the_stock_where_it_is_full_and_energy_costs_nothing() -> None:
    subject = problem(battery(start=3.0), [0.0])
    power = netted(subject, np.array([[1.0]]), np.array([[0.64]]), bound=0.0)
    np.testing.assert_allclose(power, [[0.0]], atol=1e-9)


def test_netting_gives_up_where_it_would_cost() -> None:
    subject = problem(battery(start=3.0), [-1.0])
    bound = float(cost(subject, np.array([[1.0 - 0.64]])).sum())
    assert netted(subject, np.array([[1.0]]), np.array([[0.64]]), bound=bound) is None

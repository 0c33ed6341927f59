"""The drafted corner is a basis, near the optimum, and never changes what is optimal."""

from __future__ import annotations

from typing import Any

import highspy
import numpy as np
import pytest

from fmhost.plugin import ComputationFailed
from fmhost_storage.commitments import Commitment
from fmhost_storage.formulation import Formulation, formulate
from fmhost_storage.links import Links, Ramp
from fmhost_storage.model import LinearModel
from fmhost_storage.problem import Devices, Problem, Site, Storage
from fmhost_storage.solve import solve
from fmhost_storage.solvers import UPPER, Corner, SolverResult, Status
from fmhost_storage.solvers.highs import HighsSolver, load
from fmhost_storage.start import likely_corner

STEPS = 96
HOURS = np.full(STEPS, 0.25)
DEAR = np.full((1, STEPS), 1e6)
NOTHING = np.zeros((1, STEPS))


def battery(random: np.random.Generator, **differs: Any) -> Storage:
    given = {
        "consumption_capacity": 0.1,
        "production_capacity": 0.1,
        "soc_at_start": random.uniform(0.05, 0.1),
        "soc_min": 0.02,
        "soc_max": random.uniform(0.1, 0.3),
        "charging_efficiency": random.uniform(0.8, 1.0),
        "discharging_efficiency": random.uniform(0.8, 1.0),
    }
    return Storage(**(given | differs))


def car(random: np.random.Generator) -> Storage:
    minima = np.full(STEPS, np.nan)
    minima[random.integers(48, STEPS)] = random.uniform(0.03, 0.06)
    return Storage(
        0.011, 0.0, soc_at_start=random.uniform(0, 0.02), soc_max=0.06, soc_minima=minima
    )


def roof() -> Storage:
    sun = np.maximum(0.0, np.sin((np.arange(STEPS) / 4 - 6) / 12 * np.pi))
    return Storage(0.0, 0.1 * sun, soc_at_start=None)


def site(seed: int = 1, capacity: float = np.inf, discount: float = 0.0, load: float = 0.0) -> Site:
    price = np.random.default_rng(seed).uniform(20, 100, STEPS)
    return Site.constant(
        STEPS,
        consumption_price=price,
        production_price=price - discount,
        consumption_capacity=capacity,
        production_capacity=capacity,
        inflexible_power=load,
    )


def formulation(devices: list[Storage], around: Site, **more: Any) -> Formulation:
    return formulate(Problem(HOURS, Devices.stack(devices, STEPS), around, **more))


def fleet(count: int, capacity: float, **more: Any) -> Formulation:
    random = np.random.default_rng(count)
    return formulation([car(random) for _ in range(count)], site(capacity=capacity), **more)


def corner_of(made: Formulation) -> Corner:
    corner = likely_corner(made)
    assert corner is not None
    return corner


def pivots(made: Formulation, corner: Corner | None) -> int:
    """From the corner, or from where HiGHS begins; the optimum is the same."""
    cold = HighsSolver().solve(made.model)
    found = cold if corner is None else HighsSolver().solve(made.model, start=corner)
    assert found.status is Status.OPTIMAL
    assert found.objective == pytest.approx(cold.objective, rel=1e-7)
    assert found.iterations is not None
    return found.iterations


def excess_and_cost(made: Formulation, corner: Corner) -> tuple[float, float]:
    """How far a corner is beyond the bounds, all together, and what it costs."""
    highs = load(made.model)
    highs.setOptionValue("simplex_iteration_limit", 0)
    basis = highspy.HighsBasis()
    names = [getattr(highspy.HighsBasisStatus, name) for name in ("kLower", "kBasic", "kUpper")]
    basis.col_status = [names[place] for place in corner.columns]
    basis.row_status = [names[place] for place in corner.rows]
    assert highs.setBasis(basis) == highspy.HighsStatus.kOk
    highs.run()
    found = highs.getInfo()
    return found.sum_primal_infeasibilities, found.objective_function_value


@pytest.mark.parametrize("kept", [1.0, 0.999])
@pytest.mark.parametrize("gain", [0.0, 0.004, -0.004])
@pytest.mark.parametrize("seed", range(5))
def test_a_battery_alone_is_planned_to_the_optimum(seed: int, gain: float, kept: float) -> None:
    minima = np.full(STEPS, np.nan)
    minima[60] = 0.09
    store = battery(
        np.random.default_rng(seed), storage_efficiency=kept, gain=gain, soc_minima=minima
    )
    made = formulation([store], site(seed))
    assert pivots(made, corner_of(made)) == 0
    assert pivots(made, None) > 100
    # Where it stands still, it is left open which of both prices counts.
    made = formulation([store], site(seed, discount=5.0))
    assert pivots(made, corner_of(made)) < pivots(made, None) / 5


def test_batteries_that_share_an_ample_connection_are_nearly_so() -> None:
    random = np.random.default_rng(3)
    made = formulation([battery(random) for _ in range(10)], site(capacity=5.0))
    assert pivots(made, corner_of(made)) < pivots(made, None) / 10


@pytest.mark.parametrize("capacity", [0.2, 0.25, 1.0])
def test_cars_take_what_others_leave_of_a_connection(capacity: float) -> None:
    made = fleet(50, capacity)
    corner = corner_of(made)
    excess, cost = excess_and_cost(made, corner)
    optimum = HighsSolver().solve(made.model).objective
    assert corner.is_close
    assert excess == pytest.approx(0.0, abs=1e-6)
    assert cost == pytest.approx(optimum, rel=0.01)
    assert pivots(made, corner) < pivots(made, None) / 3


def test_a_soft_limit_is_kept_where_there_is_room_below_it() -> None:
    limit = Commitment(("breach",), np.full((1, STEPS), 0.2), DEAR, NOTHING)
    made = fleet(50, 1.0, commitments=(limit,))
    corner = corner_of(made)
    _, cost = excess_and_cost(made, corner)
    binding = corner.rows[made.model.rows - STEPS :] == UPPER
    assert binding.any()
    assert corner.is_close
    assert cost == pytest.approx(HighsSolver().solve(made.model).objective, rel=0.01)
    assert pivots(made, corner) < pivots(made, None) / 3


def test_a_roof_runs_and_a_battery_takes_what_it_has_left() -> None:
    made = formulation(
        [roof(), battery(np.random.default_rng(2))], site(capacity=0.15, discount=40.0, load=0.02)
    )
    assert pivots(made, corner_of(made)) < pivots(made, None) / 2


def test_a_peak_that_was_not_weighed_makes_a_corner_a_far_one() -> None:
    peak = Commitment(("peak",), NOTHING, DEAR, NOTHING, highest=True)
    random = np.random.default_rng(4)
    stores = formulation([battery(random), battery(random)], site(), commitments=(peak,))
    assert not corner_of(stores).is_close
    assert pivots(stores, corner_of(stores)) > 0
    assert likely_corner(fleet(5, 1.0, commitments=(peak,))) is None


def test_cars_on_a_surplus_start_where_the_solver_begins() -> None:
    random = np.random.default_rng(5)
    cars = [car(random) for _ in range(5)]
    assert likely_corner(formulation([roof(), *cars], site(discount=20.0))) is None
    assert likely_corner(formulation([roof(), *cars], site())) is not None


def test_a_car_that_finds_no_room_is_left_to_the_solver() -> None:
    assert likely_corner(fleet(50, 0.05)) is None


class Stumbling(HighsSolver):
    """Breaks down wherever it does not begin at standstill; notes how long it was given."""

    def __init__(self) -> None:
        self.limits: list[float | None] = []

    def solve(self, model: LinearModel, *, start: object = None, **how: Any) -> SolverResult:
        self.limits.append(how["time_limit"])
        if isinstance(start, Corner):
            raise ComputationFailed("The duals are excessive.")
        return super().solve(model, start=start, **how)


def test_a_solver_that_stumbles_begins_at_standstill() -> None:
    problem = formulation([battery(np.random.default_rng(7))], site()).problem
    stumbling = Stumbling()
    stumbled, smooth = solve(problem, stumbling, time_limit=60.0), solve(problem, HighsSolver())
    first, second = stumbling.limits[:2]
    assert first == 60.0
    assert second is not None
    assert second < first
    assert stumbled.total_cost == pytest.approx(smooth.total_cost, rel=1e-9)
    np.testing.assert_array_equal(stumbled.power, smooth.power)


def test_nothing_is_drafted_for_devices_that_are_tied() -> None:
    store = battery(np.random.default_rng(6))
    links = Links(ramps=(Ramp(0, np.full(STEPS, 0.05)),))
    assert likely_corner(formulation([store], site(), links=links)) is None
    assert likely_corner(formulation([store], site())) is not None

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from fmhost.plugin import ComputationFailed
from fmhost_storage.formulation import formulate
from fmhost_storage.model import LinearModel
from fmhost_storage.problem import Devices, Problem, Site, Storage
from fmhost_storage.solve import solve
from fmhost_storage.solvers import SolverResult
from fmhost_storage.solvers.highs import HighsSolver
from fmhost_storage.ties import optimal_face, preferred

HOUR = 1.0


def problem(*storages: Storage, steps: int, price: object = 10.0, **site: object) -> Problem:
    return Problem(
        np.full(steps, HOUR),
        Devices.stack(storages, steps),
        Site.constant(steps, consumption_price=price, **site),  # type: ignore[arg-type]
    )


def target_at(tick: int, value: float, steps: int) -> np.ndarray:
    targets = np.full(steps, np.nan)
    targets[tick - 1] = value
    return targets


def charger(*, sooner: bool, steps: int = 6) -> Storage:
    return Storage(
        1.0,
        0.0,
        soc_max=5.0,
        soc_targets=target_at(steps, 2.5, steps),
        prefer_charging_sooner=sooner,
    )


def test_at_flat_prices_a_target_is_charged_for_from_the_first_step_at_full_power() -> None:
    solution = solve(problem(charger(sooner=True), steps=6), HighsSolver())
    np.testing.assert_allclose(solution.power[0], [1, 1, 0.5, 0, 0, 0], atol=1e-9)


def test_without_the_preference_it_is_charged_for_as_late_as_possible() -> None:
    solution = solve(problem(charger(sooner=False), steps=6), HighsSolver())
    np.testing.assert_allclose(solution.power[0], [0, 0, 0, 0.5, 1, 1], atol=1e-9)


@pytest.mark.parametrize("sooner", [True, False])
def test_price_goes_before_preference(sooner: bool) -> None:
    price = [10, 10, 9.999, 9.998, 10, 10]
    solution = solve(problem(charger(sooner=sooner), steps=6, price=price), HighsSolver())
    np.testing.assert_allclose(solution.power[0, 2:4], [1, 1], atol=1e-9)
    first, last = (0.5, 0) if sooner else (0, 0.5)
    np.testing.assert_allclose(solution.power[0, [0, 5]], [first, last], atol=1e-9)


def test_charging_sooner_means_discharging_later() -> None:
    battery = Storage(1.0, 1.0, soc_at_start=2.0, soc_min=0.0, soc_max=2.0)
    price = [30, 20, 20, 30, 30, 30]
    solution = solve(problem(battery, steps=6, price=price), HighsSolver())
    # Three steps of selling at 30 and one of buying at 20 earn most.
    np.testing.assert_allclose(solution.power[0], [-1, 1, 0, 0, -1, -1], atol=1e-9)


def test_free_energy_is_stored_either_way() -> None:
    for sooner, expected in ((True, [1, 1, 0, 0]), (False, [0, 0, 1, 1])):
        store = Storage(1.0, 0.0, soc_max=2.0, prefer_charging_sooner=sooner)
        solution = solve(problem(store, steps=4, price=0.0), HighsSolver())
        np.testing.assert_allclose(solution.power[0], expected, atol=1e-9)


def test_production_is_not_curtailed_without_reason_and_rather_later() -> None:
    for later, expected in ((True, [1, 1, 0.5, 0]), (False, [0, 0.5, 1, 1])):
        roof = Storage(0.0, 1.0, soc_at_start=None, prefer_curtailing_later=later)
        heater = Storage(
            1.0,
            0.0,
            soc_max=9.0,
            soc_targets=target_at(4, 2.5, 4),
            prefer_charging_sooner=later,
        )
        island = problem(roof, heater, steps=4, consumption_capacity=0, production_capacity=0)
        solution = solve(island, HighsSolver())
        np.testing.assert_allclose(-solution.power[0], expected, atol=1e-9)
        np.testing.assert_allclose(solution.power.sum(axis=0), 0, atol=1e-9)


def test_devices_share_a_site_capacity_and_all_charge_as_soon_as_possible() -> None:
    cars = [charger(sooner=True) for _ in range(2)]
    solution = solve(problem(*cars, steps=6, consumption_capacity=1.5), HighsSolver())
    np.testing.assert_allclose(solution.site_power, [1.5, 1.5, 1.5, 0.5, 0, 0], atol=1e-9)


def test_ties_are_broken_where_binaries_were_needed_too() -> None:
    # Burning energy pays at the negative price, so binaries come in; before that, a flat stretch.
    battery = Storage(
        1.0,
        1.0,
        charging_efficiency=0.8,
        discharging_efficiency=0.8,
        soc_min=0.0,
        soc_max=1.6,
        soc_targets=target_at(5, 0.8, 8),
    )
    price = [10, 10, 10, 10, 10, -20, -20, -20]
    solution = solve(problem(battery, steps=8, price=price), HighsSolver())
    assert solution.rung.value.startswith("binaries")
    np.testing.assert_allclose(solution.power[0, :5], [1, 0, 0, 0, 0], atol=1e-9)


@pytest.mark.parametrize(("last_but_one", "possible"), [(10, 1.0), (99, 0.0)])
def test_the_optimal_face_holds_all_optima_and_nothing_else(
    last_but_one: float, possible: float
) -> None:
    price = [10, 10, 10, 10, last_but_one, 10]
    formulation = formulate(problem(charger(sooner=True), steps=6, price=price))
    face = optimal_face(formulation.model, HighsSolver().solve(formulation.model))
    column = formulation.charge[0, 4]
    most = np.zeros(formulation.model.columns)
    most[column] = -1.0
    result = HighsSolver().solve(replace(face, cost=most))
    assert result.primal is not None
    assert result.primal[column] * formulation.scale.power == pytest.approx(possible)


@pytest.mark.parametrize("price", [10.0, [10, -5, 3, -20, 0, 7]])
def test_the_same_problem_gives_the_same_bytes(price: object) -> None:
    def schedule() -> bytes:
        battery = Storage(
            1.0,
            0.7,
            soc_at_start=0.3,
            charging_efficiency=0.9,
            discharging_efficiency=0.9,
            soc_min=0.1,
            soc_max=1.3,
        )
        solution = solve(
            problem(battery, charger(sooner=True), steps=6, price=price), HighsSolver()
        )
        return b"".join(
            part.tobytes() for part in (solution.power, solution.soc, solution.site_power)
        )

    assert schedule() == schedule()


class BreaksDownOnTies(HighsSolver):
    """A solver that cannot start from a basis, which only the choice among ties does."""

    def solve(
        self,
        model: LinearModel,
        *,
        time_limit: float | None = None,
        basis: object | None = None,
        start: object | None = None,
    ) -> SolverResult:
        if basis is not None:
            raise ComputationFailed("The basis is singular.")
        return super().solve(model, time_limit=time_limit)


def test_a_breakdown_in_the_choice_among_ties_leaves_an_optimal_schedule() -> None:
    subject = problem(charger(sooner=True), steps=6, price=[9, 10, 11, 10, 9, 9])
    solution = solve(subject, BreaksDownOnTies())
    assert solution.total_cost == pytest.approx(9 * 2.5)
    assert solution.soc[0, -1] == pytest.approx(2.5)


@pytest.mark.parametrize("sooner", [True, False])
@pytest.mark.parametrize("gain", [0.0, 0.05])
def test_a_charger_without_columns_for_its_stock_makes_the_same_schedule(
    sooner: bool, gain: float
) -> None:
    steps = 8
    maxima = np.full(steps, np.nan)
    maxima[3] = 1.5
    car = replace(
        charger(sooner=sooner, steps=steps),
        charging_efficiency=0.9,
        soc_maxima=maxima,
        gain=gain,
    )
    subject = problem(car, steps=steps, price=[10, 10, 20, 20, 10, 10, 20, 20])
    assert formulate(subject).lean.all()
    solver = HighsSolver()
    found = []
    for leanly in (True, False):
        formulation = formulate(subject, leanly=leanly)
        first = solver.solve(formulation.model)
        model = preferred(formulation, first)
        assert model is not None
        second = solver.solve(model)
        assert first.objective is not None
        assert second.primal is not None
        found.append((first.objective, formulation.flows(second.primal)[0]))
    assert found[0][0] == pytest.approx(found[1][0], rel=1e-9)
    np.testing.assert_allclose(found[0][1], found[1][1], atol=1e-7)

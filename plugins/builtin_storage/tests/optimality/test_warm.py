"""Planning again: from where the last run ended, to the very same bytes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import event, given, settings
from hypothesis import strategies as st

from fmhost_storage.formulation import formulate
from fmhost_storage.infeasible import InfeasibleSchedule
from fmhost_storage.problem import Devices, Problem, Site, Storage
from fmhost_storage.solution import Solution
from fmhost_storage.solve import solve
from fmhost_storage.solvers.highs import HighsSolver
from fmhost_storage.warm import Memory, key_of

Drawing = Callable[..., Problem]


def outcome(problem: Problem, memory: Memory | None) -> tuple[bytes, ...]:
    """Everything that a schedule says, as bytes."""
    try:
        found = solve(problem, HighsSolver(), memory=memory)
    except InfeasibleSchedule as error:
        return (str(error).encode(),)
    return told(found)


def told(found: Solution) -> tuple[bytes, ...]:
    arrays = found.power, found.soc, found.site_power, found.cost, *found.deviations
    return (*(array.tobytes() for array in arrays), str(found.commitment_costs).encode())


def later(problem: Problem, seed: int) -> Problem:
    """The same devices and site with other prices, loads, and energy at the start."""
    random = np.random.default_rng(seed)
    site, devices = problem.site, problem.devices
    change = random.choice([0.0, 1.0, 5.0])
    prices = site.consumption_price + change * random.integers(-2, 3, problem.steps)
    start = devices.soc_at_start + random.choice([0.0, 0.1])
    return replace(
        problem,
        site=replace(site, consumption_price=prices),
        devices=replace(devices, soc_at_start=np.minimum(start, devices.soc_max)),
    )


@settings(max_examples=150)
@given(seed=st.integers(0, 2**40), committed=st.booleans(), linked=st.booleans())
def test_a_warm_model_gives_the_bytes_of_a_cold_one(
    draw_problem: Drawing, seed: int, committed: bool, linked: bool
) -> None:
    problem, memory = draw_problem(seed, committed=committed, linked=linked), Memory()
    for round_ in range(3):
        key = key_of("", formulate(problem).model)
        event("warm" if memory.recall(key) is not None else "cold")
        assert outcome(problem, memory) == outcome(problem, None)
        problem = later(problem, seed + round_)


def site_of_cars(seed: int, steps: int = 96) -> Problem:
    """Three like cars and a battery behind one connection, at prices with many ties."""
    random = np.random.default_rng(seed)
    hour = np.arange(steps) // 4
    minima = np.full(steps, np.nan)
    minima[60] = 0.03
    car = Storage(0.011, 0.0, soc_at_start=0.0, soc_min=0.0, soc_max=0.06, soc_minima=minima)
    battery = Storage(0.02, 0.02, 0.01, 0.95, 0.95, soc_min=0.0, soc_max=0.05)
    price = random.integers(2, 6, hour[-1] + 1)[hour] * 10.0
    site = Site.constant(steps, consumption_price=price, consumption_capacity=0.03)
    return Problem(np.full(steps, 0.25), Devices.stack([car, car, car, battery], steps), site)


@pytest.mark.parametrize("seed", range(4))
def test_ties_are_decided_the_same_way_from_wherever_it_starts(seed: int) -> None:
    memory = Memory()
    for other in (seed, seed + 1, seed + 7, seed):
        assert outcome(site_of_cars(other), memory) == outcome(site_of_cars(other), None)


def test_a_warm_start_saves_iterations() -> None:
    model, changed = (formulate(site_of_cars(seed)).model for seed in (0, 1))
    solver = HighsSolver()
    first = solver.solve(model)
    again = solver.solve(model, start=first.basis)
    assert again.iterations == 0
    assert solver.solve(changed, start=first.basis).iterations < solver.solve(changed).iterations


def test_sites_and_structures_do_not_share_a_basis() -> None:
    small, large = (formulate(site_of_cars(0, steps)).model for steps in (64, 96))
    assert len({key_of("a", small), key_of("b", small), key_of("a", large)}) == 3
    assert key_of("a", small) == key_of("a", formulate(site_of_cars(5, 64)).model)


def test_what_was_not_used_for_longest_is_forgotten() -> None:
    memory = Memory(capacity=2)
    for name in (b"first", b"second"):
        memory.keep(name, name)
    assert memory.recall(b"first") == b"first"
    memory.keep(b"third", b"third")
    assert memory.recall(b"second") is None
    assert memory.recall(b"first") == b"first"
    assert len(memory) == 2

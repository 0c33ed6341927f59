"""The schedule is the optimum: against a second formulation, for generated problems.

The second formulation shares nothing with the first but the statement of the problem: it has no
columns for the state of charge (limits are rows over cumulated flows), a binary for every device,
step and site direction, no scaling, no ladder, and another driver.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, event, given, settings
from hypothesis import strategies as st

from fmhost_storage.commitments import Commitment
from fmhost_storage.infeasible import InfeasibleSchedule
from fmhost_storage.model import LinearModel
from fmhost_storage.problem import Devices, Problem, Site, Storage
from fmhost_storage.solution import Solution
from fmhost_storage.solve import solve
from fmhost_storage.solvers import Status
from fmhost_storage.solvers.highs import HighsSolver
from fmhost_storage.solvers.pyomo import PyomoSolver

TOLERANCE = 1e-6


Random = np.random.Generator


def numbers(random: Random, low: float, high: float, steps: int | None = None) -> Any:
    """Numbers with two digits, so that no problem is feasible by a hair."""
    return random.integers(round(low * 100), round(high * 100), steps, endpoint=True) / 100


def set_points(random: Random, top: float, steps: int) -> Any:
    """A limit of the SoC in the second half of the window."""
    values = np.full(steps, np.nan)
    values[random.integers(steps // 2, steps)] = numbers(random, 0.0, top)
    return values


@st.composite
def storages(draw: st.DrawFn, random: Random, steps: int) -> Storage:
    kind = draw(st.sampled_from(["battery", "battery", "charger", "generator", "plain load"]))
    if kind == "plain load":
        return Storage(numbers(random, 0.0, 1.0, steps), 0.0, soc_at_start=None, name=kind)
    soc_max = numbers(random, 0.5, 3.0)
    lossless = draw(st.sampled_from([False, False, True]))
    limit = draw(st.sampled_from(["nothing", "nothing", "minima", "maxima", "targets"]))
    points = {} if limit == "nothing" else {f"soc_{limit}": set_points(random, soc_max, steps)}
    return Storage(
        0.0 if kind == "generator" else numbers(random, 0.0, 2.0, steps),
        0.0 if kind == "charger" else numbers(random, 0.0, 2.0),
        soc_at_start=random.choice([0.0, soc_max, numbers(random, 0.0, soc_max)]),
        charging_efficiency=1.0 if lossless else random.choice([1.0, 0.9, 0.7, 3.0]),
        discharging_efficiency=1.0 if lossless else random.choice([1.0, 0.95, 0.8]),
        storage_efficiency=1.0 if lossless else random.choice([1.0, 0.99, 0.9]),
        gain=draw(st.sampled_from([0.0, numbers(random, -0.05, 0.2, steps)])),
        soc_min=draw(st.sampled_from([0.0, -np.inf])),
        soc_max=soc_max,
        prefer_charging_sooner=draw(st.booleans()),
        name=kind,
        **points,
    )


def soft_limits(random: Random, devices: list[Storage], steps: int, hours: float) -> Any:
    """Soft minima, maxima and targets, on the highest breach and on each, of one device."""
    stores = [d for d, storage in enumerate(devices) if storage.soc_at_start is not None]
    if not stores:
        return []
    quantity = np.where(random.random(steps) < 0.5, numbers(random, 0.0, 3.0, steps), np.nan)
    quantity[-1] = numbers(random, 0.0, 3.0)
    up, down = random.choice([[0, -1], [1, 0], [1, -1]]) * numbers(random, 5, 500)
    price = random.choice([1.0, 1.0, 1000.0])
    return [
        Commitment(
            (f"soc breach {highest}",),
            quantity[None],
            np.full((1, steps), up * price * (1 if highest else hours)),
            np.full((1, steps), down * price * (1 if highest else hours)),
            members=np.array([[random.choice(stores)]], np.int32),
            stock=True,
            highest=highest,
            field="soc-minima",
        )
        for highest in (True, False)
    ]


def flow_commitment(random: Random, devices: list[Storage], steps: int, *, highest: bool) -> Any:
    """Priced deviations of the site, of one device, or of two together."""
    up, down = numbers(random, -5, 30, steps), numbers(random, -30, 5, steps)
    if highest:
        up, down = np.maximum(up, 0) * 3, np.minimum(down, 0) * random.choice([0, 1])
    members = None
    if random.random() < 0.5:
        count = random.integers(1, min(2, len(devices)), endpoint=True)
        members = random.permutation(len(devices))[:count][None].astype(np.int32)
    quantity = numbers(random, -1.0, 1.0, steps)
    quantity[random.random(steps) < 0.2] = np.nan
    return Commitment(("flow",), quantity[None], up[None], down[None], members, highest=highest)


@st.composite
def problems(draw: st.DrawFn, committed: bool = False) -> Problem:
    random = np.random.default_rng(draw(st.integers(0, 2**32)))
    steps = draw(st.sampled_from([1, 2, 4, 6, 8]))
    devices = [draw(storages(random, steps)) for _ in range(draw(st.integers(1, 3)))]
    prices = draw(st.sampled_from([(5, 50), (-20, 20), (-20, -5), (10, 10), (0, 0)]))
    consumption = numbers(random, *prices, steps)
    production = {
        "same": consumption,
        "lower": consumption - 3.0,
        "higher": consumption + 3.0,
        "zero": np.zeros(steps),
        "anything": numbers(random, -20, 20, steps),
    }[draw(st.sampled_from(["same", "lower", "higher", "zero", "anything"]))]
    low, high = draw(st.sampled_from([(0, 0), (0, 2), (-3, 0)]))
    limited = draw(st.sampled_from([False, False, True]))
    site = Site.constant(
        steps,
        consumption_price=consumption,
        production_price=production,
        consumption_capacity=numbers(random, 2.0, 4.0) if limited else np.inf,
        production_capacity=numbers(random, 1.0, 4.0) if limited else np.inf,
        inflexible_power=numbers(random, low, high, steps),
    )
    hours = draw(st.sampled_from([1.0, 0.25, 1 / 12]))
    kinds = ["soft", "peak", "energy"]
    chosen = draw(st.sets(st.sampled_from(kinds), min_size=1)) if committed else set()
    commitments = soft_limits(random, devices, steps, hours) if "soft" in chosen else []
    for kind in sorted(chosen - {"soft"}):
        commitments.append(flow_commitment(random, devices, steps, highest=kind == "peak"))
    return Problem(
        np.full(steps, hours),
        Devices.stack(devices, steps),
        site,
        commitments=tuple(commitments),
    )


def second_formulation(problem: Problem) -> LinearModel:
    """The problem as a dense mixed-integer model, written down coefficient by coefficient."""
    devices, site = problem.devices, problem.site
    count, steps = devices.gain.shape
    up = lambda d, t: (d * steps + t) * 3  # noqa: E731
    direction, import_, export, site_direction = 2, *(count * steps * 3 + k for k in range(3))
    columns = (count + 1) * steps * 3
    rows: list[tuple[dict[int, float], float, float]] = []
    lower, upper, cost = np.zeros(columns), np.ones(columns), np.zeros(columns)
    stocks: dict[tuple[int, int], tuple[dict[int, float], float]] = {}
    for d in range(count):
        flows: dict[int, float] = {}
        held = devices.soc_at_start[d]
        for t in range(steps):
            most_up, most_down = (
                devices.consumption_capacity[d, t],
                devices.production_capacity[d, t],
            )
            upper[up(d, t)], upper[up(d, t) + 1] = most_up, most_down
            rows.append(({up(d, t): 1, up(d, t) + direction: -most_up}, -np.inf, 0.0))
            rows.append(({up(d, t) + 1: 1, up(d, t) + direction: most_down}, -np.inf, most_down))
            if np.isnan(held):
                continue
            eps = devices.storage_efficiency[d, t]
            mean = 1.0 if eps == 1 else (eps - 1) / np.log(eps)
            flows = {column: value * eps for column, value in flows.items()}
            flows[up(d, t)] = problem.hours[t] * mean * devices.charging_efficiency[d, t]
            flows[up(d, t) + 1] = -problem.hours[t] * mean / devices.discharging_efficiency[d, t]
            held = eps * held + problem.hours[t] * mean * devices.gain[d, t]
            stocks[d, t] = flows, held
            floor = np.fmax(devices.soc_minima[d, t], devices.soc_min[d])
            ceiling = np.fmin(devices.soc_maxima[d, t], devices.soc_max[d])
            rows.append((flows, floor - held, ceiling - held))
            if not np.isnan(devices.soc_targets[d, t]):
                exact = devices.soc_targets[d, t] - held
                rows.append((flows, exact, exact))
    for t in range(steps):
        bound = abs(site.inflexible_power[t]) + 2.0 * count + 1.0
        upper[import_ + 3 * t] = min(bound, site.consumption_capacity[t])
        upper[export + 3 * t] = min(bound, site.production_capacity[t])
        cost[import_ + 3 * t] = site.consumption_price[t] * problem.hours[t]
        cost[export + 3 * t] = -site.production_price[t] * problem.hours[t]
        rows.append(({import_ + 3 * t: 1, site_direction + 3 * t: -bound}, -np.inf, 0.0))
        rows.append(({export + 3 * t: 1, site_direction + 3 * t: bound}, -np.inf, bound))
        balance = {import_ + 3 * t: 1.0, export + 3 * t: -1.0}
        for d in range(count):
            balance |= {up(d, t): -1.0, up(d, t) + 1: 1.0}
        rows.append((balance, site.inflexible_power[t], site.inflexible_power[t]))
    integer = np.arange(columns) % 3 == 2

    def measured(each: Commitment, t: int) -> tuple[dict[int, float], float]:
        if each.members is None:
            return {import_ + 3 * t: 1.0, export + 3 * t: -1.0}, 0.0
        if each.stock:
            return stocks[each.members[0, 0], t]
        flows = {}
        for d in each.members[0]:
            flows |= {up(d, t): 1.0, up(d, t) + 1: -1.0}
        return flows, 0.0

    def column(price: float, most: float = np.inf, whole: bool = False) -> int:
        nonlocal lower, upper, cost, integer, columns
        lower, upper = np.append(lower, 0.0), np.append(upper, most)
        cost, integer = np.append(cost, price), np.append(integer, whole)
        columns += 1
        return columns - 1

    for each in problem.commitments:
        peaks = [column(1.0), column(1.0)] if each.highest else []
        for t in range(steps):
            if np.isnan(each.quantity[0, t]):
                continue
            flows, fixed = measured(each, t)
            exact = each.quantity[0, t] - fixed
            up_price, down_price = each.up_price[0, t], each.down_price[0, t]
            most = 20.0 + np.abs(site.inflexible_power[t])
            above = column(0.0 if each.highest else up_price, most)
            below = column(0.0 if each.highest else -down_price, most)
            either = column(0.0, 1.0, whole=True)
            rows.append((flows | {above: -1.0, below: 1.0}, exact, exact))
            rows.append(({above: 1.0, either: -most}, -np.inf, 0.0))
            rows.append(({below: 1.0, either: most}, -np.inf, most))
            if each.highest:
                rows.append(({above: up_price, peaks[0]: -1.0}, -np.inf, 0.0))
                rows.append(({below: -down_price, peaks[1]: -1.0}, -np.inf, 0.0))
    matrix = np.zeros((len(rows), columns))
    for number, (entries, _, _) in enumerate(rows):
        for column, value in entries.items():
            matrix[number, column] = value
    owners, indices = np.nonzero(matrix.T)
    return LinearModel(
        cost=cost,
        starts=np.searchsorted(owners, np.arange(columns + 1)).astype(np.int32),
        indices=indices.astype(np.int32),
        values=matrix.T[owners, indices],
        row_lower=np.array([low for _, low, _ in rows]),
        row_upper=np.array([high for _, _, high in rows]),
        column_lower=lower,
        column_upper=upper,
        integer=integer,
    )


def check_laws(problem: Problem, solution: Solution) -> None:
    """Balances and bounds, recomputed step by step."""
    devices, site = problem.devices, problem.site
    power, total = solution.power, solution.site_power
    assert np.all(power <= devices.consumption_capacity + TOLERANCE)
    assert np.all(power >= -devices.production_capacity - TOLERANCE)
    assert np.all(total <= site.consumption_capacity + TOLERANCE)
    assert np.all(total >= -site.production_capacity - TOLERANCE)
    np.testing.assert_allclose(total, power.sum(axis=0) + site.inflexible_power, atol=1e-12)
    for d in range(len(devices.names)):
        if np.isnan(devices.soc_at_start[d]):
            assert np.isnan(solution.soc[d]).all()
            continue
        soc = devices.soc_at_start[d]
        for t, p in enumerate(power[d]):
            eps = devices.storage_efficiency[d, t]
            mean = 1.0 if eps == 1 else (eps - 1) / np.log(eps)
            charged = max(p, 0.0) * devices.charging_efficiency[d, t]
            drawn = max(-p, 0.0) / devices.discharging_efficiency[d, t]
            soc = eps * soc + mean * problem.hours[t] * (charged - drawn + devices.gain[d, t])
            assert solution.soc[d, t + 1] == pytest.approx(soc, abs=1e-9)
            for floor in (devices.soc_min[d], devices.soc_minima[d, t], devices.soc_targets[d, t]):
                assert np.isnan(floor) or soc >= floor - TOLERANCE
            for top in (devices.soc_max[d], devices.soc_maxima[d, t], devices.soc_targets[d, t]):
                assert np.isnan(top) or soc <= top + TOLERANCE
    prices = np.where(total > 0, site.consumption_price, site.production_price)
    np.testing.assert_allclose(solution.cost, total * prices * problem.hours, atol=1e-9)
    committed = sum(priced(problem, each, solution) for each in problem.commitments)
    found = sum(solution.commitment_costs.values())
    assert found == pytest.approx(committed, rel=1e-6, abs=1e-4)


def priced(problem: Problem, each: Commitment, solution: Solution) -> float:
    """What one commitment of a solution costs, recomputed step by step."""
    paid, dearest_up, dearest_down = 0.0, 0.0, 0.0
    for t in range(problem.steps):
        if each.members is None:
            flow = solution.site_power[t]
        elif each.stock:
            flow = solution.soc[each.members[0, 0], t + 1]
        else:
            flow = sum(solution.power[d, t] for d in each.members[0])
        if np.isnan(each.quantity[0, t]):
            continue
        deviation = flow - each.quantity[0, t]
        price = each.up_price[0, t] if deviation > 0 else each.down_price[0, t]
        paid += price * deviation
        if deviation > 0:
            dearest_up = max(dearest_up, price * deviation)
        else:
            dearest_down = max(dearest_down, price * deviation)
    return dearest_up + dearest_down if each.highest else paid


@settings(
    max_examples=300,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
)
@given(problems())
def test_cost_equals_that_of_a_second_formulation_on_another_driver(problem: Problem) -> None:
    compare(problem)


@settings(
    max_examples=300,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
)
@given(problems(committed=True))
def test_commitments_cost_what_a_second_formulation_says(problem: Problem) -> None:
    compare(problem)


def compare(problem: Problem) -> None:
    """Both formulations, each on its driver, find the same cost, or none."""
    second = PyomoSolver("appsi_highs").solve(second_formulation(problem))
    if second.status is Status.INFEASIBLE:
        event("infeasible")
        with pytest.raises(InfeasibleSchedule) as refusal:
            solve(problem, HighsSolver())
        assert refusal.value.conflict.demands
        return
    assert second.objective is not None
    solution = solve(problem, HighsSolver())
    event(f"rung: {solution.rung}")
    check_laws(problem, solution)
    largest_step = np.abs(solution.cost).max()
    if problem.commitments:
        largest_step = max(largest_step, *map(abs, solution.commitment_costs.values()))
    allowed = 1e-6 * max(abs(second.objective), largest_step, 1e-3)
    assert solution.total_cost == pytest.approx(second.objective, abs=allowed)


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(problems())
def test_both_drivers_give_the_same_cost_for_the_same_problem(problem: Problem) -> None:
    costs = []
    for solver in (HighsSolver(), PyomoSolver("appsi_highs")):
        try:
            costs.append(solve(problem, solver).total_cost)
        except InfeasibleSchedule:
            costs.append(np.inf)
    assert costs[1] == pytest.approx(costs[0], rel=1e-6, abs=1e-7)

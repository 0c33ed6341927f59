"""Reasons, margins and limits of schedules, and what other choices would cost."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from fmhost.plugin import InvalidInput
from fmhost_storage.commitments import Commitment
from fmhost_storage.formulation import formulate
from fmhost_storage.infeasible import InfeasibleSchedule
from fmhost_storage.limits import binding_limits
from fmhost_storage.links import FlowLimit, Links
from fmhost_storage.problem import Devices, Problem, Site, Storage
from fmhost_storage.reasons import Action, Reason, reasons_of
from fmhost_storage.solution import Rung
from fmhost_storage.solve import solve
from fmhost_storage.solvers import Status
from fmhost_storage.solvers.highs import HighsSolver
from fmhost_storage.solvers.pyomo import PyomoSolver
from fmhost_storage.why import by_commodity
from fmhost_storage.why_not import answer, forced
from fmhost_storage.why_text import reason_text

STEPS = 6
CHEAP_THEN_DEAR = np.repeat([10.0, 50.0], STEPS // 2)


def problem(*storages: Storage, commitments: tuple = (), **site: object) -> Problem:
    return Problem(
        np.full(STEPS, 0.5),
        Devices.stack(storages, STEPS),
        Site.constant(STEPS, **({"consumption_price": CHEAP_THEN_DEAR} | site)),  # type: ignore[arg-type]
        commitments=commitments,
    )


def battery(**fields: object) -> Storage:
    standard: dict[str, object] = {
        "consumption_capacity": 1.0,
        "production_capacity": 1.0,
        "soc_at_start": 0.0,
        "soc_min": 0.0,
        "soc_max": 1.0,
        "charging_efficiency": 0.9,
        "discharging_efficiency": 0.9,
        "power_capacity": 1.0,
        "name": "battery",
    }
    return Storage(**(standard | fields))  # type: ignore[arg-type]


def told(subject: Problem, device: int = 0) -> list[tuple[Action, Reason]]:
    """What a device does and why, each stretch once."""
    found = reasons_of(subject, solve(subject, HighsSolver()))
    pairs = zip(found.action[device].tolist(), found.reason[device].tolist(), strict=True)
    every = [(Action(action), Reason(reason)) for action, reason in pairs]
    return [each for n, each in enumerate(every) if n == 0 or each != every[n - 1]]


def tick(number: int, value: float) -> np.ndarray:
    points = np.full(STEPS, np.nan)
    points[number - 1] = value
    return points


# Reasons


def test_buying_cheap_and_selling_dear() -> None:
    subject = problem(battery())
    found = reasons_of(subject, solve(subject, HighsSolver()))
    assert told(subject)[0] == (Action.CHARGE, Reason.PRICE)
    assert told(subject)[1:] == [(Action.IDLE, Reason.FULL), (Action.DISCHARGE, Reason.PRICE)]
    assert (found.now[0, 0], found.later[0, 0]) == pytest.approx((10.0, 50.0))


def test_charging_for_a_target_and_making_room_for_one() -> None:
    assert (Action.CHARGE, Reason.TARGET) in told(
        problem(battery(production_capacity=0.0, soc_targets=tick(3, 0.8)))
    )
    assert (Action.DISCHARGE, Reason.TARGET) in told(
        problem(
            battery(consumption_capacity=0.0, soc_at_start=0.9, soc_maxima=tick(3, 0.4)),
            consumption_price=1.0,
            production_price=-5.0,
        )
    )


def test_storing_a_surplus_and_serving_own_demand() -> None:
    power = np.repeat([-0.8, 0.8], STEPS // 2)
    found = told(
        problem(battery(), inflexible_power=power, consumption_price=30.0, production_price=5.0)
    )
    assert found[0] == (Action.CHARGE, Reason.SELF_CONSUMPTION)
    assert (Action.DISCHARGE, Reason.SELF_CONSUMPTION) in found


def test_keeping_a_peak_low() -> None:
    load = np.array([[0.0, 0.0, 0.0, 0.8, 0.8, 0.0]])
    nothing = np.zeros((1, STEPS))
    peak = Commitment(("peak",), nothing, nothing + 100.0, nothing, highest=True)
    subject = problem(
        battery(), inflexible_power=load[0], consumption_price=10.0, commitments=(peak,)
    )
    assert (Action.DISCHARGE, Reason.PEAK) in told(subject)


def test_keeping_within_a_capacity() -> None:
    load = np.array([0.0, 0.0, 0.0, 0.0, 1.2, 1.2])
    subject = problem(
        battery(),
        inflexible_power=load,
        consumption_price=10.0,
        consumption_capacity=1.0,
        power_capacity=1.0,
    )
    assert (Action.DISCHARGE, Reason.CAPACITY) in told(subject)
    fields = {each.field for each in binding_limits(subject, solve(subject, HighsSolver()))}
    assert "site-power-capacity" in fields


def test_making_up_for_usage() -> None:
    subject = problem(
        battery(production_capacity=0.0, gain=-0.2), consumption_price=np.linspace(10, 20, STEPS)
    )
    assert told(subject)[0] == (Action.CHARGE, Reason.USAGE)


def test_devices_that_store_nothing() -> None:
    roof = Storage(0.0, np.array([0.0, 1, 1, 1, 1, 1]), soc_at_start=None, name="roof")
    found = told(problem(roof, production_capacity=0.5))
    assert found == [
        (Action.IDLE, Reason.OFF),
        (Action.PRODUCE, Reason.CAPACITY),
    ]
    assert told(problem(roof)) == [(Action.IDLE, Reason.OFF), (Action.PRODUCE, Reason.PRICE)]


def test_devices_elsewhere_do_what_others_need() -> None:
    made = problem(battery(), battery(name="tank"))
    assert {reason for _, reason in told(replace(made, links=Links(frozenset({1}))), 1)} == {
        Reason.LINK
    }


def test_without_a_proof_there_are_actions_alone() -> None:
    subject = problem(battery())
    solution = replace(solve(subject, HighsSolver()), margins=None)
    assert set(reasons_of(subject, solution).reason.ravel()) == {Reason.UNKNOWN}
    assert binding_limits(subject, solution) == []


@pytest.mark.parametrize("action", Action)
@pytest.mark.parametrize("reason", Reason)
def test_every_reason_has_a_sentence(action: Action, reason: Reason) -> None:
    for later in (None, 3.0):
        text = reason_text(action, reason, 1.0, later, "EUR")
        assert text.endswith(".")
        assert "{" not in text


# Limits


def test_limits_are_worth_what_loosening_them_saves() -> None:
    subject = problem(battery())
    base = solve(subject, HighsSolver()).total_cost
    limits = {each.field: each for each in binding_limits(subject, solve(subject, HighsSolver()))}
    more = solve(problem(battery(soc_max=1.01)), HighsSolver()).total_cost
    assert base - more == pytest.approx(0.01 * limits["soc-max"].worth)
    assert limits["soc-max"].last > limits["soc-max"].first  # as long as it is full


# Margins


def random_problem(random: np.random.Generator) -> Problem:
    price = np.round(random.uniform(5, 90, STEPS), 1)
    load = np.round(random.uniform(-0.8, 1.2, STEPS), 2)
    devices = [
        battery(soc_at_start=0.4, soc_minima=tick(4, round(random.uniform(0.1, 0.8), 2))),
        battery(
            production_capacity=0.0,
            consumption_capacity=0.7,
            power_capacity=0.7,
            soc_targets=tick(6, round(random.uniform(0.3, 0.9), 2)),
            storage_efficiency=0.98,
            name="car",
        ),
    ]
    return problem(
        *devices,
        consumption_price=price,
        production_price=price - random.uniform(0, 8),
        inflexible_power=load,
        consumption_capacity=2.6,
    )


def with_load(subject: Problem, step: int, more: float) -> Problem:
    load = subject.site.inflexible_power.copy()
    load[step] += more
    return replace(subject, site=replace(subject.site, inflexible_power=load))


def with_gain(subject: Problem, device: int, step: int, more: float) -> Problem:
    gain = subject.devices.gain.copy()
    gain[device, step] += more
    return replace(subject, devices=replace(subject.devices, gain=gain))


def test_margins_are_slopes_of_the_least_cost() -> None:
    random, size, seen = np.random.default_rng(3), 0.001, 0
    for _ in range(25):
        subject = random_problem(random)
        solution = solve(subject, HighsSolver())
        if solution.rung is not Rung.LINEAR:
            continue
        assert solution.margins is not None
        step = int(random.integers(STEPS))
        kept = 1.0 if subject.devices.storage_efficiency[0, step] == 1 else 0.0
        for more in (size, -size):
            slope = solution.margins.site[step] * subject.hours[step] * more
            other = solve(with_load(subject, step, more), HighsSolver()).total_cost
            # The least cost is convex, so that every tangent lies below it.
            assert other >= solution.total_cost + slope - 1e-7
            worth = solution.margins.worth[0, step] * kept * subject.hours[step] * more
            try:
                other = solve(with_gain(subject, 0, step, more), HighsSolver()).total_cost
            except InfeasibleSchedule:
                continue
            assert other >= solution.total_cost - worth - 1e-7
            seen += 1
    assert seen > 20


# Why not


def independent_cost(subject: Problem, device: int, step: int, power: float) -> float | None:
    """The least cost with the flows of a device fixed in the matrix, by another driver."""
    made = formulate(subject, exclusive=subject.devices.two_way, leanly=False)
    lower, upper = made.model.column_lower.copy(), made.model.column_upper.copy()
    for columns, flow in ((made.charge, max(power, 0.0)), (made.discharge, max(-power, 0.0))):
        column = int(columns[device, step])
        if column >= 0:
            lower[column] = upper[column] = flow / made.scale.power
    model = replace(made.model, column_lower=lower, column_upper=upper)
    result = PyomoSolver("appsi_highs").solve(model)
    if result.status is Status.INFEASIBLE:
        return None
    assert result.objective is not None
    return result.objective * made.scale.money


def test_the_difference_is_that_of_an_independent_solution() -> None:
    random, possible = np.random.default_rng(9), 0
    for _ in range(40):
        subject = random_problem(random)
        device, step = int(random.integers(2)), int(random.integers(STEPS))
        up = subject.devices.consumption_capacity[device, step]
        down = subject.devices.production_capacity[device, step]
        power = round(float(random.uniform(-down, up)), 3)
        found = answer(subject, HighsSolver(), device, step, power, currency="EUR")
        other = independent_cost(subject, device, step, power)
        assert found["possible"] == (other is not None)
        if other is not None:
            possible += 1
            difference = other - solve(subject, HighsSolver()).total_cost
            assert found["cost-difference"] == pytest.approx(difference, abs=1e-6)
            assert found["cost-difference"] >= -1e-7
    assert possible > 20


def test_the_price_at_which_it_would_be_as_good() -> None:
    subject = problem(battery())
    found = answer(subject, HighsSolver(), 0, 4, 1.0, currency="EUR")
    assert found["cost-difference"] > 0
    price = CHEAP_THEN_DEAR.copy()
    price[4] += found["price-change"]
    cheaper = problem(battery(), consumption_price=price)
    base = solve(subject, HighsSolver()).power
    power = solve(forced(subject, 0, 4, 1.0), HighsSolver()).power
    costs = [float((each.sum(axis=0) * price).sum()) for each in (base, power)]
    assert costs[0] == pytest.approx(costs[1], abs=1e-6)
    assert solve(cheaper, HighsSolver()).total_cost <= costs[1] / 2 + 1e-6


def test_what_is_scheduled_anyway_costs_nothing() -> None:
    subject = problem(battery())
    power = float(solve(subject, HighsSolver()).power[0, 0])
    found = answer(subject, HighsSolver(), 0, 0, power, currency="EUR")
    assert found["cost-difference"] == pytest.approx(0.0, abs=1e-9)
    assert "costs as much as what is scheduled" in found["text"]
    assert found["changes"] == []


def test_what_others_do_instead_is_told() -> None:
    two = problem(battery(name="first"), battery(name="second"), consumption_capacity=1.0)
    found = answer(two, HighsSolver(), 0, 0, 0.0, currency="EUR")
    assert {each["device"] for each in found["changes"]} <= {"first", "second"}
    assert found["changes"]


def test_a_power_beyond_the_capacity_is_refused() -> None:
    with pytest.raises(InvalidInput, match="can consume at most 1 MW") as caught:
        forced(problem(battery()), 0, 0, 1.5)
    assert caught.value.field == "power"


def test_other_limits_stay_in_force() -> None:
    subject = problem(battery(name="first"), battery(name="second"))
    everyone = np.array([0, 1], np.int32)
    none = np.full(STEPS, -np.inf)
    limit = FlowLimit("group", "power-capacity", everyone, none, np.full(STEPS, 1.2))
    subject = replace(subject, links=Links(limits=(limit,)))
    power = solve(forced(subject, 0, 1, 0.9), HighsSolver()).power
    assert power[0, 1] == pytest.approx(0.9)
    assert power[:, 1].sum() <= 1.2 + 1e-7


def test_costs_by_commodity() -> None:
    costs = {
        "electricity net energy": 1.0,
        "electricity consumption peak": 2.0,
        "heat net energy": 4.0,
        "any soc minima": 8.0,
    }
    assert by_commodity(costs) == {"electricity": 3.0, "heat": 4.0, "other": 8.0}


def test_the_page_explains_every_action_and_reason() -> None:
    page = (Path(__file__).parents[3] / "docs/scheduling/why.md").read_text("utf-8")
    told = set(re.findall(r"`([a-z-]+)`", page))
    for each in (*Reason, *Action):
        assert each.name.lower().replace("_", "-") in told


def test_where_binaries_were_needed_reasons_are_those_of_the_directions() -> None:
    subject = problem(
        battery(soc_at_start=0.6, gain=-0.1),
        consumption_price=np.array([-50.0, -40.0, -60.0, 20.0, 30.0, 10.0]),
    )
    solution = solve(subject, HighsSolver())
    assert solution.rung in (Rung.PARTIAL, Rung.FULL)
    assert solution.margins is not None
    np.testing.assert_allclose(solution.margins.site, subject.site.consumption_price, atol=1e-6)
    assert told(subject)[0][0] in (Action.CHARGE, Action.IDLE)
    unknown = reasons_of(subject, solution).reason == Reason.UNKNOWN
    assert not unknown.any()

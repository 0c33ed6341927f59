from __future__ import annotations

from datetime import UTC, datetime

import numpy as np
import pytest

from fmhost.plugin import InfeasibleProblem
from fmhost_storage.feasibility import (
    InfeasibleSchedule,
    Issue,
    contradictions,
    unreachable,
)
from fmhost_storage.problem import Devices, Problem, Site, Storage
from fmhost_storage.solve import solve
from fmhost_storage.solvers.highs import HighsSolver

STEPS = 8
PREAMBLE = (
    "The input data yields an infeasible problem. "
    "Constraint validation has found the following issues:"
)


def at(tick: int, value: float) -> np.ndarray:
    points = np.full(STEPS, np.nan)
    points[tick - 1] = value
    return points


def battery(**fields: object) -> Storage:
    standard: dict[str, object] = {
        "consumption_capacity": 1.0,
        "production_capacity": 1.0,
        "soc_at_start": 1.0,
        "soc_min": 0.2,
        "soc_max": 2.0,
        "name": "battery",
    }
    return Storage(**(standard | fields))  # type: ignore[arg-type]


def problem(*storages: Storage, **site: object) -> Problem:
    return Problem(
        np.full(STEPS, 0.25),
        Devices.stack(storages, STEPS),
        Site.constant(STEPS, **({"consumption_price": 10.0} | site)),  # type: ignore[arg-type]
        start=datetime(2026, 3, 4, 6, tzinfo=UTC),
    )


def refusal(subject: Problem) -> tuple[str, tuple[Issue, ...]]:
    with pytest.raises(InfeasibleSchedule) as caught:
        solve(subject, HighsSolver())
    assert isinstance(caught.value, InfeasibleProblem)
    assert str(caught.value).startswith(PREAMBLE)
    return str(caught.value), caught.value.issues


def test_a_sound_problem_has_no_issues() -> None:
    subject = problem(battery(soc_targets=at(8, 2.0), soc_minima=at(4, 1.9)))
    assert contradictions(subject) == []
    assert unreachable(subject) == []


def test_floor_above_ceiling_is_said_once() -> None:
    message, issues = refusal(problem(battery(soc_min=2.5)))
    assert "battery: soc-min (2.5 MWh) exceeds soc-max (2 MWh)." in message
    assert [issue.field for issue in issues].count("soc-min") == 1


def test_a_minimum_above_a_maximum_names_both_fields_and_the_time() -> None:
    message, issues = refusal(problem(battery(soc_minima=at(4, 1.5), soc_maxima=at(4, 1.2))))
    assert (
        "battery: soc-minima (1.5 MWh) exceeds soc-maxima (1.2 MWh) at 2026-03-04T07:00:00+00:00."
    ) in message
    assert (issues[0].field, issues[0].device, issues[0].step) == ("soc-minima", 0, 4)
    assert (issues[0].value, issues[0].limit) == (1.5, 1.2)


def test_a_target_outside_the_limits() -> None:
    message, _ = refusal(problem(battery(soc_targets=at(8, 2.2))))
    assert "soc-targets (2.2 MWh) exceeds soc-max (2 MWh)" in message


@pytest.mark.parametrize(
    ("start", "words"),
    [
        (0.1, "soc-at-start (0.1 MWh) is below soc-min (0.2 MWh)"),
        (2.1, "soc-at-start (2.1 MWh) is above soc-max (2 MWh)"),
    ],
)
def test_a_start_outside_the_limits(start: float, words: str) -> None:
    message, issues = refusal(problem(battery(soc_at_start=start)))
    assert words in message
    assert issues[0].field == "soc-at-start"


def test_a_target_beyond_the_power_capacity_says_how_far_it_gets() -> None:
    lossy = battery(soc_targets=at(2, 1.6), charging_efficiency=0.8)
    message, issues = refusal(problem(lossy))
    assert "battery: soc-targets (1.6 MWh) cannot be met at 2026-03-04T06:30:00+00:00" in message
    assert issues[0].limit == pytest.approx(1.0 + 2 * 0.25 * 0.8)


def test_consecutive_targets_too_far_apart() -> None:
    both = at(4, 1.0)
    both[7] = 0.2
    slow = battery(soc_targets=both, production_capacity=0.5, discharging_efficiency=0.9)
    message, issues = refusal(problem(slow))
    assert "discharging at full power" in message
    assert [issue.step for issue in issues] == [8]
    assert issues[0].limit == pytest.approx(1.0 - 4 * 0.25 * 0.5 / 0.9)


def test_usage_that_empties_the_store() -> None:
    _, issues = refusal(problem(battery(consumption_capacity=0.0, gain=-1.0)))
    assert issues[0].field == "soc-min"
    assert issues[0].step == 4


def test_loss_while_waiting_counts() -> None:
    leaking = battery(
        consumption_capacity=0.0, storage_efficiency=0.9, soc_minima=at(2, 0.9), soc_max=2.0
    )
    _, issues = refusal(problem(leaking))
    assert issues[0].limit == pytest.approx(0.81)


def test_inflexible_load_above_the_site_capacity() -> None:
    load = np.zeros(STEPS)
    load[3] = 5.0
    message, issues = refusal(problem(battery(), inflexible_power=load, consumption_capacity=3.0))
    assert "site-consumption-capacity (3 MW) is exceeded at 2026-03-04T06:45:00+00:00" in message
    assert (issues[0].device, issues[0].step, issues[0].limit) == (None, 3, 4.0)


def test_surplus_above_the_site_capacity() -> None:
    _, issues = refusal(problem(battery(), inflexible_power=-5.0, production_capacity=3.0))
    assert issues[0].field == "site-production-capacity"
    assert len(issues) == STEPS


def test_limits_that_conflict_only_together_get_a_smallest_repair() -> None:
    cars = [battery(soc_targets=at(4, 2.0), name=f"car {n}") for n in (1, 2)]
    subject = problem(*cars, consumption_capacity=1.9)
    assert contradictions(subject) == []
    assert unreachable(subject) == []
    message, issues = refusal(subject)
    assert "cannot be met" in message or "cannot be kept" in message
    short = sum(abs(issue.value - issue.limit) for issue in issues)
    # 2 MWh are asked for, 1.9 fit through the connection within the hour.
    assert short == pytest.approx(0.1, abs=1e-6)


def test_a_surplus_that_only_burning_could_get_rid_of() -> None:
    lossy = battery(
        charging_efficiency=0.8, discharging_efficiency=0.8, soc_at_start=1.9, soc_max=2.0
    )
    subject = problem(lossy, inflexible_power=-2.0, production_capacity=1.8)
    _, issues = refusal(subject)
    assert {issue.field for issue in issues} <= {"soc-max", "site-production-capacity"}


def test_a_long_list_is_cut_short_in_the_message_only() -> None:
    stores = [battery(soc_at_start=3.0, name=f"store {n}") for n in range(15)]
    message, issues = refusal(problem(*stores))
    assert message.count("\n- store") == 10
    assert f"- and {len(issues) - 10} more." in message

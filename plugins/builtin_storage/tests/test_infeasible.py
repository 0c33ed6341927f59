from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime

import numpy as np
import pytest

from fmhost.plugin import InfeasibleProblem
from fmhost_storage.conflict import find_conflict, is_contradictory
from fmhost_storage.infeasible import InfeasibleSchedule
from fmhost_storage.links import Bands, Coupling, FlowLimit, Links, Ramp
from fmhost_storage.problem import Devices, Problem, Site, Storage
from fmhost_storage.repaired import repaired
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


def refusal(subject: Problem) -> InfeasibleSchedule:
    with pytest.raises(InfeasibleSchedule) as caught:
        solve(subject, HighsSolver())
    error = caught.value
    assert isinstance(error, InfeasibleProblem)
    assert str(error).startswith(PREAMBLE)
    assert error.conflict.is_minimal
    json.dumps(error.details, allow_nan=False)
    # The repair is what it says: with it, there is a schedule.
    solve(repaired(subject, error.conflict.changes), HighsSolver())
    return error


def fields(error: InfeasibleSchedule) -> list[str]:
    return [demand.field for demand in error.conflict.demands]


def test_a_sound_problem_is_no_contradiction() -> None:
    subject = problem(battery(soc_targets=at(8, 2.0), soc_minima=at(4, 1.9)))
    assert not is_contradictory(subject)
    solve(subject, HighsSolver())


def test_a_floor_above_the_ceiling_is_said_once() -> None:
    error = refusal(problem(battery(soc_min=2.5, soc_at_start=2.5)))
    assert "battery: soc-max (2 MWh)" in error.message
    assert len(fields(error)) == 2
    (change,) = error.details["repair"]
    assert abs(change["to"] - change["from"]) == pytest.approx(0.5)


def test_a_minimum_above_a_maximum_names_both_fields_and_the_time() -> None:
    error = refusal(problem(battery(soc_minima=at(4, 1.5), soc_maxima=at(4, 1.2))))
    assert (
        "battery: soc-minima (1.5 MWh at 2026-03-04T07:00:00+00:00); and battery: soc-maxima "
        "(1.2 MWh at 2026-03-04T07:00:00+00:00) cannot hold together."
    ) in error.message
    assert error.field == "soc-minima"
    assert error.details["conflict"][0] == {
        "field": "soc-minima",
        "device": "battery",
        "start": "2026-03-04T07:00:00+00:00",
        "end": "2026-03-04T07:00:00+00:00",
        "unit": "MWh",
        "value": 1.5,
    }
    (change,) = error.details["repair"]
    assert abs(change["to"] - change["from"]) == pytest.approx(0.3, abs=1e-8)


def test_a_target_outside_the_limits_moves_rather_than_the_limit() -> None:
    error = refusal(problem(battery(soc_targets=at(8, 2.2))))
    assert fields(error) == ["soc-targets", "soc-max"]
    assert (
        "The smallest change with which there is a schedule: battery: soc-targets of 2 MWh "
        "instead of 2.2 MWh at 2026-03-04T08:00:00+00:00."
    ) in error.message


@pytest.mark.parametrize(("start", "limit"), [(0.1, "soc-min"), (2.1, "soc-max")])
def test_a_start_outside_the_limits(start: float, limit: str) -> None:
    error = refusal(problem(battery(soc_at_start=start)))
    assert fields(error) == [limit, "soc-at-start"]


def test_a_target_beyond_the_power_capacity_says_how_far_it_gets() -> None:
    lossy = battery(soc_targets=at(2, 1.6), charging_efficiency=0.8, power_capacity=1.0)
    error = refusal(problem(lossy))
    assert fields(error) == ["soc-targets", "soc-at-start", "power-capacity"]
    assert (
        "battery: soc-at-start (1 MWh at 2026-03-04T06:00:00+00:00); and battery: power-capacity "
        "(1 MW from 2026-03-04T06:00:00+00:00 to 2026-03-04T06:30:00+00:00)"
    ) in error.message
    assert error.details["repair"][0]["to"] == pytest.approx(1.0 + 2 * 0.25 * 0.8)


def test_consecutive_targets_too_far_apart() -> None:
    both = at(4, 1.0)
    both[7] = 0.2
    slow = battery(soc_targets=both, production_capacity=0.5, discharging_efficiency=0.9)
    error = refusal(problem(slow))
    assert fields(error) == ["soc-targets", "soc-targets", "production-capacity"]
    (change,) = error.details["repair"]
    assert abs(change["to"] - change["from"]) == pytest.approx(0.8 - 4 * 0.25 * 0.5 / 0.9)


def test_usage_that_empties_the_store() -> None:
    error = refusal(problem(battery(consumption_capacity=0.0, gain=-1.0)))
    assert fields(error) == ["soc-min", "soc-at-start", "consumption-capacity", "soc-usage"]
    # The fourth quarter is the first one for which there is too little.
    assert error.details["conflict"][-1]["end"] == "2026-03-04T07:00:00+00:00"


def test_loss_while_waiting_counts() -> None:
    leaking = battery(
        consumption_capacity=0.0, storage_efficiency=0.9, soc_minima=at(2, 0.9), soc_max=2.0
    )
    (change,) = refusal(problem(leaking)).details["repair"]
    assert change["to"] == pytest.approx(0.81)


def test_inflexible_load_above_the_site_capacity() -> None:
    load = np.zeros(STEPS)
    load[3] = 5.0
    error = refusal(problem(battery(), inflexible_power=load, consumption_capacity=3.0))
    assert fields(error) == ["site-consumption-capacity", "production-capacity", "inflexible power"]
    (change,) = error.details["repair"]
    assert "device" not in change
    # One value was given for all the time, so that is what moves.
    assert change["start"] == "2026-03-04T06:00:00+00:00"
    assert (change["from"], change["to"]) == (3.0, 4.0)
    assert error.details["conflict"][0]["start"] == "2026-03-04T06:45:00+00:00"


def test_surplus_above_the_site_capacity() -> None:
    error = refusal(problem(battery(), inflexible_power=-5.0, production_capacity=3.0))
    assert "site-production-capacity" in fields(error)
    assert "inflexible power" in fields(error)


def test_limits_that_conflict_only_together_get_a_smallest_repair() -> None:
    cars = [battery(soc_targets=at(4, 2.0), name=f"car {n}") for n in (1, 2)]
    error = refusal(problem(*cars, consumption_capacity=1.9))
    assert fields(error).count("soc-targets") == 2
    short = sum(abs(change["to"] - change["from"]) for change in error.details["repair"])
    # 2 MWh are asked for, 1.9 fit through the connection within the hour.
    assert short == pytest.approx(0.1, abs=1e-6)


def test_a_group_is_named_and_may_be_what_changes() -> None:
    cars = [battery(soc_targets=at(4, 2.0), production_capacity=0.0, name=f"car {n}") for n in "ab"]
    most = np.full(STEPS, 1.2)
    limit = FlowLimit("garage (asset 4)", "power-capacity", np.array([0, 1], np.int32), -most, most)
    error = refusal(replace(problem(*cars), links=Links(limits=(limit,))))
    assert "garage (asset 4): power-capacity (1.2 MW from" in error.message
    for change in error.details["repair"]:
        assert change["device"] in ("car a", "car b", "garage (asset 4)")


def test_a_ramp_that_is_too_slow_for_a_target_is_named_with_its_repair() -> None:
    ramp = Ramp(0, np.full(STEPS, 0.1), before=0.0)
    subject = problem(battery(soc_targets=at(2, 1.4)))
    error = refusal(replace(subject, links=Links(ramps=(ramp,))))
    assert set(fields(error)) == {"soc-targets", "soc-at-start", "ramp-limit"}
    assert "battery: ramp-limit (0.4 MW/h from 2026-03-04T06:00:00+00:00 to" in error.message
    (change,) = error.details["repair"]
    # 0.1 and 0.2 MW for a quarter of an hour each make 0.075 MWh of the 0.4 that are missing.
    assert change["field"] == "soc-targets"
    assert change["to"] == pytest.approx(1.075)


def test_a_ramp_is_changed_where_nothing_else_helps_as_little() -> None:
    load = np.zeros(STEPS)
    load[3] = 1.0
    ramp = Ramp(0, np.full(STEPS, 0.1))
    subject = problem(battery(), inflexible_power=load, consumption_capacity=0.02)
    error = refusal(replace(subject, links=Links(ramps=(ramp,))))
    assert "ramp-limit" in fields(error)


def test_operation_modes_are_named_in_words() -> None:
    bands = Bands(0, np.array([0.0, 0.8]), np.array([0.0, 1.0]))
    subject = problem(battery(soc_targets=at(1, 1.1), production_capacity=0.0))
    error = refusal(replace(subject, links=Links(bands=(bands,))))
    assert "battery: operation-modes (0 MW or 0.8 to 1 MW from" in error.message
    entry = next(each for each in error.details["conflict"] if each["field"] == "operation-modes")
    assert entry["ranges"] == [[0.0, 0.0], [0.8, 1.0]]
    (change,) = error.details["repair"]
    assert change["to"] in (pytest.approx(1.0), pytest.approx(1.2))


def test_a_coupling_between_commodities_is_named_by_both_devices() -> None:
    gas = battery(soc_at_start=None, consumption_capacity=0.4, production_capacity=0.0, name="gas")
    heat = battery(
        soc_at_start=None, consumption_capacity=0.0, production_capacity=1.0, name="heat"
    )
    demand = np.full(STEPS, -0.3)
    links = Links(
        elsewhere=frozenset([1]),
        limits=(FlowLimit("heat", "commodities", np.array([1], np.int32), demand, demand),),
        couplings=(Coupling("engine", np.array([0, 1], np.int32), np.array([1.0, -0.5])),),
    )
    error = refusal(replace(problem(gas, heat), links=links))
    assert set(fields(error)) >= {"commodities", "coupling"}
    assert "heat: commodities (its devices must produce 0.3 MW from" in error.message
    assert "heat: coupling ('engine' with gas from" in error.message


def test_a_surplus_that_only_burning_could_get_rid_of() -> None:
    lossy = battery(
        charging_efficiency=0.8, discharging_efficiency=0.8, soc_at_start=1.9, soc_max=2.0
    )
    error = refusal(problem(lossy, inflexible_power=-2.0, production_capacity=1.8))
    assert error.conflict.only_whole
    assert "as no device can charge and discharge at once" in error.message


def test_a_long_list_is_cut_short_in_the_message_only() -> None:
    stores = [battery(soc_at_start=2.0 + n / 10, name=f"store {n}") for n in range(1, 16)]
    error = refusal(problem(*stores))
    assert len(error.details["repair"]) == 15
    assert "; and 5 more." in error.message


def test_a_search_without_time_says_that_it_is_not_minimal() -> None:
    conflict = find_conflict(problem(battery(soc_targets=at(8, 2.2))), seconds=0.0)
    assert not conflict.is_minimal
    error = InfeasibleSchedule(problem(battery(soc_targets=at(8, 2.2))), conflict)
    assert "Some of these cannot hold together" in error.message

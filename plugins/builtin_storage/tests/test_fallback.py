from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from fmhost_storage.commitments import Commitment
from fmhost_storage.fallback import broken_by, fallback_power
from fmhost_storage.links import Bands, Coupling, FlowLimit, Links, Ramp
from fmhost_storage.problem import Devices, Problem, Site, Storage
from fmhost_storage.stock import trajectory

STEPS = 8


def at(tick: int, value: float) -> np.ndarray:
    points = np.full(STEPS, np.nan)
    points[tick - 1] = value
    return points


def problem(*storages: Storage, **site: object) -> Problem:
    return Problem(
        np.full(STEPS, 0.25),
        Devices.stack(storages, STEPS),
        Site.constant(STEPS, **({"consumption_price": 10.0} | site)),  # type: ignore[arg-type]
    )


def battery(**fields: object) -> Storage:
    standard: dict[str, object] = {
        "consumption_capacity": 1.0,
        "production_capacity": 1.0,
        "soc_at_start": 1.0,
        "soc_min": 0.2,
        "soc_max": 2.0,
    }
    return Storage(**(standard | fields))  # type: ignore[arg-type]


def test_it_runs_at_full_power_towards_a_target_out_of_reach_and_rests_then() -> None:
    power = fallback_power(problem(battery(soc_targets=at(2, 1.9))))
    np.testing.assert_allclose(power[0], [1.0, 1.0, 1.0, 0.6, 0, 0, 0, 0], atol=1e-12)


def test_it_goes_from_one_set_point_to_the_next() -> None:
    points = at(3, 1.6)
    points[6] = 0.9
    subject = problem(battery(soc_targets=points))
    power = fallback_power(subject)
    np.testing.assert_allclose(power[0], [1.0, 1.0, 0.4, -1.0, -1.0, -0.8, 0, 0], atol=1e-12)
    assert trajectory(subject, power)[0, 7] == pytest.approx(0.9)


def test_losses_and_usage_are_made_up_for() -> None:
    leaking = battery(
        charging_efficiency=0.8, storage_efficiency=0.99, gain=-0.1, soc_minima=at(8, 1.1)
    )
    subject = problem(leaking)
    assert trajectory(subject, fallback_power(subject))[0, -1] == pytest.approx(1.1)


def test_without_set_points_it_fills_up_or_empties_what_cannot_charge() -> None:
    subject = problem(battery(), battery(consumption_capacity=0.0))
    soc = trajectory(subject, fallback_power(subject))
    assert soc[:, -1].tolist() == pytest.approx([2.0, 0.2])


def test_soft_set_points_count() -> None:
    levels = np.full((1, STEPS), np.nan)
    levels[0, 3] = 1.5
    nothing = np.zeros((1, STEPS))
    soft = Commitment(
        ("minima",), levels, nothing, nothing - 1, np.array([[0]]), stock=True, field="soc-minima"
    )
    hard = problem(battery())
    subject = Problem(hard.hours, hard.devices, hard.site, commitments=(soft,))
    assert trajectory(subject, fallback_power(subject))[0, -1] == pytest.approx(1.5)


def test_devices_share_what_the_connection_leaves_them() -> None:
    both = [battery(soc_targets=at(8, 2.0)) for _ in range(2)]
    power = fallback_power(problem(*both, consumption_capacity=1.5, inflexible_power=0.2))
    np.testing.assert_allclose(power[:, 0], [1.0, 0.3])
    assert power.sum(axis=0).max() <= 1.3 + 1e-12


def test_the_sun_goes_on_shining() -> None:
    roof = Storage(0.0, 0.7, soc_at_start=None)
    assert fallback_power(problem(roof, production_capacity=0.5)).tolist() == [[-0.5] * STEPS]


def test_limits_that_it_does_not_keep_to_are_named() -> None:
    members = np.array([0, 1], np.int32)
    links = Links(
        limits=(
            FlowLimit(
                "group asset:4",
                "power-capacity",
                members,
                np.full(STEPS, -1.2),
                np.full(STEPS, 1.2),
            ),
            FlowLimit(
                "group asset:5",
                "power-capacity",
                members,
                np.full(STEPS, -9.0),
                np.full(STEPS, 9.0),
            ),
        ),
        couplings=(Coupling("engine", members, np.array([1.0, -0.5])),),
        bands=(Bands(0, np.array([0.0]), np.array([0.4])),),
        ramps=(Ramp(1, np.full(STEPS, 0.1), 0.0),),
    )
    cars = [battery(soc_targets=at(8, 2.0), name=f"car {n}") for n in (1, 2)]
    subject = replace(problem(*cars), links=links)
    power = fallback_power(subject)
    assert broken_by(subject, power, power.sum(axis=0)) == [
        "power-capacity of group asset:4",
        "coupling 'engine'",
        "operation-modes of car 1",
        "ramp-limit of car 2",
    ]
    free = problem(*cars)
    assert broken_by(free, power, power.sum(axis=0)) == []


def test_what_is_not_behind_the_connection_does_not_take_from_it() -> None:
    subject = problem(
        *[battery(soc_targets=at(8, 2.0)) for _ in range(2)], consumption_capacity=0.5
    )
    power = fallback_power(replace(subject, links=Links(elsewhere=frozenset([0]))))
    np.testing.assert_allclose(power[:, 0], [1.0, 0.5])

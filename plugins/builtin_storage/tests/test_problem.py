from __future__ import annotations

import numpy as np
import pytest

from fmhost.plugin import InvalidInput
from fmhost_storage.problem import Devices, Problem, Site, Storage
from fmhost_storage.solve import solve
from fmhost_storage.solvers.highs import HighsSolver
from fmhost_storage.stock import mean_retention, trajectory


def test_scalars_hold_at_every_step_and_limits_fold_to_the_tightest() -> None:
    minima, maxima = np.full(3, np.nan), np.full(3, np.nan)
    minima[1], maxima[2] = 0.4, 0.9
    devices = Devices.stack(
        [
            Storage(1.0, [0.1, 0.2, 0.3], soc_min=0.1, soc_max=2.0, soc_minima=minima),
            Storage(2.0, 0.0, soc_maxima=maxima),
            Storage(0.0, 5.0, soc_at_start=None),
        ],
        3,
    )
    np.testing.assert_array_equal(devices.consumption_capacity[1], [2, 2, 2])
    np.testing.assert_array_equal(devices.soc_lower[0], [0.1, 0.4, 0.1])
    np.testing.assert_array_equal(devices.soc_upper[1], [np.inf, np.inf, 0.9])
    np.testing.assert_array_equal(devices.limited, [True, True, False])
    np.testing.assert_array_equal(devices.stores, [True, True, False])
    assert devices.two_way.sum() == 3
    assert not devices.soc_lower.flags.writeable


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"consumption_capacity": np.inf}, "consumption-capacity"),
        ({"production_capacity": -1.0}, "production-capacity"),
        ({"consumption_capacity": np.nan}, "consumption-capacity"),
        ({"charging_efficiency": 0.0}, "charging-efficiency"),
        ({"storage_efficiency": 1.01}, "storage-efficiency"),
        ({"gain": np.inf}, "soc-gain"),
        ({"soc_at_start": np.inf}, "soc-at-start"),
        ({"soc_max": np.nan}, "soc-max"),
    ],
)
def test_values_that_make_no_sense_are_refused(fields: dict[str, float], field: str) -> None:
    standard = {"consumption_capacity": 1.0, "production_capacity": 1.0}
    with pytest.raises(InvalidInput) as caught:
        Devices.stack([Storage(**(standard | fields))], 2)  # type: ignore[arg-type]
    assert caught.value.field == field


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"consumption_price": np.nan}, "consumption-price"),
        ({"production_price": [1.0, np.nan]}, "production-price"),
        ({"consumption_capacity": -1.0}, "site-consumption-capacity"),
        ({"inflexible_power": np.inf}, "inflexible-device-sensors"),
    ],
)
def test_sites_that_make_no_sense_are_refused(fields: dict[str, object], field: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        Site.constant(2, **({"consumption_price": 1.0} | fields))  # type: ignore[arg-type]
    assert caught.value.field == field


def test_a_window_without_steps_is_refused() -> None:
    with pytest.raises(InvalidInput, match="no time step"):
        Problem(np.zeros(0), Devices.stack([], 0), Site.constant(0, consumption_price=1.0))


def test_shapes_must_agree() -> None:
    devices = Devices.stack([Storage(1.0, 1.0)], 3)
    with pytest.raises(ValueError, match="shape"):
        Problem(np.ones(4), devices, Site.constant(4, consumption_price=1.0))


@pytest.mark.parametrize("retention", [0.5, 0.9, 0.999, 1 - 1e-12])
def test_mean_retention_is_that_of_exponential_loss(retention: float) -> None:
    moments = (np.arange(10_000) + 0.5) / 10_000
    mean = (retention**moments).mean()
    assert mean_retention(np.array([retention]))[0] == pytest.approx(mean, rel=1e-8)


def test_no_loss_means_full_retention() -> None:
    assert mean_retention(np.array([1.0]))[0] == 1.0


def test_trajectory_of_a_leaking_store() -> None:
    store = Storage(
        2.0,
        1.0,
        soc_at_start=1.0,
        charging_efficiency=0.9,
        discharging_efficiency=0.8,
        storage_efficiency=0.9,
        gain=-0.1,
    )
    problem = Problem(
        np.full(2, 0.5), Devices.stack([store], 2), Site.constant(2, consumption_price=1.0)
    )
    soc = trajectory(problem, np.array([[2.0, -0.4]]))[0]
    mean = (0.9 - 1) / np.log(0.9)
    first = 0.9 + mean * 0.5 * (2.0 * 0.9 - 0.1)
    np.testing.assert_allclose(soc, [1.0, first, 0.9 * first + mean * 0.5 * (-0.4 / 0.8 - 0.1)])


@pytest.mark.parametrize("factor", [1e-4, 1e4])
def test_size_does_not_matter(factor: float) -> None:
    """A battery of 50 W and one of 5 GW follow the same plan."""

    def plan(size: float, worth: float) -> np.ndarray:
        battery = Storage(
            0.5 * size,
            0.5 * size,
            soc_at_start=0.2 * size,
            charging_efficiency=0.95,
            discharging_efficiency=0.95,
            soc_min=0.05 * size,
            soc_max=0.45 * size,
        )
        price = worth * (20 + 15 * np.cos(np.arange(24)))
        problem = Problem(
            np.ones(24), Devices.stack([battery], 24), Site.constant(24, consumption_price=price)
        )
        return solve(problem, HighsSolver()).power / size

    np.testing.assert_allclose(plan(factor, 1.0), plan(1.0, 1.0), atol=1e-9)
    np.testing.assert_allclose(plan(1.0, factor), plan(1.0, 1.0), atol=1e-9)


def test_a_site_without_devices_has_its_cost() -> None:
    site = Site.constant(
        2, consumption_price=[10, 20], production_price=5.0, inflexible_power=[1, -2]
    )
    solution = solve(Problem(np.full(2, 0.5), Devices.stack([], 2), site), HighsSolver())
    np.testing.assert_allclose(solution.cost, [5.0, -5.0])


def test_steps_may_differ_in_length() -> None:
    battery = Storage(1.0, 1.0, soc_at_start=0.0, soc_min=0.0, soc_max=10.0)
    hours = np.array([1.0, 0.25, 2.0])
    problem = Problem(
        hours, Devices.stack([battery], 3), Site.constant(3, consumption_price=[1, 11, 10])
    )
    solution = solve(problem, HighsSolver())
    np.testing.assert_allclose(solution.power[0], [1.0, -1.0, -0.375], atol=1e-9)
    np.testing.assert_allclose(solution.soc[0], [0, 1, 0.75, 0], atol=1e-9)

"""The worth of stored energy by the recursion is that of a linear program."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fmhost_storage.arrays import FloatArray
from fmhost_storage.model import ModelBuilder
from fmhost_storage.solvers import BASIC, LOWER, UPPER
from fmhost_storage.solvers.highs import HighsSolver
from fmhost_storage.start.alone import Store, worth_of

STEPS = 8
EMPTY = Store(0.0, *(np.zeros(3) for _ in range(6)), np.full(3, 9.0))


@st.composite
def stores(draw: st.DrawFn) -> Store:
    """Stores of some kWh, with few different numbers, so that ties are frequent."""

    def series(low: int, high: int) -> FloatArray:
        return np.array(
            draw(st.lists(st.integers(low, high), min_size=STEPS, max_size=STEPS)), float
        )

    loss = draw(st.sampled_from([0.0, 1.0, 3.0]))
    price = series(-5, 12)
    return Store(
        start=draw(st.integers(0, 6)),
        rise=series(0, 3),
        fall=series(0, 3),
        gain=draw(st.sampled_from([np.zeros(STEPS), np.full(STEPS, 0.5), np.full(STEPS, -0.5)])),
        charging=price + loss,
        discharging=price - loss,
        floor=series(0, 2),
        ceiling=series(4, 6),
    )


def least_cost(store: Store) -> float | None:
    """By a linear program; None where floor or ceiling can't be held."""
    builder = ModelBuilder()
    charge = builder.columns("charge", (STEPS,), upper=store.rise, cost=store.charging)
    discharge = builder.columns("discharge", (STEPS,), upper=store.fall, cost=-store.discharging)
    free = store.start + np.cumsum(store.gain)
    rows = builder.rows("energy", (STEPS,), lower=store.floor - free, upper=store.ceiling - free)
    for step in range(STEPS):
        builder.enter(rows[step:], charge[step], 1.0)
        builder.enter(rows[step:], discharge[step], -1.0)
    return HighsSolver().solve(builder.build()).objective


def bound(store: Store, worth: FloatArray) -> float:
    """What no plan undercuts, by the Lagrange function at that worth of energy."""
    falls = worth - np.append(worth[1:], 0.0)
    cost = store.rise * np.minimum(store.charging - worth, 0.0)
    cost += store.fall * np.minimum(worth - store.discharging, 0.0)
    cost += falls * np.where(falls > 0, store.floor, store.ceiling) - worth * store.gain
    return float(cost.sum() - worth[0] * store.start)


@settings(max_examples=500)
@given(stores())
def test_the_worth_of_energy_proves_the_least_cost(store: Store) -> None:
    worth, least = worth_of(store), least_cost(store)
    if least is None:
        return
    assert worth is not None
    assert bound(store, worth.of_energy) == pytest.approx(least, abs=1e-6)


def test_energy_is_worth_what_the_dearest_step_pays_that_the_ceiling_leaves() -> None:
    """Charged at 10, sold at 30 and 20; only half of it can be kept for the last step."""
    store = replace(EMPTY, rise=np.array([2.0, 0, 0]), fall=np.array([0, 1.0, 2.0]))
    store = replace(store, discharging=np.array([0, 30.0, 20.0]))
    store = replace(store, charging=np.array([10.0, 0, 0]), ceiling=np.array([9.0, 0.5, 9.0]))
    worth = worth_of(store)
    assert worth is not None
    assert worth.of_energy.tolist() == [10.0, 10.0, 20.0]
    assert worth.stock.tolist() == [BASIC, UPPER, LOWER]


@pytest.mark.parametrize("limits", [{"floor": np.full(3, 1.0)}, {"ceiling": np.full(3, -1.0)}])
def test_a_store_that_can_not_hold_its_limits_has_no_worth(limits: dict[str, FloatArray]) -> None:
    assert worth_of(replace(EMPTY, **limits)) is None

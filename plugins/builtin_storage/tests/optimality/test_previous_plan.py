"""A plan that was rounded when it was stored fits no more by a hair, which must not cost hours."""

from __future__ import annotations

import numpy as np
import pytest

from fmhost_storage.commitments import Commitment
from fmhost_storage.problem import Devices, Problem, Site, Storage
from fmhost_storage.solution import Rung
from fmhost_storage.solve import solve
from fmhost_storage.solvers.highs import HighsSolver

STEPS = 48
PRICES = np.repeat([10.5, 9, 9.5, 9, 8.5, 10, 8, 5, 4, 4, 5.5, 8], 4)


def problem(
    price: object, *, extra: float = 0.0, commitments: tuple[Commitment, ...] = ()
) -> Problem:
    eta = 0.9**0.5
    battery = Storage(0.5, 0.5, 0.225 + extra, eta, eta, soc_min=0.05, soc_max=0.45)
    site = Site.constant(STEPS, consumption_price=price)
    devices = Devices.stack([battery], STEPS)
    return Problem(np.full(STEPS, 0.25), devices, site, commitments=commitments)


@pytest.mark.parametrize("extra", [0.0, 0.02, -0.02, 0.1])
@pytest.mark.parametrize("price", [3.0, 20.0, 1000.0])
def test_a_price_of_change_needs_no_binaries(extra: float, price: float) -> None:
    plan = np.round(solve(problem(PRICES), HighsSolver()).power, 6)
    cost = np.full((1, STEPS), price * 0.25)
    change = Commitment(("stability",), plan, cost, -cost, np.array([[0]], np.int32), gross=True)
    news = problem(PRICES + np.sin(np.arange(STEPS)), extra=extra, commitments=(change,))
    found = solve(news, HighsSolver())
    assert found.rung in (Rung.LINEAR, Rung.NETTED)
    # What is in stock beyond the plan, or lacks, is all that needs to change.
    moved = np.abs(found.power - plan).sum() * 0.25
    assert moved <= abs(extra) / 0.9 + 1e-4 or price < 10

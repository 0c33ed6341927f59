"""How much time a schedule takes beyond the solver: whole road over bare HiGHS, in one run.

The whole road is: build the matrices, solve, prove, choose among ties. The bare run is HiGHS alone
on the same matrix, already loaded. Trust the ratios, not the milliseconds.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from statistics import median

import numpy as np

from fmhost_storage.formulation import formulate
from fmhost_storage.problem import Devices, Problem, Site, Storage
from fmhost_storage.solve import solve
from fmhost_storage.solvers.highs import HighsSolver, load

REPETITIONS = 7
#: Overhead that counts as none where the bare run takes less than 50 ms.
ALLOWED_MS = 30


def battery(days: float, minutes: float) -> Problem:
    """A battery of 0.5 MW against day-ahead prices with two peaks a day."""
    steps = round(days * 24 * 60 / minutes)
    hour = np.floor(np.arange(steps) * minutes / 60)
    noise = np.random.default_rng(1).normal(0, 8, int(hour[-1]) + 1)[hour.astype(int)]
    price = 70 + 30 * np.sin(hour / 24 * 4 * np.pi) + noise
    storage = Storage(
        0.5,
        0.5,
        soc_at_start=0.225,
        charging_efficiency=0.9**0.5,
        discharging_efficiency=0.9**0.5,
        soc_min=0.05,
        soc_max=0.45,
        name="battery",
    )
    return Problem(
        np.full(steps, minutes / 60),
        Devices.stack([storage], steps),
        Site.constant(steps, consumption_price=price),
    )


CASES: dict[str, Callable[[], Problem]] = {
    "battery 48 h @ 15 min": lambda: battery(2, 15),
    "battery 7 d @ 15 min": lambda: battery(7, 15),
}


def main() -> None:
    solver = HighsSolver()
    print(f"{'case':24}{'bare ms':>9}{'whole ms':>10}{'ratio':>7}{'overhead ms':>13}")
    for name, case in CASES.items():
        problem = case()
        model = formulate(problem).model
        bare, whole = [], []
        for _ in range(REPETITIONS):
            highs = load(model)
            bare.append(_milliseconds(highs.run))
            whole.append(_milliseconds(lambda problem=problem: solve(problem, solver)))
        alone, together = median(bare), median(whole)
        overhead = together - alone
        verdict = "" if overhead <= ALLOWED_MS or together <= 2 * alone else "  TOO SLOW"
        print(
            f"{name:24}{alone:9.1f}{together:10.1f}{together / alone:7.2f}{overhead:13.1f}{verdict}"
        )


def _milliseconds(action: Callable[[], object]) -> float:
    began = time.perf_counter()
    action()
    return (time.perf_counter() - began) * 1000


if __name__ == "__main__":
    main()

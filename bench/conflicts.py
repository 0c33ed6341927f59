"""How long it takes to say why there is no schedule: contradictions of a battery, 48 h @ 15 min.

Target: 95 of 100 within 2 s, from the problem to the error with conflict and repair.
"""

from __future__ import annotations

import sys
import time

import numpy as np

from fmhost_storage.infeasible import InfeasibleSchedule
from fmhost_storage.problem import Devices, Problem, Site, Storage
from fmhost_storage.solve import solve
from fmhost_storage.solvers.highs import HighsSolver

CASES = 100
STEPS = 192
TARGET_MS = 2000


def contradiction(random: np.random.Generator) -> Problem:
    """A battery of 0.5 MW and 0.45 MWh behind a site with a load, asked for too much."""
    targets, minima, maxima = np.full((3, STEPS), np.nan)
    for values, chance in ((targets, 0.02), (minima, 0.05), (maxima, 0.05)):
        at = random.random(STEPS) < chance
        values[at] = np.round(random.uniform(0.05, 0.45, int(at.sum())), 2)
    wish = int(random.integers(1, STEPS))
    targets[wish] = 0.45
    targets[wish - 1] = random.choice([np.nan, 0.1])
    load = np.round(random.uniform(0.0, 0.4, STEPS), 2)
    storage = Storage(
        0.5,
        0.5,
        soc_at_start=0.2,
        charging_efficiency=0.95,
        discharging_efficiency=0.95,
        storage_efficiency=float(random.choice([1.0, 0.999])),
        soc_min=0.05,
        soc_max=0.45,
        soc_minima=minima,
        soc_maxima=maxima,
        soc_targets=targets,
        name="battery",
    )
    return Problem(
        np.full(STEPS, 0.25),
        Devices.stack([storage], STEPS),
        Site.constant(
            STEPS,
            consumption_price=50.0,
            consumption_capacity=float(random.choice([0.3, 0.5, 1.0])),
            inflexible_power=load,
        ),
    )


def main() -> None:
    random, solver = np.random.default_rng(1), HighsSolver()
    took: list[float] = []
    explained = 0
    while len(took) < CASES:
        problem = contradiction(random)
        began = time.perf_counter()
        try:
            solve(problem, solver)
        except InfeasibleSchedule as error:
            took.append((time.perf_counter() - began) * 1000)
            told = error.conflict.is_minimal and bool(error.conflict.changes)
            explained += told
    median, most = np.quantile(took, [0.5, 0.95])
    print(f"{CASES} contradictions of a battery, 48 h @ 15 min: median {median:.0f} ms, ", end="")
    print(f"95 % within {most:.0f} ms (target: {TARGET_MS} ms), longest {max(took):.0f} ms")
    print(f"{explained} of them have a minimal conflict and a repair")
    if most > TARGET_MS or explained < CASES:
        sys.exit(1)


if __name__ == "__main__":
    main()

"""How much time a schedule takes beyond the solver: whole road over bare HiGHS, in one run.

The whole road is: build the matrices, solve, prove, choose among ties. The bare run is HiGHS alone
on the same matrix, already loaded. Trust the ratios, not the milliseconds.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from statistics import median

import numpy as np

from fmhost_storage.commitments import Commitment
from fmhost_storage.formulation import formulate
from fmhost_storage.problem import Devices, Problem, Site, Storage
from fmhost_storage.solve import solve
from fmhost_storage.solvers.highs import HighsSolver, load

REPETITIONS = 5
#: Overhead that counts as none where the bare run takes less than 50 ms.
ALLOWED_MS = 30


def battery(days: float, minutes: float) -> Problem:
    """A battery of 0.5 MW against day-ahead prices with two peaks a day."""
    steps = round(days * 24 * 60 / minutes)
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
        Site.constant(steps, consumption_price=day_ahead(steps, minutes)),
    )


def day_ahead(steps: int, minutes: float) -> np.ndarray:
    """Hourly prices with two peaks a day [EUR/MWh]."""
    hour = np.floor(np.arange(steps) * minutes / 60)
    noise = np.random.default_rng(1).normal(0, 8, int(hour[-1]) + 1)[hour.astype(int)]
    return np.asarray(70 + 30 * np.sin(hour / 24 * 4 * np.pi) + noise)


def charger(random: np.random.Generator, steps: int, number: int) -> Storage:
    """A car that comes with some energy and wants more in time."""
    targets = np.full(steps, np.nan)
    targets[random.integers(steps // 2, steps)] = random.uniform(0.03, 0.06)
    return Storage(
        0.011,
        0.0,
        soc_at_start=random.uniform(0.0, 0.02),
        soc_min=0.0,
        soc_max=0.06,
        soc_minima=targets,
        name=f"car {number}",
    )


def mixed_site(days: float = 2, minutes: float = 15, *, committed: bool = False) -> Problem:
    """A battery, a roof that can be curtailed, two cars, and a load.

    :param committed: with a soft capacity and a charge on the peak of consumption.
    """
    steps = round(days * 24 * 60 / minutes)
    random = np.random.default_rng(2)
    hour = np.arange(steps) * minutes / 60 % 24
    sun = 0.3 * np.maximum(0.0, np.sin((hour - 6) / 12 * np.pi))
    store = Storage(0.2, 0.2, 0.2, 0.95, 0.95, soc_min=0.0, soc_max=0.4, name="battery")
    roof = Storage(0.0, sun, soc_at_start=None, name="roof")
    cars = [charger(random, steps, number) for number in range(2)]
    price = day_ahead(steps, minutes)
    hours = np.full(steps, minutes / 60)
    commitments: tuple[Commitment, ...] = ()
    if committed:
        limit, charge = np.full((1, steps), 0.1), np.full((1, steps), 1e7)
        nothing = np.zeros((1, steps))
        commitments = (
            Commitment(("any",), limit, charge, nothing, highest=True, field="site-consumption"),
            Commitment(("all",), limit, charge * hours, nothing, field="site-consumption"),
            Commitment(("peak",), nothing, np.full((1, steps), 3e3), nothing, highest=True),
        )
    return Problem(
        hours,
        Devices.stack([store, roof, *cars], steps),
        Site.constant(
            steps,
            consumption_price=price,
            production_price=price - 20,
            consumption_capacity=0.5,
            production_capacity=0.5,
            inflexible_power=0.05 + 0.03 * np.sin(hour / 24 * 2 * np.pi),
        ),
        commitments=commitments,
    )


def fleet(cars: int, hours: float = 24, minutes: float = 15) -> Problem:
    """Cars under one capacity of the site, 30 % of what all of them could draw."""
    steps = round(hours * 60 / minutes)
    random = np.random.default_rng(3)
    return Problem(
        np.full(steps, minutes / 60),
        Devices.stack([charger(random, steps, number) for number in range(cars)], steps),
        Site.constant(
            steps,
            consumption_price=day_ahead(steps, minutes),
            consumption_capacity=0.3 * 0.011 * cars + 0.02,
        ),
    )


CASES: dict[str, Callable[[], Problem]] = {
    "battery 48 h @ 15 min": lambda: battery(2, 15),
    "battery 7 d @ 15 min": lambda: battery(7, 15),
    "battery 7 d @ 5 min": lambda: battery(7, 5),
    "battery, PV, 2 EVs, 48 h": mixed_site,
    "the same, soft, peak": lambda: mixed_site(committed=True),
    "10 EVs, 24 h": lambda: fleet(10),
    "50 EVs, 24 h": lambda: fleet(50),
    "200 EVs, 24 h": lambda: fleet(200),
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
        rung = solve(problem, solver).rung
        alone, together = median(bare), median(whole)
        overhead = together - alone
        verdict = "" if overhead <= ALLOWED_MS or together <= 2 * alone else "  TOO SLOW"
        print(
            f"{name:24}{alone:9.1f}{together:10.1f}{together / alone:7.2f}{overhead:13.1f}"
            f"  {rung}{verdict}"
        )


def _milliseconds(action: Callable[[], object]) -> float:
    began = time.perf_counter()
    action()
    return (time.perf_counter() - began) * 1000


if __name__ == "__main__":
    main()

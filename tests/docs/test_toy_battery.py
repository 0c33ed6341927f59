"""The tutorial of the toy battery is run as its readers would, on either database."""

from __future__ import annotations

import json
import math
import subprocess
from collections.abc import Sequence
from pathlib import Path

import pytest

from fmhost.testing.pages import run_page

PAGES = Path(__file__).parents[2] / "docs" / "tutorials"


def _beliefs(
    environment: dict[str, str], folder: Path, sensor: int, start: str, resolution: str
) -> list[float]:
    finished = subprocess.run(
        [
            *("fmhost", "show", "beliefs", "--json", "--sensor", str(sensor)),
            *("--start", start, "--duration", "PT12H", "--resolution", resolution),
        ],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        check=True,
    )
    (found,) = json.loads(finished.stdout)
    values: list[float] = found["values"]
    return values


@pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)
def test_toy_battery_and_its_schedule_is_the_optimum(
    environment: dict[str, str], tmp_path: Path
) -> None:
    page = PAGES / "toy-battery.md"
    assert run_page(page, tmp_path, environment) > 10
    day = (tmp_path / "prices-tomorrow.csv").read_text().splitlines()[1][:10]
    start = f"{day}T07:00:00+01:00"
    prices = _beliefs(environment, tmp_path, 3, start, "PT15M")
    stored = _beliefs(environment, tmp_path, 2, start, "PT15M")
    power = [-value for value in stored]  # from production positive to consumption positive
    one_way = math.sqrt(0.9)
    charge = 0.225
    for value in power:
        assert -0.5 - 1e-6 <= value <= 0.5 + 1e-6
        charge += value * 0.25 * (one_way if value > 0 else 1 / one_way)
        assert 0.05 - 1e-5 <= charge <= 0.45 + 1e-5
    paid = sum(value * 0.25 * price for value, price in zip(power, prices, strict=True))
    best = least_cost(
        prices, hours=0.25, capacity=0.5, one_way=one_way, lowest=0.05, highest=0.45, start=0.225
    )
    assert paid == pytest.approx(best, abs=1e-4)
    assert best < 0


def least_cost(
    prices: Sequence[float],
    *,
    hours: float,
    capacity: float,
    one_way: float,
    lowest: float,
    highest: float,
    start: float,
) -> float:
    """The least cost of running a battery, by dynamic programming, exact and without a solver.

    The worth of a state of charge before a step is the best, over all changes of the charge, of
    the worth after the step minus what the change costs. With prices of zero or more both are
    concave and piecewise linear in the charge, so that the best is found by sorting the slopes of
    the pieces: the steepest are used first.

    :param prices: [currency/MWh], not negative, one per step of `hours`.
    :param capacity: most power, charging and discharging [MW].
    :param one_way: efficiency of charging, and of discharging.
    :param lowest: bounds of the state of charge, like `highest` and the one at the `start` [MWh].
    """
    pieces = [(0.0, highest - lowest)]  # (slope, length): worth rises by slope from `lowest` on
    at_lowest = 0.0
    for price in reversed(prices):
        assert price >= 0
        # Giving d to the grid side: from charging at full power (d < 0) to discharging (d > 0).
        least, most = -capacity * hours * one_way, capacity * hours / one_way
        change = [(price / one_way, -least), (price * one_way, most)]
        merged = sorted([*pieces, *change], reverse=True)
        position, worth = lowest + least, at_lowest + price / one_way * least
        pieces, at_lowest = [], math.nan
        for slope, length in merged:
            first, last = max(position, lowest), min(position + length, highest)
            if last > first or math.isnan(at_lowest):
                if position <= lowest <= position + length and math.isnan(at_lowest):
                    at_lowest = worth + slope * (lowest - position)
                if last > first:
                    pieces.append((slope, last - first))
            worth += slope * length
            position += length
    worth, position = at_lowest, lowest
    for slope, length in pieces:
        used = min(max(start - position, 0.0), length)
        worth += slope * used
        position += length
    return -worth


@pytest.mark.parametrize(
    ("prices", "expected"),
    [
        ([10.0], -0.5 * 0.25 * 10),  # sell at full power: 0.125 MWh
        ([0.0, 0.0], 0.0),
        # buy 0.125 MWh at 1, sell (0.5 capacity) 0.125 MWh at 100 in the second step
        ([1.0, 100.0], -0.125 * 100 + 0.0),
    ],
)
def test_the_least_cost_of_small_cases(prices: list[float], expected: float) -> None:
    found = least_cost(
        prices, hours=0.25, capacity=0.5, one_way=0.9, lowest=0.0, highest=1.0, start=0.5
    )
    assert found <= expected + 1e-9
    brute = _by_brute_force(prices)
    assert found == pytest.approx(brute, abs=1e-9)


def _by_brute_force(prices: Sequence[float]) -> float:
    """All combinations of nine powers per step; exact where the optimum is made of those."""
    states = {0.5: 0.0}
    for price in prices:
        following: dict[float, float] = {}
        for charge, paid in states.items():
            for number in range(-4, 5):
                power = number / 4 * 0.5
                after = charge + power * 0.25 * (0.9 if power > 0 else 1 / 0.9)
                if 0 <= after <= 1:
                    cost = paid + power * 0.25 * price
                    key = round(after, 12)
                    following[key] = min(cost, following.get(key, math.inf))
        states = following
    return min(states.values())

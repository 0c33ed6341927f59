"""Where soft limits are breached and by how much, and which of them hold."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from fmhost_storage.arrays import FloatArray
from fmhost_storage.commitments import Commitment
from fmhost_storage.device_config import DeviceConfig
from fmhost_storage.grid import Grid
from fmhost_storage.problem import Problem
from fmhost_storage.solution import Solution

#: From MW and MWh to what reports speak of.
KILO = 1000.0
#: Digits of kW and kWh in reports; smaller breaches are rounding errors.
DIGITS = 3
#: Limits of which a deviation upwards is a breach; of a target, both are, of others downwards.
CEILINGS = ("soc-maxima", "consumption-capacity", "site-consumption-capacity")


def breaches_of(
    grid: Grid, devices: Sequence[DeviceConfig], problem: Problem, solution: Solution
) -> list[dict[str, Any]]:
    """Each stretch of time in which a soft limit is breached.

    The `amount` is the highest breach of the stretch [kW or kWh], at the moment `at`. A breach of
    power lasts from `start` to `end`; one of the state of charge is told at both of these moments
    and between.
    """
    found = []
    for each, row, breach in _soft(problem, solution):
        for first, last in _stretches(np.round(breach * KILO, DIGITS) > 0):
            top = first + int(np.argmax(breach[first : last + 1]))
            shift = 1 if each.stock else 0  # the stock is that of the end of the step
            entry = {"field": each.field, **_device(each, row, devices)}
            entry["start"] = grid.moment(first + shift).isoformat()
            entry["end"] = grid.moment(last + 1).isoformat()
            entry["at"] = grid.moment(top + shift).isoformat()
            entry["amount"] = round(float(breach[top]) * KILO, DIGITS)
            entry["unit"] = "kWh" if each.stock else "kW"
            found.append(entry)
    return found


def constraints_of(
    grid: Grid, devices: Sequence[DeviceConfig], problem: Problem, solution: Solution
) -> dict[str, list[dict[str, Any]]]:
    """The soft limits of the state of charge, one entry per device and field.

    ``unresolved`` are those that are breached: at which moment first, and by how much at most;
    ``resolved`` those that hold: at which moment most tightly, and what is left there.
    """
    found: dict[str, list[dict[str, Any]]] = {"resolved": [], "unresolved": []}
    for each, row, breach in _soft(problem, solution):
        if not each.stock or each.members is None:
            continue
        entry = {"constraint": each.field, **_device(each, row, devices)}
        amounts = np.round(breach * KILO, DIGITS)
        if np.any(amounts > 0):
            entry["datetime"] = grid.moment(int(np.argmax(amounts > 0)) + 1).isoformat()
            entry["violation"] = f"{amounts.max():g} kWh"
            found["unresolved"].append(entry)
        else:
            margin = np.abs(solution.soc[each.members[row, 0], 1:] - each.quantity[row])
            tightest = int(np.nanargmin(margin))
            entry["datetime"] = grid.moment(tightest + 1).isoformat()
            entry["margin"] = f"{round(float(margin[tightest]) * KILO, DIGITS) + 0.0:g} kWh"
            found["resolved"].append(entry)
    return found


def _soft(problem: Problem, solution: Solution) -> Iterator[tuple[Commitment, int, FloatArray]]:
    """Each soft limit once, with its row and its breach at each step [MW or MWh, >= 0]."""
    for each, deviation in zip(problem.commitments, solution.deviations, strict=True):
        if each.field is None or each.highest:
            continue
        for row in range(len(deviation)):
            up, down = np.maximum(deviation[row], 0.0), np.maximum(-deviation[row], 0.0)
            if each.field == "soc-targets":
                breach = np.maximum(up, down)
            else:
                breach = up if each.field in CEILINGS else down
            yield each, row, breach


def _device(commitment: Commitment, row: int, devices: Sequence[DeviceConfig]) -> dict[str, Any]:
    """Who breaches it: nothing for the site."""
    if commitment.about is not None:
        return dict(commitment.about)
    if commitment.members is None:
        return {}
    device = devices[int(commitment.members[row, 0])]
    found = {"asset": device.asset.id}
    return found if device.sensor is None else {**found, "sensor": device.sensor.id}


def _stretches(breached: np.ndarray) -> Iterator[tuple[int, int]]:
    """First and last step of each run of True."""
    edges = np.flatnonzero(np.diff(np.concatenate([[False], breached, [False]]).astype(np.int8)))
    yield from ((int(a), int(b) - 1) for a, b in zip(edges[::2], edges[1::2], strict=True))

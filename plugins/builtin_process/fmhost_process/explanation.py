"""Why a process runs when it does: the chosen steps and their cost, and the next best ones."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from fmhost.plugin import time_zone
from fmhost_process.allocation import IntArray, Problem, ProcessType, Sense, block_starts, runner_up
from fmhost_process.flex_model import Process
from fmhost_process.grid import Grid


@dataclass(frozen=True, eq=False)
class Outcome:
    """A process with the steps in which it runs.

    :param chosen: the steps, ascending.
    :param currency: of the prices, which are per MWh.
    """

    process: Process
    problem: Problem
    grid: Grid
    currency: str
    chosen: IntArray

    @cached_property
    def cost(self) -> float:
        """What the chosen steps cost [currency]."""
        return self.cost_of(self.chosen)

    def cost_of(self, steps: IntArray) -> float:
        """What running in these steps costs [currency]."""
        prices = math.fsum(self.problem.prices[steps].tolist())
        return prices * self.process.power * self.grid.hours

    def explain(self) -> dict[str, Any]:
        """A JSON object for the job: when it runs, at what cost, and what the next best is.

        ``next-best`` is null where there is no other choice. ``text`` says it all in sentences.
        """
        other = runner_up(self.problem, self.chosen)
        return {
            "sensor": self.process.sensor.id,
            "process-type": self.process.process_type.value,
            "optimization-sense": self.process.sense.value,
            "runs": self._runs(self.chosen),
            "cost": self.cost,
            "next-best": None
            if other is None
            else {"runs": self._runs(other), "cost": self.cost_of(other)},
            "text": " ".join(filter(None, [self._reason(), self._comparison(other)])),
        }

    def _runs(self, steps: IntArray) -> list[dict[str, str]]:
        return [
            {"start": self._moment(first), "end": self._moment(last + 1)}
            for first, last in _stretches(steps)
        ]

    def _moment(self, tick: int) -> str:
        zone = time_zone(self.process.sensor.timezone)
        return self.grid.moment(tick).astimezone(zone).isoformat()

    def _reason(self) -> str:
        problem = self.problem
        stretches = list(_stretches(self.chosen))
        first, last = stretches[0][0], stretches[-1][1]
        runs = f"It runs from {self._moment(first)} to {self._moment(last + 1)}"
        if len(stretches) > 1:
            runs = f"{runs} in {len(stretches)} parts"
        cost = f"at a cost of {self._money(self.cost)}"
        if problem.fills_window:
            return f"{runs} {cost}: it takes the whole window of the schedule."
        if problem.process_type is ProcessType.INFLEXIBLE:
            return f"{runs} {cost}: it is inflexible and starts as early as it may."
        extreme = "least" if problem.sense is Sense.MIN else "greatest"
        if problem.process_type is ProcessType.SHIFTABLE:
            starts = len(block_starts(problem))
            return f"{runs} {cost}, the {extreme} of {starts} possible starts."
        return (
            f"{runs} {cost}: in the {problem.length} steps of {extreme} price among "
            f"{int(problem.allowed.sum())} possible ones."
        )

    def _comparison(self, other: IntArray | None) -> str:
        if other is None:
            return "" if self.problem.fills_window else "There is no other choice."
        difference = self.cost_of(other) - self.cost
        cost = f"{self._money(self.cost_of(other))} ({difference:+.6g})"
        if self.problem.process_type is ProcessType.BREAKABLE:
            (dropped,) = np.setdiff1d(self.chosen, other)
            (added,) = np.setdiff1d(other, self.chosen)
            return (
                f"The next best choice is the step at {self._moment(added)} instead of that at "
                f"{self._moment(dropped)}; it would cost {cost}."
            )
        if self.problem.process_type is ProcessType.INFLEXIBLE:
            return f"If it were shiftable, a start at {self._moment(other[0])} would cost {cost}."
        return f"The next best start is {self._moment(other[0])}; it would cost {cost}."

    def _money(self, amount: float) -> str:
        return f"{amount:.6g} {self.currency}"


def _stretches(steps: IntArray) -> Iterator[tuple[int, int]]:
    """First and last step of each run of steps that follow one another."""
    for part in np.split(steps, np.flatnonzero(np.diff(steps) > 1) + 1):
        yield int(part[0]), int(part[-1])

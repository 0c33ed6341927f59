"""Which steps a process runs in: arrays in, steps out.

A process of ``n`` steps has one of the types

* INFLEXIBLE: it runs as early as possible, in one block;
* SHIFTABLE: it runs in the one block of ``n`` steps whose prices have the least sum;
* BREAKABLE: it runs in the ``n`` steps of least price, together or apart.

With the sense MAX, "least" reads "greatest". Among equals the earliest wins. Where ``n`` fills the
window, all of its steps run.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from fmhost.plugin import InfeasibleProblem, InvalidInput

FloatArray = NDArray[np.float64]
BoolArray = NDArray[np.bool_]
IntArray = NDArray[np.int64]

#: Prices are compared to this many decimals, so that sums that are equal on paper tie.
DECIMALS = 9


class ProcessType(StrEnum):
    """How free a process is in time."""

    INFLEXIBLE = "INFLEXIBLE"
    SHIFTABLE = "SHIFTABLE"
    BREAKABLE = "BREAKABLE"


class Sense(StrEnum):
    """Whether the sum of prices is a cost to be small, or a revenue to be great."""

    MIN = "MIN"
    MAX = "MAX"


@dataclass(frozen=True, eq=False)
class Problem:
    """A process to be placed in a window of N steps.

    :param length: how many steps the process runs; at least 1.
    :param prices: price of each step [any unit], shape (N,).
    :param allowed: the steps in which the process may run, shape (N,).
    :raises ValueError: where the shapes differ, or a price is not finite.
    """

    process_type: ProcessType
    sense: Sense
    length: int
    prices: FloatArray
    allowed: BoolArray

    def __post_init__(self) -> None:
        if self.length < 1 or self.prices.shape != self.allowed.shape or self.prices.ndim != 1:
            raise ValueError("A process needs one price and one permission per step.")
        if not np.isfinite(self.prices).all():
            raise ValueError("Every step of a process needs a price.")

    @property
    def steps(self) -> int:
        """The number N of steps in the window."""
        return len(self.prices)

    @property
    def fills_window(self) -> bool:
        """Whether the process is at least as long as the window."""
        return self.length >= self.steps


def require_room(length: int, allowed: BoolArray) -> None:
    """See that a process which fills the window may run in all of it.

    :raises InvalidInput: where a step is not allowed.
    """
    if length >= len(allowed) and not allowed.all():
        raise InvalidInput(
            "Cannot handle time restrictions if the duration of the process exceeds that of the "
            "schedule window.",
            field="time-restrictions",
            hint="Ask for a schedule that is longer than the process.",
        )


def allocate(problem: Problem) -> IntArray:
    """The steps in which the process runs, ascending.

    :raises InvalidInput: where the process fills the window, but not all steps are allowed.
    :raises InfeasibleProblem: where the allowed steps do not suffice.
    """
    require_room(problem.length, problem.allowed)
    if problem.fills_window:
        return np.arange(problem.steps)
    if problem.process_type is ProcessType.BREAKABLE:
        by_rank = _allowed_by_rank(problem)
        if len(by_rank) < problem.length:
            raise _no_room(problem)
        return np.sort(by_rank[: problem.length])
    starts = block_starts(problem)
    if not len(starts):
        raise _no_room(problem)
    if problem.process_type is ProcessType.INFLEXIBLE:
        return _block(problem, starts[0])
    return _block(problem, _best_start(problem, starts))


def runner_up(problem: Problem, chosen: IntArray) -> IntArray | None:
    """The best choice of steps besides the chosen one; None where there is no other.

    For an INFLEXIBLE process, which has no choice, it is the block that a SHIFTABLE one would take
    instead of the chosen one; it may be the better of the two.
    """
    if problem.fills_window:
        return None
    if problem.process_type is ProcessType.BREAKABLE:
        by_rank = _allowed_by_rank(problem)
        if len(by_rank) == problem.length:
            return None
        # Give up the worst of the chosen steps for the best of the others.
        return np.sort(np.append(by_rank[: problem.length - 1], by_rank[problem.length]))
    starts = block_starts(problem)
    others = starts[starts != chosen[0]]
    return _block(problem, _best_start(problem, others)) if len(others) else None


def block_starts(problem: Problem) -> IntArray:
    """The steps from which on `length` allowed steps follow one another, ascending."""
    forbidden = _running_sum((~problem.allowed).astype(np.int64))
    return np.flatnonzero(_block_sums(forbidden, problem.length) == 0)


def _best_start(problem: Problem, starts: IntArray) -> np.int64:
    sums = _block_sums(_running_sum(_ranks(problem)), problem.length)[starts]
    best: np.int64 = starts[np.argmin(sums)]  # argmin takes the first of equals
    return best


def _block(problem: Problem, start: np.int64) -> IntArray:
    return np.arange(start, start + problem.length)


def _allowed_by_rank(problem: Problem) -> IntArray:
    allowed = np.flatnonzero(problem.allowed)
    order: IntArray = allowed[np.argsort(_ranks(problem)[allowed], kind="stable")]
    return order


def _ranks(problem: Problem) -> IntArray:
    """Prices as integers of which lower is better: their sums are exact, and equal sums tie."""
    size = float(np.abs(problem.prices).sum())
    decimals = min(DECIMALS, 18 - int(np.ceil(np.log10(max(size, 1.0)))))
    ranks = np.rint(problem.prices * 10.0**decimals).astype(np.int64)
    return ranks if problem.sense is Sense.MIN else -ranks


def _running_sum(values: IntArray) -> IntArray:
    return np.concatenate([np.zeros(1, np.int64), np.cumsum(values)])


def _block_sums(running_sum: IntArray, length: int) -> IntArray:
    """Sum over each block of `length` steps, by its first step."""
    return running_sum[length:] - running_sum[:-length]


def _no_room(problem: Problem) -> InfeasibleProblem:
    wanted = "steps" if problem.process_type is ProcessType.BREAKABLE else "consecutive steps"
    return InfeasibleProblem(
        f"Cannot allocate a block of time for the process given the time restrictions provided. "
        f"It needs {problem.length} {wanted}; {int(problem.allowed.sum())} of the "
        f"{problem.steps} steps in the schedule window are free of restrictions.",
        field="time-restrictions",
        hint="Lift a restriction, or ask for a longer schedule.",
    )

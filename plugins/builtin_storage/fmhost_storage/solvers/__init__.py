"""What the optimiser asks of a solver. Each driver is a module of its own and imports its solver.

A driver minimises a :class:`~fmhost_storage.model.LinearModel` and knows nothing of devices,
prices or time.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from fmhost_storage.arrays import FloatArray, IntArray
from fmhost_storage.model import LinearModel


class Status(StrEnum):
    """How a run of a solver ended."""

    OPTIMAL = "optimal"
    INFEASIBLE = "infeasible"
    UNBOUNDED = "unbounded"
    TIME_LIMIT = "time-limit"


#: Where a column or row is at a corner of a model: on one of its bounds, or between them.
LOWER, BASIC, UPPER = range(3)


@dataclass(frozen=True)
class Corner:
    """A corner that the simplex method may start from. As many are basic as there are rows.

    :param is_close: whether it is feasible and next to the optimum, so that primal simplex has a
        short way. Where it is not, dual simplex is the surer one.
    :param columns: place of each column, shape (n,).
    :param rows: place of each row, shape (m,); a row with one bound for both is at either.
    """

    is_close: bool
    columns: IntArray
    rows: IntArray


@dataclass(frozen=True)
class SolverResult:
    """What a solver found.

    :param primal: a value per column; None where no feasible point was found.
    :param duals: change of the objective per unit of the bound that holds a row; only for an
        optimal model without integer columns.
    :param reduced_costs: the same per column, ``cost - A.T @ duals``; may be NaN where a column is
        fixed.
    :param objective: ``cost @ primal``.
    :param seconds: time spent in the solver.
    :param basis: what the same driver may be given to start the next run from.
    :param loaded: what it may be given as `basis` instead, once, where the next model has the same
        matrix, and is the next one that is solved: such as the solver with the model in it.
    :param iterations: of the simplex method; None where the driver does not tell.
    :param unique: whether no other point is optimal; None where the driver does not tell.
    """

    status: Status
    primal: FloatArray | None
    duals: FloatArray | None
    reduced_costs: FloatArray | None
    objective: float | None
    seconds: float
    basis: object | None = None
    loaded: object | None = None
    unique: bool | None = None
    iterations: int | None = None


class Solver(Protocol):
    """A solver of linear and mixed-integer models; without state between two runs."""

    def solve(
        self,
        model: LinearModel,
        *,
        time_limit: float | None = None,
        basis: object | None = None,
        start: object | None = None,
    ) -> SolverResult:
        """Minimise `model`.

        :param time_limit: stop after that many seconds, with the best point found so far.
        :param basis: basis of a former result, or what it has `loaded`, for a model with the same
            columns and rows whose point is still feasible: only costs differ, or bounds that the
            point holds.
        :param start: basis of a former result for any model with as many columns and rows, or a
            :class:`Corner`. It only tells where to begin.
        :raises ComputationFailed: where the solver breaks down.
        """

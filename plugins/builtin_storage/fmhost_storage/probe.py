"""Whether some demands can hold together: one model, kept in the solver, whose bounds change.

Without binaries a run starts from where the last one ended. Where it charges and discharges at
once, which is no schedule, binaries forbid that: on the steps where it did, then everywhere.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import replace

import highspy
import numpy as np

from fmhost.plugin import ComputationFailed
from fmhost_storage.arrays import BoolArray, FloatArray
from fmhost_storage.liftable import forbid_overlaps, lay_out
from fmhost_storage.model import LinearModel, ModelBuilder
from fmhost_storage.problem import Problem
from fmhost_storage.requirements import Requirement
from fmhost_storage.scale import scale_of
from fmhost_storage.solvers import Status
from fmhost_storage.solvers.highs import HighsSolver, load

#: Bounds that cross by less are taken for equal [model units]; the solver cannot tell, either.
CROSSING = 1e-7
#: Flows below are rounding errors [model units].
NEGLIGIBLE = 1e-6
#: Parts of a proof below are rounding errors, next to the largest.
RAY = 1e-7


class OutOfTime(Exception):
    """The time for an explanation is over."""


class Probe:
    """Answers for one problem.

    :param background: demands that are always in force.
    :param seconds: after so long, questions raise :class:`OutOfTime`; None for no limit.
    """

    def __init__(
        self, problem: Problem, background: Sequence[Requirement], seconds: float | None
    ) -> None:
        self.problem = problem
        self.background = list(background)
        self.unit = scale_of(problem).power
        self._ends = None if seconds is None else time.perf_counter() + seconds
        builder = ModelBuilder()
        self._layout = lay_out(builder, problem, self.unit)
        self._model = builder.build()
        self._highs = load(self._model)
        self._highs.setOptionValue("presolve", "off")
        self._involved = np.zeros(self._model.columns, bool)

    @property
    def left(self) -> float | None:
        """What is left of the time [s].

        :raises OutOfTime: where it is nothing.
        """
        if self._ends is None:
            return None
        left = self._ends - time.perf_counter()
        if left <= 0:
            raise OutOfTime
        return left

    def refutes(self, demands: Sequence[Requirement]) -> bool:
        """Whether no schedule satisfies the demands (and the background).

        :raises OutOfTime: where it cannot tell in time.
        """
        lower, upper = self._layout.bounds([*self.background, *demands])
        self._involved = lower - upper > CROSSING
        if self._involved.any():
            return True
        np.minimum(lower, upper, out=lower)
        primal = self._relaxation(lower, upper)
        if primal is None:
            self._involved = self._proof()
            return True
        return self._overlapping(lower, upper, primal)

    def part_of_proof(self, demands: Sequence[Requirement]) -> list[Requirement]:
        """Of demands that the last question found refuted, those that the proof needs.

        All of them where there is no proof, as where binaries were needed.
        """
        if not self._involved.any():
            return list(demands)
        return [
            each
            for each in demands
            if any(self._involved[at].any() for at in self._layout.places(each))
        ]

    def _proof(self) -> BoolArray:
        """Whose bounds the solver's proof of infeasibility needs."""
        _, known, given = self._highs.getDualRay()
        ray = np.asarray(given) if known else np.zeros(self._model.rows)
        weights = np.abs(_products(self._model, ray))
        return np.asarray(weights > RAY * weights.max(initial=0.0))

    def _relaxation(self, lower: FloatArray, upper: FloatArray) -> FloatArray | None:
        highs, model = self._highs, self._model
        left = self.left
        if left is not None:
            highs.setOptionValue("time_limit", float(highs.getRunTime() + left))
        columns = np.arange(model.columns, dtype=np.int32)
        highs.changeColsBounds(model.columns, columns, lower, upper)
        highs.run()
        status = highs.getModelStatus()
        if status == highspy.HighsModelStatus.kTimeLimit:
            raise OutOfTime
        if status == highspy.HighsModelStatus.kInfeasible:
            return None
        if status != highspy.HighsModelStatus.kOptimal:
            raise ComputationFailed(
                f"The solver HiGHS gave up: {highs.modelStatusToString(status)}."
            )
        return np.array(highs.getSolution().col_value)

    def _overlapping(self, lower: FloatArray, upper: FloatArray, primal: FloatArray) -> bool:
        """Whether there is no schedule, although there is one that does both at once."""
        layout = self._layout
        at = self._overlaps(primal)
        while at.any():
            model = self._with_binaries(lower, upper, at)
            result = HighsSolver().solve(model, time_limit=self.left)
            if result.status is Status.INFEASIBLE:
                return True
            if result.primal is None:
                raise OutOfTime
            more = self._overlaps(result.primal) & ~at
            at = layout.lossy if more.any() else more
        return False

    def _overlaps(self, primal: FloatArray) -> BoolArray:
        layout = self._layout
        both = np.minimum(primal[layout.charge], primal[layout.discharge]) > NEGLIGIBLE
        return np.asarray(both & layout.lossy)

    def _with_binaries(self, lower: FloatArray, upper: FloatArray, at: BoolArray) -> LinearModel:
        builder = ModelBuilder()
        layout = lay_out(builder, self.problem, self.unit)
        forbid_overlaps(builder, layout, at, upper)
        model = builder.build()
        known = len(lower)
        return replace(
            model,
            cost=np.zeros_like(model.cost),
            column_lower=np.concatenate([lower, model.column_lower[known:]]),
            column_upper=np.concatenate([upper, model.column_upper[known:]]),
        )


def _products(model: LinearModel, duals: FloatArray) -> FloatArray:
    """``A.T @ duals``."""
    owners = np.repeat(np.arange(model.columns), np.diff(model.starts))
    products = model.values * duals[model.indices]
    return np.asarray(np.bincount(owners, weights=products, minlength=model.columns), np.float64)

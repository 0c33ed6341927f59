"""Among equally cheap schedules, the preferred one, chosen lexicographically.

A price slope would mix preference into cost and slows simplex down badly. Instead: whatever has a
non-zero reduced cost or dual at the optimum is fixed, which leaves exactly the optimal face; on it,
another objective is minimised, starting from the optimal basis.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from fmhost_storage.arrays import FloatArray
from fmhost_storage.entries import ABSENT
from fmhost_storage.formulation import Formulation
from fmhost_storage.model import LinearModel
from fmhost_storage.solvers import SolverResult

#: Reduced costs and duals up to this size (in units of the model) count as zero.
ZERO = 1e-6


def preferred(formulation: Formulation, result: SolverResult) -> LinearModel | None:
    """The model whose optimum is the preferred one among the optima of `formulation`.

    :param result: an optimal result with duals, of that formulation.
    :return: None where there is nothing to prefer.
    """
    wish = wishes(formulation)
    face = optimal_face(formulation.model, result)
    if not np.any((wish != 0) & (face.column_lower < face.column_upper)):
        return None
    return replace(face, cost=wish)


def optimal_face(model: LinearModel, result: SolverResult) -> LinearModel:
    """The model restricted to its optimal points.

    :raises ValueError: where the result has no duals.
    """
    if result.primal is None or result.duals is None or result.reduced_costs is None:
        raise ValueError("The optimal face needs an optimal point with its duals.")
    point = _nearest(result.primal, model.column_lower, model.column_upper)
    activity = _nearest(model.activity(result.primal), model.row_lower, model.row_upper)
    at_bound = np.abs(result.reduced_costs) > ZERO
    binding = np.abs(result.duals) > ZERO
    return replace(
        model,
        column_lower=np.where(at_bound, point, model.column_lower),
        column_upper=np.where(at_bound, point, model.column_upper),
        row_lower=np.where(binding, activity, model.row_lower),
        row_upper=np.where(binding, activity, model.row_upper),
    )


def wishes(formulation: Formulation) -> FloatArray:
    """Cost vector that expresses the preferences; one value per column.

    *Charging sooner*: as much energy as possible, as long as possible, in stock. Otherwise: as
    much as possible at the end of the window, and as little as possible before. *Curtailing later*:
    a device that stores nothing and runs one way runs as much as possible, rather sooner
    (otherwise: rather later).
    """
    problem, devices = formulation.problem, formulation.problem.devices
    cost = np.zeros(formulation.model.columns)
    steps = problem.steps
    for sooner in (True, False):
        chosen = problem.limited & (devices.prefer_charging_sooner == sooner)
        weight = np.full(steps, -1.0 if sooner else 1.0 / steps)
        weight[-1] = -1.0
        cost[formulation.stock[chosen & ~formulation.lean]] = weight
        lean = np.flatnonzero(chosen & formulation.lean)
        # Without columns for the SoC: what a step charges is in stock at all ticks from then on.
        stored = problem.hours * devices.charging_efficiency[lean]
        columns, left = formulation.charge[lean], np.cumsum(weight[::-1])[::-1]
        present = columns != ABSENT
        cost[columns[present]] = (stored * left)[present]
        chosen = ~problem.limited & problem.links.own_stock(len(problem.limited))
        chosen &= devices.prefer_curtailing_later == sooner
        weight = np.linspace(-1.0, -0.5, steps) if sooner else np.linspace(-0.5, -1.0, steps)
        _reward_one_way(formulation, cost, weight, chosen)
    return cost


def _reward_one_way(
    formulation: Formulation, cost: FloatArray, weight: FloatArray, chosen: np.ndarray
) -> None:
    charges = (formulation.charge != ABSENT).all(axis=1)
    discharges = (formulation.discharge != ABSENT).all(axis=1)
    cost[formulation.charge[chosen & charges & ~discharges]] = weight
    cost[formulation.discharge[chosen & discharges & ~charges]] = weight


def _nearest(values: FloatArray, lower: FloatArray, upper: FloatArray) -> FloatArray:
    """The bound that is nearer to each value; the value where there is none."""
    bound = np.where(values - lower <= upper - values, lower, upper)
    return np.where(np.isfinite(bound), bound, values)

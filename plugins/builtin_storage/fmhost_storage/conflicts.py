"""What to change least so that a schedule exists, where constraints conflict only in combination.

Every limit of the state of charge and of the site becomes elastic: it may be exceeded at a price
of one per MWh or MW. The cheapest way out names the limits that cannot hold, and by how much.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from fmhost.plugin import ComputationFailed
from fmhost_storage.arrays import BoolArray, FloatArray, IntArray
from fmhost_storage.entries import ABSENT
from fmhost_storage.feasibility import Issue, ceiling_field, floor_field
from fmhost_storage.formulation import Formulation, formulate
from fmhost_storage.model import LinearModel
from fmhost_storage.problem import Problem
from fmhost_storage.solvers import Solver

#: Breaches up to this size are rounding errors of the solver [model units].
NEGLIGIBLE = 1e-6


def smallest_repair(
    problem: Problem,
    solver: Solver,
    *,
    exclusive: BoolArray | None = None,
    time_limit: float | None = None,
) -> list[Issue]:
    """The limits to relax, and by how much, so that a schedule exists with the least relaxation.

    :param exclusive: where charging and discharging must exclude one another, shape (D, T).
    :raises ComputationFailed: where the solver finds none in time.
    """
    free = np.zeros(problem.steps)
    priceless = replace(problem.site, consumption_price=free, production_price=free)
    bare = replace(problem, site=priceless, commitments=())
    formulation = formulate(bare, exclusive=exclusive, leanly=False)
    columns = np.concatenate(
        [formulation.stock[formulation.stock != ABSENT], formulation.site_import]
    )
    relaxed = elastic(formulation.model, columns)
    result = solver.solve(relaxed, time_limit=time_limit)
    if result.primal is None:
        raise ComputationFailed(
            "No schedule satisfies the hard constraints, and the solver found no repair "
            f"(it ended with: {result.status}).",
            hint="Relax the limits of the state of charge or of the site.",
        )
    return _issues(problem, formulation, result.primal)


def elastic(model: LinearModel, columns: IntArray) -> LinearModel:
    """The model in which the bounds of `columns` may be exceeded at a price of one, at no other.

    It has two more columns and two more rows for each of `columns`: how far it exceeds its upper
    bound, how far it falls below its lower bound, and the rows that say so.
    """
    count = len(columns)
    lower, upper = model.column_lower.copy(), model.column_upper.copy()
    lower[columns], upper[columns] = -np.inf, np.inf
    rows = model.rows + np.arange(2 * count, dtype=np.int32)
    above, below = rows[:count], rows[count:]
    # Each elastic column gains an entry in both of its rows, at the end of its run.
    ends = model.starts[columns + 1]
    indices = np.insert(model.indices, np.repeat(ends, 2), np.ravel([above, below], order="F"))
    values = np.insert(model.values, np.repeat(ends, 2), 1.0)
    added = np.zeros(model.columns, np.int64)
    added[columns] = 2
    starts = np.concatenate([[0], np.cumsum(np.diff(model.starts) + added)])
    slack_starts = starts[-1] + 1 + np.arange(2 * count)
    zeros, infinite = np.zeros(2 * count), np.full(count, np.inf)
    return LinearModel(
        cost=np.concatenate([np.zeros(model.columns), np.ones(2 * count)]),
        starts=np.concatenate([starts, slack_starts]).astype(np.int32),
        indices=np.concatenate([indices, rows]).astype(np.int32),
        values=np.concatenate([values, -np.ones(count), np.ones(count)]),
        row_lower=np.concatenate([model.row_lower, -infinite, model.column_lower[columns]]),
        row_upper=np.concatenate([model.row_upper, model.column_upper[columns], infinite]),
        column_lower=np.concatenate([lower, zeros]),
        column_upper=np.concatenate([upper, infinite, infinite]),
        integer=np.concatenate([model.integer, np.zeros(2 * count, bool)]),
    )


def _issues(problem: Problem, formulation: Formulation, primal: FloatArray) -> list[Issue]:
    devices, site, unit = problem.devices, problem.site, formulation.scale.power
    found: list[Issue] = []
    soc = np.where(formulation.stock == ABSENT, np.nan, primal[formulation.stock]) * unit
    tolerance = NEGLIGIBLE * unit
    for limits, wrong, field_of in (
        (devices.soc_lower, soc < devices.soc_lower - tolerance, floor_field),
        (devices.soc_upper, soc > devices.soc_upper + tolerance, ceiling_field),
    ):
        for device, step in np.argwhere(wrong):
            field = field_of(problem, int(device), int(step))
            value, reached = float(limits[device, step]), float(soc[device, step])
            text = (
                f"{devices.names[device]}: {field} ({value:.6g} MWh) cannot be met at "
                f"{problem.moment(int(step) + 1)} together with the other constraints; the "
                f"closest schedule has {reached:.6g} MWh."
            )
            found.append(Issue(field, int(device), int(step) + 1, value, reached, text))
    power = formulation.site_flows(primal)
    for name, needed, capacity in (
        ("consumption", power, site.consumption_capacity),
        ("production", -power, site.production_capacity),
    ):
        for step in np.flatnonzero(needed > capacity + tolerance):
            value, reached = float(capacity[step]), float(needed[step])
            text = (
                f"site-{name}-capacity ({value:.6g} MW) cannot be kept at "
                f"{problem.moment(int(step))} together with the other constraints; the closest "
                f"schedule needs {reached:.6g} MW."
            )
            found.append(Issue(f"site-{name}-capacity", None, int(step), value, reached, text))
    return found

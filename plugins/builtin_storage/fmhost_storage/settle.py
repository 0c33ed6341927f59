"""From an optimum to the schedule: the one that is preferred among all that are as cheap.

First come the preferences; then, in models that are not too large, whatever they leave open is
decided by fixed weights. So the schedule is a matter of the problem alone, and not of the road on
which the solver came to its optimum.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np

from fmhost_storage.arrays import FloatArray
from fmhost_storage.entries import ABSENT
from fmhost_storage.exactness import certified, is_as_cheap, netted
from fmhost_storage.formulation import Formulation
from fmhost_storage.model import LinearModel
from fmhost_storage.solution import Rung
from fmhost_storage.solvers import SolverResult, Status
from fmhost_storage.ties import optimal_face, preferred
from fmhost_storage.warm import MOST_COLUMNS

Run = Callable[[LinearModel, SolverResult], SolverResult]


def settled(
    formulation: Formulation, result: SolverResult, bound: float, run: Run
) -> tuple[FloatArray, Rung] | None:
    """Power of the preferred schedule [MW, consumption positive], and how it was proven.

    :param result: an optimal result with duals, of that formulation.
    :param bound: cost of the optimum [currency].
    :param run: solves a model, from where a result was found.
    :return: None where the preferred point is no schedule.
    :raises ComputationFailed: where the solver breaks down.
    """
    model = preferred(formulation, result)
    if model is None:
        model, chosen = formulation.model, result
    else:
        chosen = run(model, result)
    if chosen.unique is False and model.columns <= MOST_COLUMNS:
        chosen = run(_decided(formulation, model, chosen), chosen)
    if chosen.status is not Status.OPTIMAL or chosen.primal is None:
        return None
    problem = formulation.problem
    charge, discharge = formulation.flows(chosen.primal)
    power, rung = certified(problem, charge, discharge), Rung.LINEAR
    if power is None:
        power, rung = netted(problem, charge, discharge, bound), Rung.NETTED
    if power is None or not is_as_cheap(problem, power, bound):
        return None
    return power, rung


def _decided(formulation: Formulation, model: LinearModel, chosen: SolverResult) -> LinearModel:
    """The model of the optima that are left, with weights under which only one is best."""
    weights = np.random.default_rng(model.columns).uniform(1.0, 2.0, formulation.charge.shape)
    cost = np.zeros(model.columns)
    for columns, sign in ((formulation.charge, -1.0), (formulation.discharge, 1.0)):
        present = columns != ABSENT
        cost[columns[present]] = sign * weights[present]
    return replace(optimal_face(model, chosen), cost=cost)

"""The smallest change of limits that makes a schedule possible.

Limits are elastic: each value that a user gave may move, at a cost of one for the largest energy of
its device, or the largest capacity of the site. A target that holds at several ticks may move at
each of them, at its mean cost. What is cheapest is the smallest change, and the demands that have a
dual or reduced cost there contradict each other.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np

from fmhost.plugin import ComputationFailed
from fmhost_storage.arrays import FloatArray, IntArray
from fmhost_storage.liftable import Liftable, forbid_overlaps, lay_out
from fmhost_storage.model import LinearModel, ModelBuilder
from fmhost_storage.problem import Problem
from fmhost_storage.requirements import Kind, Requirement, equal_runs
from fmhost_storage.scale import scale_of
from fmhost_storage.solvers import SolverResult, Status
from fmhost_storage.solvers.highs import HighsSolver

#: Changes up to this share are rounding errors of the solver.
NEGLIGIBLE = 1e-7
#: Duals and reduced costs up to this size count as zero.
ZERO = 1e-9
#: What is asked for moves before what a device or the connection can do; by so much it is cheaper.
ASKED = 1e-3


@dataclass(frozen=True)
class Change:
    """A limit that moves.

    :param demand: the limit.
    :param first: number of the first of its positions where it moves.
    :param last: number of the last one.
    :param before: what the user says [MWh or MW].
    :param after: what makes a schedule possible [MWh or MW].
    :param size: of the change, as a share of what is largest.
    """

    demand: Requirement
    first: int
    last: int
    before: float
    after: float
    size: float


@dataclass(frozen=True)
class Repair:
    """What is changed least.

    :param changes: together they make a schedule possible.
    :param suspects: the demands that contradict each other, and maybe more.
    """

    changes: tuple[Change, ...]
    suspects: tuple[Requirement, ...]

    @property
    def size(self) -> float:
        """Sum of the changes, each as a share of what is largest."""
        return sum(change.size for change in self.changes)


@dataclass(frozen=True)
class _Value:
    """A value that may move.

    :param numbers: of the positions at which it holds.
    :param cost: of moving by one MW or MWh.
    :param up: the column that says how far a target moves up, or any other limit gives way.
    :param down: how far a target moves down; None for others.
    """

    demand: Requirement
    numbers: IntArray
    cost: float
    up: int
    down: int | None


def smallest_repair(
    problem: Problem,
    demands: Sequence[Requirement],
    background: Sequence[Requirement],
    *,
    whole: bool = False,
    time_limit: float | None = None,
) -> Repair:
    """The smallest change of the limits among some demands.

    :param background: demands that are always in force.
    :param whole: whether charging and discharging at once is forbidden, by binaries.
    :raises ComputationFailed: where the solver finds none in time.
    """
    limits = [each for each in demands if each.is_limit]
    facts = [each for each in demands if not each.is_limit]
    builder = ModelBuilder()
    layout = lay_out(builder, problem, scale_of(problem).power)
    values: list[_Value] = []
    rows: list[IntArray] = []
    for demand in limits:
        (at,) = layout.places(demand)
        moving = list(_values(builder, problem, layout.unit, demand))
        rows.append(_elastic_rows(builder, layout.unit, demand, at, moving))
        values += moving
    model = _in_force(builder, layout, [*background, *facts], whole)
    result = HighsSolver().solve(model, time_limit=time_limit)
    if result.primal is None or result.status is not Status.OPTIMAL:
        raise ComputationFailed(
            "No schedule satisfies the hard constraints, and the solver found no repair "
            f"(it ended with: {result.status}).",
            hint="Relax the limits of the state of charge or of the site.",
        )
    changes = [_change(value, result.primal, layout.unit) for value in values]
    suspects = _suspects(layout, result, limits, rows, facts)
    return Repair(
        tuple(_joined([change for change in changes if change is not None])),
        tuple(demands) if suspects is None else suspects,
    )


def reference(problem: Problem, demand: Requirement) -> float:
    """What a change of a limit is compared with: the largest energy of its device [MWh], its
    largest ramp [MW/h], or the largest capacity of the site [MW]."""
    devices, site = problem.devices, problem.site
    if demand.kind is Kind.RAMP:
        known = [demand.amounts]
    elif demand.group is not None:
        limit = problem.links.limits[demand.group]
        known = [limit.lower, limit.upper]
    elif demand.device is None:
        known = [site.consumption_capacity, site.production_capacity]
    else:
        device = demand.device
        known = [
            devices.soc_lower[device],
            devices.soc_upper[device],
            devices.soc_at_start[[device]],
        ]
    largest = max(float(np.abs(each[np.isfinite(each)]).max(initial=0.0)) for each in known)
    return largest or scale_of(problem).power


def _values(
    builder: ModelBuilder, problem: Problem, unit: float, demand: Requirement
) -> Iterator[_Value]:
    """The values of a limit that may move each by itself, with columns for it."""
    together = list(_moving_together(demand))
    share = len(together) if demand.kind is Kind.TARGET else 1
    weight = 1.0 if demand.is_asked else 1.0 + ASKED
    cost = weight / (reference(problem, demand) * share)
    for numbers in together:
        up = int(builder.columns("up", (1,), cost=cost * unit)[0])
        down = None
        if demand.kind is Kind.TARGET:
            down = int(builder.columns("down", (1,), cost=cost * unit)[0])
        yield _Value(demand, numbers, cost, up, down)


def _moving_together(demand: Requirement) -> Iterator[IntArray]:
    """Numbers of the positions at which one and the same value holds."""
    count = len(demand.positions)
    numbers = np.arange(count, dtype=np.int32)
    if demand.kind in (Kind.SITE, Kind.GROUP, Kind.RAMP):
        for first, last in equal_runs(demand.amounts):
            yield numbers[first:last]
    elif demand.kind is Kind.TARGET and count > 1:
        first = 0
        for number in range(count):
            # The bound before a target between two ticks moves with it.
            if not np.isnan(demand.amounts[number]):
                yield numbers[first : number + 1]
                first = number + 1
    else:
        yield numbers


def _elastic_rows(
    builder: ModelBuilder,
    unit: float,
    demand: Requirement,
    columns: IntArray,
    values: Sequence[_Value],
) -> IntArray:
    """Rows in the place of a limit's bounds.

    :param columns: what it bounds, position by position.
    """
    made = []
    for sign, bound in ((-1.0, demand.lower), (1.0, demand.upper)):
        for value in values:
            at = value.numbers[np.isfinite(bound[value.numbers])]
            if not at.size:
                continue
            rows = builder.rows(demand.field, at.shape, upper=sign * bound[at] / unit)
            builder.enter(rows, columns[at], sign)
            up, steep = np.array(value.up, np.int32), demand.steepness[at]
            if value.down is None:
                builder.enter(rows, up, -steep)
            else:
                builder.enter(rows, up, -sign * steep)
                builder.enter(rows, np.array(value.down, np.int32), sign * steep)
            made.append(rows)
    return np.concatenate(made)


def _in_force(
    builder: ModelBuilder, layout: Liftable, demands: Sequence[Requirement], whole: bool
) -> LinearModel:
    """The model with the bounds of some demands; only changes of limits cost."""
    lower, upper = layout.bounds(demands)
    if whole:
        forbid_overlaps(builder, layout, layout.lossy, upper)
    model = builder.build()
    known, cost = len(lower), model.cost.copy()
    cost[layout.charge] = cost[layout.discharge] = 0.0
    return replace(
        model,
        cost=cost,
        column_lower=np.concatenate([lower, model.column_lower[known:]]),
        column_upper=np.concatenate([upper, model.column_upper[known:]]),
    )


def _suspects(
    layout: Liftable,
    result: SolverResult,
    limits: Sequence[Requirement],
    rows: Sequence[IntArray],
    facts: Sequence[Requirement],
) -> tuple[Requirement, ...] | None:
    """The demands of the proof that no change is smaller; None where it has none."""
    if result.duals is None or result.reduced_costs is None:
        return None
    tight = np.abs(result.duals) > ZERO
    held = np.abs(result.reduced_costs) > ZERO
    found = [each for each, own in zip(limits, rows, strict=True) if tight[own].any()]
    found += [each for each in facts if any(held[at].any() for at in layout.places(each))]
    return tuple(found)


def _change(value: _Value, primal: FloatArray, unit: float) -> Change | None:
    """How a value moves; None where it stays."""
    demand, numbers = value.demand, value.numbers
    moved = float(primal[value.up] - (0.0 if value.down is None else primal[value.down])) * unit
    size = abs(moved) * value.cost
    if size <= NEGLIGIBLE:
        return None
    lowered = value.down is None and bool(np.isfinite(demand.lower[numbers]).any())
    if lowered and demand.kind is Kind.LEVEL:
        moved = -moved
    told = demand.amounts[numbers]
    told = told[~np.isnan(told)]
    before = float(told[0] if told.size else _bound(demand, int(numbers[0]), moved))
    return Change(demand, int(numbers[0]), int(numbers[-1]), before, before + moved, size)


def _bound(demand: Requirement, number: int, moved: float) -> float:
    return float(demand.lower[number] if moved < 0 else demand.upper[number])


def _joined(changes: Sequence[Change]) -> Iterator[Change]:
    """Changes of one target at consecutive ticks by the same amount are one."""
    last: Change | None = None
    for change in changes:
        if last is not None and _continues(last, change):
            last = replace(last, last=change.last, size=last.size + change.size)
            continue
        if last is not None:
            yield last
        last = change
    if last is not None:
        yield last


def _continues(last: Change, change: Change) -> bool:
    return (
        last.demand is change.demand
        and last.last + 1 == change.first
        and last.before == change.before
        and abs(last.after - change.after) <= NEGLIGIBLE
    )

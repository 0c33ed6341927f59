"""What a problem demands, one entry per thing that a user says and could take back.

Some of it are *limits*, which may be changed to make a schedule possible: set-points and bounds of
the state of charge (SoC), capacities of the site and of groups, and ramp limits. The rest are
*facts*: the SoC at the start, what devices and their losses can do, in which proportion and modes
they run, and the power of what is not scheduled. Efficiencies, and that
a device does not run in one of its directions at all, are taken as given.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from enum import Enum
from itertools import pairwise

import numpy as np

from fmhost_storage.arrays import BoolArray, FloatArray, IntArray
from fmhost_storage.problem import Problem

BOTH_WAYS = ("charge", "discharge")
#: Field of a limit by which somebody asks what another power would cost; no repair changes it.
ASKED = "power"


class Kind(Enum):
    """What a requirement bounds."""

    START = "SoC at tick 0"
    LEVEL = "SoC"
    TARGET = "SoC, from both sides"
    DEVICE = "power of a device"
    SITE = "power of the site"
    GROUP = "power of several devices together"
    LOAD = "power of what is not scheduled"
    FLOW = "gain or usage of stored energy"
    RAMP = "change of a device's power from one step to the next"
    COUPLING = "difference of two devices from their proportion"
    BAND = "whether the power of a device may be outside its bands"


@dataclass(frozen=True, eq=False)
class Requirement:
    """One demand; two are never equal. Arrays have one value per position.

    :param field: the field of flex-model or flex-context that says it.
    :param device: number of the device; None for the site.
    :param positions: ticks (0..T) of START, LEVEL and TARGET, steps (0..T-1) of others; ascending.
    :param lower: least value [MWh; MW, consumption positive], -inf for none.
    :param upper: largest value, inf for none. Of a DEVICE, of each of its `flows`.
    :param amounts: what the user says [MWh or MW]; NaN where a bound only follows from it.
    :param steepness: by how much bounds move when the user's value does.
    :param flows: of a DEVICE, the directions that it bounds.
    :param group: of a GROUP, its number among the problem's limits.
    :param number: of a RAMP, COUPLING or BAND, its number among those of the problem.
    """

    field: str
    device: int | None
    kind: Kind
    positions: IntArray
    lower: FloatArray
    upper: FloatArray
    amounts: FloatArray
    steepness: FloatArray
    flows: tuple[str, ...] = ()
    group: int | None = None
    number: int | None = None

    @property
    def is_limit(self) -> bool:
        """Whether it may be changed to make a schedule possible."""
        if self.kind is Kind.GROUP:
            return self.field != ASKED
        return self.kind in (Kind.LEVEL, Kind.TARGET, Kind.SITE, Kind.RAMP)

    @property
    def is_asked(self) -> bool:
        """Whether it is a wish, rather than what a device or the connection can do."""
        return self.field in ("soc-targets", "soc-minima", "soc-maxima")

    @property
    def is_energy(self) -> bool:
        return self.kind in (Kind.START, Kind.LEVEL, Kind.TARGET)

    def part(self, first: int, last: int) -> Requirement:
        """The same demand at positions number `first` to `last` (excluded) only."""
        pick = slice(first, last)
        return replace(
            self,
            positions=self.positions[pick],
            lower=self.lower[pick],
            upper=self.upper[pick],
            amounts=self.amounts[pick],
            steepness=self.steepness[pick],
        )


def requirements_of(problem: Problem) -> list[Requirement]:
    """All that can be taken back, device by device, then the site."""
    found: list[Requirement] = []
    for device in range(len(problem.devices.names)):
        if problem.devices.limited[device]:
            found += _of_stock(problem, device)
        found += _of_power(problem, device)
    return [*found, *_of_groups(problem), *_of_site(problem)]


def one_way(problem: Problem, device: int) -> Iterator[Requirement]:
    """The directions in which a device never runs, each as a demand that could be taken back."""
    devices = problem.devices
    steps = _numbers(0, problem.steps)
    for flow, field, capacity in (
        ("charge", "consumption-capacity", devices.consumption_capacity[device]),
        ("discharge", "production-capacity", devices.production_capacity[device]),
    ):
        if not capacity.any():
            if np.all(devices.power_capacity[device] == 0):
                field = "power-capacity"
            made = _bounded(field, device, Kind.DEVICE, steps, upper=capacity, amounts=capacity)
            yield replace(made, flows=(flow,))


def _of_stock(problem: Problem, device: int) -> Iterator[Requirement]:
    devices = problem.devices
    start = devices.soc_at_start[[device]]
    yield _bounded("soc-at-start", device, Kind.START, _numbers(0, 1), start, start, start)
    ticks = _numbers(0, problem.steps + 1)
    for field, value in (("soc-min", devices.soc_min), ("soc-max", devices.soc_max)):
        if np.isfinite(value[device]):
            yield _level(field, device, ticks, np.full(len(ticks), value[device]))
    for field, values in (
        ("soc-minima", devices.soc_minima[device]),
        ("soc-maxima", devices.soc_maxima[device]),
    ):
        for first, last in equal_runs(values):
            yield _level(field, device, ticks[first + 1 : last + 1], values[first:last])
    yield from _targets(problem, device)
    gain = devices.gain[device]
    for field, sign in (("soc-gain", 1.0), ("soc-usage", -1.0)):
        for first, last in runs(sign * gain > 0):
            part = gain[first:last]
            yield _bounded(
                field, device, Kind.FLOW, _numbers(first, last), part, part, np.abs(part)
            )


def _level(field: str, device: int, ticks: IntArray, values: FloatArray) -> Requirement:
    bound = {"lower" if field in ("soc-min", "soc-minima") else "upper": values}
    return _bounded(field, device, Kind.LEVEL, ticks, amounts=values, **bound)


def _targets(problem: Problem, device: int) -> Iterator[Requirement]:
    """Targets; one between two ticks also demands to be within its reach at the tick before."""
    devices = problem.devices
    values = devices.soc_targets[device]
    reaching = ~(np.isnan(devices.reach_floor[device]) & np.isnan(devices.reach_ceiling[device]))
    for first, last in equal_runs(values):
        # A run is cut where a target between two ticks begins, which moves by itself.
        cuts = [first, *(first + 1 + np.flatnonzero(reaching[first : last - 1])).tolist(), last]
        for begin, end in pairwise(cuts):
            before = begin > 0 and bool(reaching[begin - 1])
            yield _target(problem, device, begin, end, begin - 1 if before else None)
    followed = np.append(~np.isnan(values[1:]), False)
    for alone in np.flatnonzero(reaching & ~followed).tolist():
        yield _target(problem, device, alone, alone, alone)


def _target(
    problem: Problem, device: int, first: int, last: int, before: int | None
) -> Requirement:
    """A target at the ends of steps first to last (excluded), and its reach at that of `before`."""
    devices = problem.devices
    reach = [] if before is None else [before]
    steps = np.array([*reach, *range(first, last)], np.int32)
    values = devices.soc_targets[device, first:last]
    lower = np.concatenate([devices.reach_floor[device, reach], values])
    upper = np.concatenate([devices.reach_ceiling[device, reach], values])
    unknown = np.full(len(reach), np.nan)
    retention = devices.reach_retention[device, reach]
    made = _bounded(
        "soc-targets",
        device,
        Kind.TARGET,
        steps + 1,
        np.where(np.isnan(lower), -np.inf, lower),
        np.where(np.isnan(upper), np.inf, upper),
        np.concatenate([unknown, values]),
    )
    return replace(made, steepness=np.concatenate([1.0 / retention, np.ones(len(values))]))


def _of_power(problem: Problem, device: int) -> Iterator[Requirement]:
    devices = problem.devices
    most = devices.power_capacity[device]
    capacities = (devices.consumption_capacity[device], devices.production_capacity[device])
    by_power = [capacity == most for capacity in capacities]
    runs_that_way = {
        flow for flow, capacity in zip(BOTH_WAYS, capacities, strict=True) if capacity.any()
    }
    for told, field, at in (
        (BOTH_WAYS, "power-capacity", by_power[0] & by_power[1]),
        (("charge",), "power-capacity", by_power[0] & ~by_power[1]),
        (("discharge",), "power-capacity", by_power[1] & ~by_power[0]),
        (("charge",), "consumption-capacity", ~by_power[0]),
        (("discharge",), "production-capacity", ~by_power[1]),
    ):
        flows = tuple(flow for flow in told if flow in runs_that_way)
        if not flows:
            continue
        capacity = capacities[0] if "charge" in flows else capacities[1]
        for first, last in runs(at):
            part = capacity[first:last]
            steps = _numbers(first, last)
            made = _bounded(field, device, Kind.DEVICE, steps, upper=part, amounts=part)
            yield replace(made, flows=flows)


def _of_groups(problem: Problem) -> Iterator[Requirement]:
    for number, limit in enumerate(problem.links.limits):
        amounts = np.where(np.isfinite(limit.upper), limit.upper, -limit.lower)
        for first, last in runs(np.isfinite(amounts)):
            pick, steps = slice(first, last), _numbers(first, last)
            made = _bounded(
                limit.field,
                None,
                Kind.GROUP,
                steps,
                limit.lower[pick],
                limit.upper[pick],
                amounts[pick],
            )
            yield replace(made, group=number)


def _of_site(problem: Problem) -> Iterator[Requirement]:
    site = problem.site
    consumption, production = site.consumption_capacity, site.production_capacity
    told = np.isfinite(site.power_capacity)
    power = told & ((consumption == site.power_capacity) | (production == site.power_capacity))
    for field, at, up, down in (
        ("site-power-capacity", power, consumption, production),
        ("site-consumption-capacity", np.isfinite(consumption), consumption, None),
        ("site-production-capacity", np.isfinite(production), None, production),
    ):
        if field != "site-power-capacity":
            capacity = production if up is None else consumption
            at = at & ~(told & (capacity == site.power_capacity))
        for first, last in runs(at):
            yield _site(problem, field, slice(first, last), up, down)
    load = site.inflexible_power
    for sign in (1.0, -1.0):
        for first, last in runs(sign * load > 0):
            part = load[first:last]
            steps = _numbers(first, last)
            yield _bounded("inflexible power", None, Kind.LOAD, steps, part, part, part)


def _site(
    problem: Problem, field: str, pick: slice, up: FloatArray | None, down: FloatArray | None
) -> Requirement:
    steps = _numbers(0, problem.steps)[pick]
    upper, lower = np.full(len(steps), np.inf), np.full(len(steps), -np.inf)
    if up is not None:
        upper = up[pick]
    if down is not None:
        lower = -down[pick]
    if up is not None and down is not None:
        amounts = problem.site.power_capacity[pick]
        upper = np.where(upper == amounts, upper, np.inf)
        lower = np.where(-lower == amounts, lower, -np.inf)
    else:
        amounts = upper if down is None else -lower
    return _bounded(field, None, Kind.SITE, steps, lower, upper, amounts)


def _bounded(
    field: str,
    device: int | None,
    kind: Kind,
    positions: IntArray,
    lower: FloatArray | None = None,
    upper: FloatArray | None = None,
    amounts: FloatArray | None = None,
) -> Requirement:
    shape = (len(positions),)
    assert amounts is not None
    return Requirement(
        field=field,
        device=device,
        kind=kind,
        positions=positions,
        lower=np.full(shape, -np.inf) if lower is None else lower,
        upper=np.full(shape, np.inf) if upper is None else upper,
        amounts=amounts,
        steepness=np.ones(shape),
    )


def _numbers(first: int, last: int) -> IntArray:
    return np.arange(first, last, dtype=np.int32)


def runs(at: BoolArray) -> list[tuple[int, int]]:
    """First and end (excluded) of each run of True."""
    edges = np.flatnonzero(np.diff(np.concatenate([[False], at, [False]]).astype(np.int8)))
    return [(int(a), int(b)) for a, b in zip(edges[::2], edges[1::2], strict=True)]


def equal_runs(values: FloatArray) -> list[tuple[int, int]]:
    """First and end (excluded) of each run of one value; NaN is none."""
    found = []
    for first, last in runs(~np.isnan(values)):
        changes = first + 1 + np.flatnonzero(np.diff(values[first:last]) != 0)
        edges = [first, *changes.tolist(), last]
        found += list(pairwise(edges))
    return found

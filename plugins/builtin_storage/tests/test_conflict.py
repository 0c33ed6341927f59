"""Generated contradictions, each judged by a second formulation that shares no code with ours."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import highspy
import numpy as np
import pytest

from fmhost_storage.conflict import Conflict, all_demands, find_conflict
from fmhost_storage.links import Bands, Coupling, FlowLimit, Links, Ramp
from fmhost_storage.problem import Devices, Problem, Site, Storage
from fmhost_storage.repair import reference
from fmhost_storage.repaired import repaired
from fmhost_storage.requirements import Kind, Requirement, one_way

#: So many without, and with, ramps, couplings and operation modes.
CONFLICTS = {False: 200, True: 100}
#: A power beyond all that matters here [MW].
ANY = 300.0
FIELDS = {
    "soc-targets": "soc_targets",
    "soc-minima": "soc_minima",
    "soc-maxima": "soc_maxima",
}


def possible(problem: Problem, demands: Sequence[Requirement]) -> bool:
    """Whether there is a schedule with only these demands in force."""
    devices, steps = problem.devices, problem.steps
    solver = highspy.Highs()
    solver.setOptionValue("output_flag", False)
    solver.setOptionValue("mip_feasibility_tolerance", 1e-7)
    solver.setOptionValue("primal_feasibility_tolerance", 1e-7)
    site = [solver.addVariable(-highspy.kHighsInf, highspy.kHighsInf) for _ in range(steps)]
    load = [between(solver, value) for value in problem.site.inflexible_power]
    net = list(load)
    places: dict[tuple[Kind, int | None, str], list[object]] = {
        (Kind.SITE, None, ""): site,
        (Kind.LOAD, None, ""): load,
    }
    for device in range(len(devices.names)):
        up = [solver.addVariable(0, ANY) for _ in range(steps)]
        down = [solver.addVariable(0, ANY) for _ in range(steps)]
        net = [total + one - other for total, one, other in zip(net, up, down, strict=True)]
        places[Kind.DEVICE, device, "charge"], places[Kind.DEVICE, device, "discharge"] = up, down
        for one, other in zip(up, down, strict=True):
            either = solver.addBinary()
            solver.addConstr(one <= ANY * either)
            solver.addConstr(other <= ANY - ANY * either)
        if not devices.stores[device]:
            continue
        soc = [solver.addVariable(-highspy.kHighsInf, highspy.kHighsInf) for _ in range(steps + 1)]
        gain = [between(solver, value) for value in devices.gain[device]]
        for kind in (Kind.START, Kind.LEVEL, Kind.TARGET):
            places[kind, device, ""] = soc
        places[Kind.FLOW, device, ""] = gain
        for step in range(steps):
            kept = devices.storage_efficiency[device, step]
            mean = 1.0 if kept == 1 else (kept - 1) / np.log(kept)
            stored = (
                up[step] * devices.charging_efficiency[device, step]
                - down[step] * (1 / devices.discharging_efficiency[device, step])
                + gain[step]
            )
            solver.addConstr(
                soc[step + 1] == soc[step] * kept + stored * (mean * problem.hours[step])
            )
    for number, limit in enumerate(problem.links.limits):
        total = [
            sum(
                places[Kind.DEVICE, device, "charge"][step]
                - places[Kind.DEVICE, device, "discharge"][step]
                for device in limit.members.tolist()
            )
            for step in range(steps)
        ]
        group = [solver.addVariable(-highspy.kHighsInf, highspy.kHighsInf) for _ in range(steps)]
        for step in range(steps):
            solver.addConstr(group[step] == total[step])
        places[Kind.GROUP, number, ""] = group
    for step in range(steps):
        solver.addConstr(site[step] == net[step])
    tie(solver, problem, places)
    for demand in demands:
        for flow in demand.flows or ("",):
            owner = demand.device if demand.group is None else demand.group
            owner = owner if demand.number is None else demand.number
            bounded = places[demand.kind, owner, flow]
            for position, lower, upper in zip(
                demand.positions, demand.lower, demand.upper, strict=True
            ):
                if np.isfinite(lower):
                    solver.addConstr(bounded[position] >= lower)
                if np.isfinite(upper):
                    solver.addConstr(bounded[position] <= upper)
    solver.run()
    status = solver.getModelStatus()
    assert status in (highspy.HighsModelStatus.kOptimal, highspy.HighsModelStatus.kInfeasible)
    return bool(status == highspy.HighsModelStatus.kOptimal)


def tie(solver: highspy.Highs, problem: Problem, places: dict[Any, list[Any]]) -> None:
    """What ramps, couplings and operation modes are about."""

    def power(device: int, step: int) -> Any:
        return (
            places[Kind.DEVICE, device, "charge"][step]
            - places[Kind.DEVICE, device, "discharge"][step]
        )

    def free() -> Any:
        return solver.addVariable(-highspy.kHighsInf, highspy.kHighsInf)

    steps, links = problem.steps, problem.links
    for number, ramp in enumerate(links.ramps):
        places[Kind.RAMP, number, ""] = changes = [free() for _ in range(steps)]
        for step, change in enumerate(changes):
            if step or not np.isnan(ramp.before):
                before = power(ramp.device, step - 1) if step else float(ramp.before)
                solver.addConstr(change == power(ramp.device, step) - before)
    number = 0
    for coupling in links.couplings:
        first, own = int(coupling.members[0]), float(coupling.ratios[0])
        for device, ratio in zip(
            coupling.members[1:].tolist(), coupling.ratios[1:].tolist(), strict=True
        ):
            places[Kind.COUPLING, number, ""] = apart = [free() for _ in range(steps)]
            for step in range(steps):
                solver.addConstr(
                    apart[step] == own * power(device, step) - ratio * power(first, step)
                )
            number += 1
    for number, bands in enumerate(links.bands):
        places[Kind.BAND, number, ""] = [solver.addBinary() for _ in range(steps)]
        for step, outside in enumerate(places[Kind.BAND, number, ""]):
            chosen = [solver.addBinary() for _ in bands.lower]
            solver.addConstr(sum(chosen) + outside == 1)
            for bounds, sign in ((bands.lower, 1.0), (bands.upper, -1.0)):
                bound = sum(float(value) * each for value, each in zip(bounds, chosen, strict=True))
                solver.addConstr(sign * (power(bands.device, step) - bound) + ANY * outside >= 0)


def between(solver: highspy.Highs, value: float) -> object:
    return solver.addVariable(min(value, 0.0), max(value, 0.0))


def sides(problem: Problem) -> list[Requirement]:
    return [
        each for device in range(len(problem.devices.names)) for each in one_way(problem, device)
    ]


def everything(problem: Problem) -> list[Requirement]:
    return [*all_demands(problem), *sides(problem)]


def given(problem: Problem, conflict: Conflict) -> list[Requirement]:
    """Directions in which devices do not run, of those whose stock the conflict is not about."""
    stocks = {each.device for each in conflict.demands if each.is_energy}
    return [each for each in sides(problem) if each.device not in stocks]


def generated(random: np.random.Generator, linked: bool) -> Problem:
    """A site whose limits often contradict each other."""
    steps = int(random.integers(3, 9))
    hours = float(random.choice([0.25, 0.5, 1.0]))
    storages = [store(random, steps, hours, number) for number in range(random.integers(1, 4))]
    site: dict[str, object] = {}
    if random.random() < 0.6:
        site["inflexible_power"] = np.round(random.uniform(-1.5, 2.5, steps), 2)
    if random.random() < 0.5:
        power = round(random.uniform(0.3, 3), 1)
        site |= dict.fromkeys(("consumption_capacity", "production_capacity"), power)
        site["power_capacity"] = power
    if random.random() < 0.4:
        site["consumption_capacity"] = np.round(random.uniform(0.2, 2.5, steps), 1)
    if random.random() < 0.3:
        site["production_capacity"] = np.round(random.uniform(0.0, 2.0, steps), 1)
    limits = ()
    if len(storages) > 1 and random.random() < 0.5:
        upper = np.round(random.uniform(0.1, 1.5, steps), 1)
        lower = -upper if random.random() < 0.5 else np.full(steps, -np.inf)
        limits = (FlowLimit("group", "power-capacity", np.array([0, 1], np.int32), lower, upper),)
    return Problem(
        np.full(steps, hours),
        Devices.stack(storages, steps),
        Site.constant(steps, consumption_price=1.0, **site),  # type: ignore[arg-type]
        links=links_of(random, steps, len(storages), limits) if linked else Links(limits=limits),
    )


def links_of(
    random: np.random.Generator, steps: int, devices: int, limits: tuple[FlowLimit, ...]
) -> Links:
    found: dict[str, Any] = {"ramps": (), "couplings": (), "bands": ()}
    last = devices - 1
    if random.random() < 0.5:
        limit = np.full(steps, round(random.uniform(0.05, 0.6), 2))
        before = float(random.choice([np.nan, 0.0, 0.1]))
        found["ramps"] = (Ramp(last, limit, before),)
    if devices > 1 and random.random() < 0.6:
        ratios = np.array([1.0, float(random.choice([0.5, 2.0, -1.0]))])
        found["couplings"] = (Coupling("engine", np.array([0, 1], np.int32), ratios),)
    if random.random() < 0.5:
        found["bands"] = (Bands(0, np.array([0.0, 0.4]), np.array([0.0, 0.6])),)
    return Links(limits=limits, **found)


def store(random: np.random.Generator, steps: int, hours: float, number: int) -> Storage:
    def sometimes(chance: float, low: float, high: float, share: float) -> np.ndarray:
        points = np.full(steps, np.nan)
        if random.random() < chance:
            at = random.random(steps) < share
            points[at] = np.round(random.uniform(low, high, int(at.sum())), 2)
        return points

    up, down = np.round(random.uniform(0.1, 1.5, 2), 1)
    if random.random() < 0.3:
        down = 0.0
    elif random.random() < 0.15:
        up = 0.0
    lossless = random.random() < 0.3
    efficiency = 1.0 if lossless else round(random.uniform(0.7, 0.95), 2)
    targets = sometimes(0.6, 0.2, 2.2, 0.2)
    gain = np.round(random.uniform(-0.4, 0.4, steps), 2) if random.random() < 0.3 else None
    kept = 1.0 if random.random() < 0.6 else 0.95
    floor, ceiling = np.full((2, steps), np.nan)
    for tick in np.flatnonzero(~np.isnan(targets[1:])):
        if gain is None and random.random() < 0.2:  # halfway between two ticks
            target, left = targets[tick + 1], kept**0.5
            floor[tick] = (target - 0.5 * hours * up * efficiency) / left
            ceiling[tick] = (target + 0.5 * hours * down / efficiency) / left
    return Storage(
        float(up),
        float(down),
        soc_at_start=round(random.uniform(0.1, 1.8), 2),
        charging_efficiency=efficiency,
        discharging_efficiency=efficiency,
        storage_efficiency=kept,
        gain=0.0 if gain is None else gain,
        reach_floor=floor,
        reach_ceiling=ceiling,
        reach_retention=kept**0.5,
        soc_min=0.1 if random.random() < 0.7 else 0.0,
        soc_max=2.0,
        soc_minima=sometimes(0.4, 0.2, 1.8, 0.3),
        soc_maxima=sometimes(0.3, 0.3, 1.8, 0.3),
        soc_targets=targets,
        power_capacity=float(max(up, down)),
        name=f"store {number}",
    )


def conflicting(linked: bool) -> Iterator[Problem]:
    random = np.random.default_rng(6)
    found = 0
    while found < CONFLICTS[linked]:
        problem = generated(random, linked)
        if not possible(problem, everything(problem)):
            found += 1
            yield problem


LINKS = {Kind.RAMP, Kind.COUPLING, Kind.BAND}


@pytest.mark.timeout(240)
@pytest.mark.parametrize("linked", [False, True])
def test_conflicts_are_irreducible_and_repairs_work(linked: bool) -> None:
    kinds = set()
    for number, problem in enumerate(conflicting(linked)):
        conflict = find_conflict(problem)
        kinds |= {each.kind for each in conflict.demands}
        check_irreducible(problem, conflict, number)
        check_words(problem, conflict)
        check_repair(problem, conflict, number)
    assert kinds >= (LINKS if linked else set(Kind) - LINKS)


def check_irreducible(problem: Problem, conflict: Conflict, number: int) -> None:
    assert conflict.is_minimal, number
    background, demands = given(problem, conflict), list(conflict.demands)
    assert not possible(problem, [*background, *demands]), number
    for left_out in demands:
        rest = [each for each in demands if each is not left_out]
        assert possible(problem, [*background, *rest]), (number, left_out)


def check_words(problem: Problem, conflict: Conflict) -> None:
    """What a demand claims to be said is what the problem says."""
    for each in conflict.demands:
        if each.field in FIELDS:
            values = getattr(problem.devices, FIELDS[each.field])[each.device, each.positions - 1]
            said = ~np.isnan(each.amounts)
            np.testing.assert_array_equal(values[said], each.amounts[said])
        elif each.kind is Kind.LOAD:
            power = problem.site.inflexible_power[each.positions]
            np.testing.assert_array_equal(power, each.amounts)


def check_repair(problem: Problem, conflict: Conflict, number: int) -> None:
    assert conflict.changes, number
    changed = repaired(problem, conflict.changes)
    assert possible(changed, everything(changed)), number
    # Somewhat less of it does not do: by as much as one percent of what is largest.
    size = sum(change.size for change in conflict.changes)
    for change in conflict.changes:
        back = 0.01 * reference(problem, change.demand)
        if len(conflict.changes) == 1 and size > 0.02:
            less = change.after - np.sign(change.after - change.before) * back
            smaller = type(change)(
                change.demand, change.first, change.last, change.before, float(less), change.size
            )
            part = repaired(problem, [smaller])
            assert not possible(part, everything(part)), number

"""Random problems, a second formulation of them, and the laws that every schedule keeps.

The second formulation shares nothing with the first but the statement of the problem: it has no
columns for the state of charge (limits are rows over cumulated flows), a binary for every device,
step, direction and deviation, no scaling, no ladder; and it goes to other solvers through pyomo.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from fmhost_storage.commitments import Commitment
from fmhost_storage.infeasible import InfeasibleSchedule
from fmhost_storage.links import Bands, Coupling, FlowLimit, Links, Ramp
from fmhost_storage.model import LinearModel
from fmhost_storage.problem import Devices, Problem, Site, Storage
from fmhost_storage.solution import Solution
from fmhost_storage.solve import solve
from fmhost_storage.solvers import Solver, Status
from fmhost_storage.solvers.highs import HighsSolver
from fmhost_storage.stock import mean_retention

TOLERANCE = 1e-6
KINDS = ("battery", "battery", "charger", "generator", "plain load", "roof")
STEPS = (1, 2, 2, 3, 4, 6)
#: From 5 minutes to an hour.
HOURS = (1.0, 0.5, 0.25, 1 / 12)


class Draw:
    """Random parts of problems; numbers have two digits, so that none is feasible by a hair."""

    def __init__(self, seed: int) -> None:
        self.random = np.random.default_rng(seed)
        self.steps = int(self.random.choice(STEPS))
        self.hours = float(self.random.choice(HOURS))

    def one_of(self, *choices: Any) -> Any:
        return choices[self.random.integers(len(choices))]

    def numbers(self, low: float, high: float, steps: int | None = None) -> Any:
        return self.random.integers(round(low * 100), round(high * 100), steps, endpoint=True) / 100

    def series(self, low: float, high: float) -> Any:
        return self.numbers(low, high, self.steps)

    def storage(self) -> Storage:
        kind = self.one_of(*KINDS)
        if kind == "plain load":
            return Storage(self.series(0.0, 1.0), 0.0, soc_at_start=None, name=kind)
        if kind == "roof":
            return Storage(0.0, self.series(0.0, 1.0), soc_at_start=None, name=kind)
        soc_max = self.numbers(0.5, 3.0)
        lossless = self.one_of(False, False, True)
        points = {}
        limit = self.one_of(None, None, "minima", "maxima", "targets")
        if limit:
            values = np.full(self.steps, np.nan)
            values[self.random.integers(self.steps // 2, self.steps)] = self.numbers(0.0, soc_max)
            points[f"soc_{limit}"] = values
        return Storage(
            0.0 if kind == "generator" else self.series(0.0, 2.0),
            0.0 if kind == "charger" else self.numbers(0.0, 2.0),
            soc_at_start=self.one_of(0.0, soc_max, self.numbers(0.0, soc_max)),
            charging_efficiency=1.0 if lossless else self.one_of(1.0, 0.9, 0.7, 3.0),
            discharging_efficiency=1.0 if lossless else self.one_of(1.0, 0.95, 0.8),
            storage_efficiency=1.0 if lossless else self.one_of(1.0, 0.99, 0.9),
            gain=self.one_of(0.0, self.series(-0.05, 0.2)),
            soc_min=self.one_of(0.0, -np.inf),
            soc_max=soc_max,
            prefer_charging_sooner=self.one_of(True, False),
            name=kind,
            **points,
        )

    def site(self) -> Site:
        low, high = self.one_of((5, 50), (-20, 20), (-20, -5), (10, 10), (0, 0))
        consumption = self.series(low, high)
        limited = self.one_of(False, False, True)
        return Site.constant(
            self.steps,
            consumption_price=consumption,
            production_price=self.one_of(
                consumption,
                consumption - 3.0,
                consumption + 3.0,
                np.zeros(self.steps),
                self.series(-20, 20),
            ),
            consumption_capacity=self.numbers(2.0, 4.0) if limited else np.inf,
            production_capacity=self.numbers(1.0, 4.0) if limited else np.inf,
            inflexible_power=self.series(*self.one_of((0, 0), (0, 2), (-3, 0))),
        )

    def soft_limits(self, devices: list[Storage]) -> list[Commitment]:
        """Soft minima, maxima or targets of one device: the highest breach, and each."""
        stores = [d for d, storage in enumerate(devices) if storage.soc_at_start is not None]
        if not stores:
            return []
        quantity = np.where(self.random.random(self.steps) < 0.5, self.series(0.0, 3.0), np.nan)
        quantity[-1] = self.numbers(0.0, 3.0)
        up, down = np.array(self.one_of([0, -1], [1, 0], [1, -1])) * self.numbers(5, 500)
        price, device = self.one_of(1.0, 1.0, 1000.0), self.one_of(*stores)
        return [
            Commitment(
                (f"soc breach {highest}",),
                quantity[None],
                np.full((1, self.steps), up * price * (1 if highest else self.hours)),
                np.full((1, self.steps), down * price * (1 if highest else self.hours)),
                members=np.array([[device]], np.int32),
                stock=True,
                highest=highest,
                field="soc-minima",
            )
            for highest in (True, False)
        ]

    def flow_commitment(self, devices: list[Storage], *, highest: bool) -> Commitment:
        """Priced deviations of the site, of one device, or of two together."""
        up, down = self.series(-5, 30), self.series(-30, 5)
        if highest:
            up, down = np.maximum(up, 0) * 3, np.minimum(down, 0) * self.one_of(0, 1)
        members = None
        if self.one_of(True, False):
            count = self.one_of(*range(1, min(2, len(devices)) + 1))
            members = self.random.permutation(len(devices))[:count][None].astype(np.int32)
        quantity = self.series(-1.0, 1.0)
        quantity[self.random.random(self.steps) < 0.2] = np.nan
        return Commitment(("flow",), quantity[None], up[None], down[None], members, highest=highest)

    def wear(self, devices: list[Storage]) -> Commitment:
        """A cost of throughput, or of deviation from an earlier plan, of one device."""
        device = int(self.random.integers(len(devices)))
        price = np.full((1, self.steps), self.numbers(0, 20) * self.hours)
        quantity = self.one_of(np.zeros(self.steps), self.series(-1, 1))
        return Commitment(
            ("wear",),
            quantity[None],
            price,
            -price,
            np.array([[device]], np.int32),
            gross=self.one_of(True, False),
        )

    def links(self, devices: list[Storage]) -> Links:
        """Some links among the devices; may add devices to the list."""
        found: dict[str, Any] = {}
        for kind in self.random.permutation(["owner", "node", "limit", "couple", "bands", "ramp"])[
            : self.random.integers(1, 4)
        ]:
            getattr(self, f"_{kind}")(devices, found)
        return Links(**found)

    def _owner(self, devices: list[Storage], found: dict[str, Any]) -> None:
        stores = [d for d, storage in enumerate(devices) if storage.soc_at_start is not None]
        if stores:
            owner = self.one_of(*stores)
            found["owners"] = {len(devices): owner}
            devices.append(
                Storage(
                    *self.one_of((1.0, 0.0), (0.0, 1.0), (0.5, 0.5)),
                    soc_at_start=None,
                    charging_efficiency=self.one_of(1.0, 3.0),
                    discharging_efficiency=self.one_of(1.0, 0.9),
                    storage_efficiency=devices[owner].storage_efficiency,
                    gain=self.one_of(0.0, 0.05),
                )
            )

    def _node(self, devices: list[Storage], found: dict[str, Any]) -> None:
        """A node of its own, with a load that a source serves, in balance."""
        load = self.series(0.0, 1.0)
        first = len(devices)
        devices.append(Storage(self.numbers(0.0, 1.0), 0.0, soc_at_start=None))
        devices.append(Storage(0.0, self.numbers(0.9, 2.0), soc_at_start=None))
        members = np.array([first, first + 1], np.int32)
        found["elsewhere"] = frozenset(members.tolist())
        balance = FlowLimit("node", "commodities", members, -load, -load)
        found["limits"] = (*found.get("limits", ()), balance)

    def _limit(self, devices: list[Storage], found: dict[str, Any]) -> None:
        count = self.one_of(*range(1, len(devices) + 1))
        members = self.random.permutation(len(devices))[:count].astype(np.int32)
        lower = self.one_of(np.full(self.steps, -np.inf), -self.series(0.0, 1.5))
        limit = FlowLimit("group", "power-capacity", members, lower, self.series(0.5, 1.5))
        found["limits"] = (*found.get("limits", ()), limit)

    def _couple(self, devices: list[Storage], found: dict[str, Any]) -> None:
        """A machine that consumes one thing and produces one or two others."""
        count = self.one_of(2, 3)
        members = np.arange(len(devices), len(devices) + count, dtype=np.int32)
        devices.append(Storage(self.series(0.0, 2.0), 0.0, soc_at_start=None))
        devices += [Storage(0.0, 1.0, soc_at_start=None) for _ in range(count - 1)]
        ratios = np.array([1.0, -0.4, -0.5][:count])
        found["couplings"] = (Coupling("machine", members, ratios),)
        if count == 3:
            found["elsewhere"] = found.get("elsewhere", frozenset()) | {int(members[2])}

    def _bands(self, devices: list[Storage], found: dict[str, Any]) -> None:
        device = int(self.random.integers(len(devices)))
        edges = np.sort(self.numbers(-1.5, 1.5, 4))
        bands = self.one_of([(0, 0), edges[2:]], [edges[:2], (0.0, 1.0)], [(-1.0, 0.0), (0.5, 1.5)])
        lower, upper = np.array(bands, float).T
        found["bands"] = (Bands(device, lower, upper),)

    def _ramp(self, devices: list[Storage], found: dict[str, Any]) -> None:
        limit = np.full(self.steps, self.numbers(0.1, 1.0))
        device = int(self.random.integers(len(devices)))
        found["ramps"] = (Ramp(device, limit, self.one_of(np.nan, 0.0)),)

    def problem(self, *, committed: bool, linked: bool) -> Problem:
        devices = [self.storage() for _ in range(self.one_of(1, 2, 2, 3))]
        links = self.links(devices) if linked else Links()
        commitments: list[Commitment] = []
        if committed:
            chosen = self.random.permutation(["soft", "peak", "energy", "wear"])
            for kind in chosen[: self.random.integers(1, 3)]:
                if kind == "soft":
                    commitments += self.soft_limits(devices)
                elif kind == "wear":
                    commitments.append(self.wear(devices))
                else:
                    commitments.append(self.flow_commitment(devices, highest=kind == "peak"))
        return Problem(
            np.full(self.steps, self.hours),
            Devices.stack(devices, self.steps),
            self.site(),
            commitments=tuple(commitments),
            links=links,
        )


class Second:
    """The problem as a mixed-integer model, written down coefficient by coefficient."""

    def __init__(self, problem: Problem) -> None:
        self.problem = problem
        self.lower: list[float] = []
        self.upper: list[float] = []
        self.cost: list[float] = []
        self.integer: list[bool] = []
        self.rows: list[tuple[dict[int, float], float, float]] = []
        count, steps = problem.devices.gain.shape
        self.power = [[self._device(d, t) for t in range(steps)] for d in range(count)]
        self.grid = [self._site(t) for t in range(steps)]
        self.stocks: dict[tuple[int, int], tuple[dict[int, float], float]] = {}
        for d in range(count):
            if not np.isnan(problem.devices.soc_at_start[d]):
                self._stock(d)
        self._links()
        for each in problem.commitments:
            for row in range(len(each.names)):
                self._commitment(each, row)

    def column(self, most: float, cost: float = 0.0, *, whole: bool = False) -> int:
        self.lower.append(0.0)
        self.upper.append(most)
        self.cost.append(cost)
        self.integer.append(whole)
        return len(self.cost) - 1

    def either(self, first: int, most: float, second: int, most_second: float) -> None:
        """Only one of two columns may exceed zero."""
        if most == 0 or most_second == 0:
            return
        chosen = self.column(1.0, whole=True)
        self.rows.append(({first: 1.0, chosen: -most}, -np.inf, 0.0))
        self.rows.append(({second: 1.0, chosen: most_second}, -np.inf, most_second))

    def _device(self, d: int, t: int) -> tuple[int, int]:
        devices = self.problem.devices
        most = float(devices.consumption_capacity[d, t])
        most_down = float(devices.production_capacity[d, t])
        up, down = self.column(most), self.column(most_down)
        self.either(up, most, down, most_down)
        return up, down

    def _site(self, t: int) -> tuple[int, int]:
        site, hours = self.problem.site, self.problem.hours[t]
        devices = self.problem.devices
        bound = abs(site.inflexible_power[t]) + 1.0
        bound += devices.consumption_capacity[:, t].sum() + devices.production_capacity[:, t].sum()
        most = min(bound, site.consumption_capacity[t])
        most_export = min(bound, site.production_capacity[t])
        import_ = self.column(most, site.consumption_price[t] * hours)
        export = self.column(most_export, -site.production_price[t] * hours)
        self.either(import_, most, export, most_export)
        balance = {import_: 1.0, export: -1.0}
        for d, powers in enumerate(self.power):
            if d not in self.problem.links.elsewhere:
                balance |= {powers[t][0]: -1.0, powers[t][1]: 1.0}
        self.rows.append((balance, site.inflexible_power[t], site.inflexible_power[t]))
        return import_, export

    def _stock(self, d: int) -> None:
        devices, problem = self.problem.devices, self.problem
        sharing = [d, *(each for each, owner in problem.links.owners.items() if owner == d)]
        flows: dict[int, float] = {}
        held = devices.soc_at_start[d]
        for t in range(problem.steps):
            eps = devices.storage_efficiency[d, t]
            length = problem.hours[t] * (1.0 if eps == 1 else (eps - 1) / np.log(eps))
            flows = {column: value * eps for column, value in flows.items()}
            held = eps * held
            for each in sharing:
                up, down = self.power[each][t]
                flows[up] = length * devices.charging_efficiency[each, t]
                flows[down] = -length / devices.discharging_efficiency[each, t]
                held += length * devices.gain[each, t]
            self.stocks[d, t] = flows, held
            floor = np.fmax(devices.soc_minima[d, t], devices.soc_min[d])
            ceiling = np.fmin(devices.soc_maxima[d, t], devices.soc_max[d])
            self.rows.append((flows, floor - held, ceiling - held))
            if not np.isnan(devices.soc_targets[d, t]):
                exact = devices.soc_targets[d, t] - held
                self.rows.append((flows, exact, exact))

    def net(self, d: int, t: int, factor: float = 1.0) -> dict[int, float]:
        up, down = self.power[d][t]
        return {up: factor, down: -factor}

    def _links(self) -> None:
        links = self.problem.links
        for t in range(self.problem.steps):
            for limit in links.limits:
                total: dict[int, float] = {}
                for d in limit.members.tolist():
                    total |= self.net(d, t)
                self.rows.append((total, limit.lower[t], limit.upper[t]))
            for coupling in links.couplings:
                common = self.column(100.0)
                for d, ratio in zip(coupling.members.tolist(), coupling.ratios, strict=True):
                    self.rows.append((self.net(d, t) | {common: -ratio}, 0.0, 0.0))
            for bands in links.bands:
                chosen = [self.column(1.0, whole=True) for _ in bands.lower]
                self.rows.append((dict.fromkeys(chosen, 1.0), 1.0, 1.0))
                for column, low, high in zip(chosen, bands.lower, bands.upper, strict=True):
                    own = self.net(bands.device, t)
                    self.rows.append((own | {column: 9.0}, -np.inf, high + 9.0))
                    self.rows.append((own | {column: -9.0}, low - 9.0, np.inf))
            for ramp in links.ramps:
                change, before = self.net(ramp.device, t), 0.0
                if t:
                    change |= self.net(ramp.device, t - 1, -1.0)
                elif np.isnan(ramp.before):
                    continue
                else:
                    before = ramp.before
                self.rows.append((change, before - ramp.limit[t], before + ramp.limit[t]))

    def _measured(self, each: Commitment, row: int, t: int) -> tuple[dict[int, float], float]:
        if each.members is None:
            return {self.grid[t][0]: 1.0, self.grid[t][1]: -1.0}, 0.0
        if each.stock:
            return self.stocks[int(each.members[row, 0]), t]
        flows: dict[int, float] = {}
        for d in each.members[row].tolist():
            flows |= self.net(d, t)
        return flows, 0.0

    def _commitment(self, each: Commitment, row: int) -> None:
        dearest = [self.column(np.inf, 1.0), self.column(np.inf, 1.0)] if each.highest else []
        for t in range(self.problem.steps):
            if np.isnan(each.quantity[row, t]):
                continue
            flows, fixed = self._measured(each, row, t)
            exact = each.quantity[row, t] - fixed
            up_price, down_price = each.up_price[row, t], each.down_price[row, t]
            most = 20.0 + abs(self.problem.site.inflexible_power[t])
            above = self.column(most, 0.0 if each.highest else up_price)
            below = self.column(most, 0.0 if each.highest else -down_price)
            self.rows.append((flows | {above: -1.0, below: 1.0}, exact, exact))
            self.either(above, most, below, most)
            if each.highest:
                self.rows.append(({above: up_price, dearest[0]: -1.0}, -np.inf, 0.0))
                self.rows.append(({below: -down_price, dearest[1]: -1.0}, -np.inf, 0.0))

    def hold(self, d: int, t: int, power: float) -> None:
        """Have a device run at some power [MW, consumption positive] at one step."""
        up, down = self.power[d][t]
        self.lower[up] = self.upper[up] = max(power, 0.0)
        self.lower[down] = self.upper[down] = max(-power, 0.0)

    def model(self) -> LinearModel:
        entries = sorted(
            (column, number, value)
            for number, (row, _, _) in enumerate(self.rows)
            for column, value in row.items()
            if value
        )
        columns = np.array([column for column, _, _ in entries], np.int64)
        return LinearModel(
            cost=np.array(self.cost),
            starts=np.searchsorted(columns, np.arange(len(self.cost) + 1)).astype(np.int32),
            indices=np.array([number for _, number, _ in entries], np.int32),
            values=np.array([value for _, _, value in entries]),
            row_lower=np.array([low for _, low, _ in self.rows]),
            row_upper=np.array([high for _, _, high in self.rows]),
            column_lower=np.array(self.lower),
            column_upper=np.array(self.upper),
            integer=np.array(self.integer),
        )


def check_laws(problem: Problem, solution: Solution) -> None:
    """Balances and bounds, recomputed step by step."""
    devices, site, links = problem.devices, problem.site, problem.links
    power, total = solution.power, solution.site_power
    assert np.all(power <= devices.consumption_capacity + TOLERANCE)
    assert np.all(power >= -devices.production_capacity - TOLERANCE)
    assert np.all(total <= site.consumption_capacity + TOLERANCE)
    assert np.all(total >= -site.production_capacity - TOLERANCE)
    balance = site.inflexible_power.copy()
    for d, own in enumerate(power):
        if d not in links.elsewhere:
            balance += own
    # MWh: far below 1e-6 kWh
    np.testing.assert_allclose(total * problem.hours, balance * problem.hours, atol=1e-12)
    for d in range(len(devices.names)):
        if np.isnan(devices.soc_at_start[d]):
            assert np.isnan(solution.soc[d]).all()
        else:
            _check_stock(problem, solution, d)
    for limit in links.limits:
        flow = power[limit.members].sum(axis=0)
        assert np.all((flow <= limit.upper + TOLERANCE) & (flow >= limit.lower - TOLERANCE))
    for coupling in links.couplings:
        shares = power[coupling.members] / coupling.ratios[:, None]
        np.testing.assert_allclose(shares, np.broadcast_to(shares[0], shares.shape), atol=TOLERANCE)
        assert np.all(shares >= -TOLERANCE)
    for bands in links.bands:
        for p in power[bands.device]:
            assert np.any((p >= bands.lower - TOLERANCE) & (p <= bands.upper + TOLERANCE))
    for ramp in links.ramps:
        changes = np.diff(power[ramp.device])
        assert np.all(np.abs(changes) <= ramp.limit[1:] + TOLERANCE)
        if not np.isnan(ramp.before):
            assert abs(power[ramp.device, 0] - ramp.before) <= ramp.limit[0] + TOLERANCE
    prices = np.where(total > 0, site.consumption_price, site.production_price)
    np.testing.assert_allclose(solution.cost, total * prices * problem.hours, atol=1e-9)
    committed = sum(_priced(problem, each, solution) for each in problem.commitments)
    found = sum(solution.commitment_costs.values())
    assert found == pytest.approx(committed, rel=1e-6, abs=1e-4)


def _check_stock(problem: Problem, solution: Solution, d: int) -> None:
    devices = problem.devices
    sharing = [d, *(each for each, owner in problem.links.owners.items() if owner == d)]
    soc = devices.soc_at_start[d]
    for t in range(problem.steps):
        eps = devices.storage_efficiency[d, t]
        length = problem.hours[t] * float(mean_retention(np.array(eps)))
        soc = eps * soc
        for each in sharing:
            p = solution.power[each, t]
            stored = max(p, 0.0) * devices.charging_efficiency[each, t]
            drawn = max(-p, 0.0) / devices.discharging_efficiency[each, t]
            soc += length * (stored - drawn + devices.gain[each, t])
        assert solution.soc[d, t + 1] == pytest.approx(soc, abs=1e-9)
        for floor in (devices.soc_min[d], devices.soc_minima[d, t], devices.soc_targets[d, t]):
            assert np.isnan(floor) or soc >= floor - TOLERANCE
        for top in (devices.soc_max[d], devices.soc_maxima[d, t], devices.soc_targets[d, t]):
            assert np.isnan(top) or soc <= top + TOLERANCE


def _priced(problem: Problem, each: Commitment, solution: Solution) -> float:
    """What one commitment of a solution costs, recomputed step by step."""
    paid, dearest_up, dearest_down = 0.0, 0.0, 0.0
    for t in range(problem.steps):
        if each.members is None:
            flow = solution.site_power[t]
        elif each.stock:
            flow = solution.soc[each.members[0, 0], t + 1]
        else:
            flow = sum(solution.power[d, t] for d in each.members[0])
        if np.isnan(each.quantity[0, t]):
            continue
        deviation = flow - each.quantity[0, t]
        price = each.up_price[0, t] if deviation > 0 else each.down_price[0, t]
        paid += price * deviation
        if deviation > 0:
            dearest_up = max(dearest_up, price * deviation)
        else:
            dearest_down = max(dearest_down, price * deviation)
    return dearest_up + dearest_down if each.highest else paid


def _compare(problem: Problem, other: Solver) -> str:
    """Both formulations, each on its solver, find the same cost, or none; how it was found."""
    second = other.solve(Second(problem).model())
    if second.status is Status.INFEASIBLE:
        with pytest.raises(InfeasibleSchedule):
            solve(problem, HighsSolver(), search=0.0)
        return "infeasible"
    assert second.objective is not None
    solution = solve(problem, HighsSolver())
    check_laws(problem, solution)
    largest_step = np.abs(solution.cost).max()
    if problem.commitments:
        largest_step = max(largest_step, *map(abs, solution.commitment_costs.values()))
    allowed = 1e-6 * max(abs(second.objective), largest_step, 1e-3)
    assert solution.total_cost == pytest.approx(second.objective, abs=allowed)
    return str(solution.rung)


@pytest.fixture(scope="session")
def draw_problem() -> Callable[..., Problem]:
    """A random problem by its seed; `committed` with prices of deviations, `linked` with links."""

    def draw(seed: int, *, committed: bool = False, linked: bool = False) -> Problem:
        return Draw(seed).problem(committed=committed, linked=linked)

    return draw


@pytest.fixture(scope="session")
def compare() -> Callable[[Problem, Solver], str]:
    """Compares a schedule with the optimum of the second formulation on another solver."""
    return _compare


@pytest.fixture(scope="session")
def least_cost() -> Callable[..., float | None]:
    """The least cost by the second formulation on another solver; None where there is none.

    With `held`, a device, a step and a power, of schedules in which that device runs so.
    """

    def found(
        problem: Problem, other: Solver, held: tuple[int, int, float] | None = None
    ) -> float | None:
        second = Second(problem)
        if held is not None:
            second.hold(*held)
        return other.solve(second.model()).objective

    return found


@pytest.fixture(scope="session")
def stretched() -> Callable[[Problem, float], Problem]:
    """The problem with steps of another length [h]."""
    return lambda problem, hours: replace(problem, hours=np.full(problem.steps, hours))

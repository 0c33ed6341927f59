"""A model of flows and stocks in which every demand is a bound that can be lifted.

It has no prices: only whether there is any schedule matters. Columns: charging and discharging
power, the state of charge (SoC) at ticks 0..T, gain, what is not scheduled, the power of groups and
of the site, what ramps, couplings and operation modes bound. Rows: the balance of each stock and of
the site, and what these columns are. What is not scheduled, and gain, may be
anything between zero and their value where the demand that they be so is lifted; powers of devices
may then be anything.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from fmhost_storage.arrays import BoolArray, FloatArray, IntArray
from fmhost_storage.entries import ABSENT, enter_present, exclude
from fmhost_storage.link_requirements import pairs
from fmhost_storage.model import ModelBuilder
from fmhost_storage.problem import Problem
from fmhost_storage.requirements import Kind, Requirement
from fmhost_storage.stock import mean_retention

#: Where a binary must choose, a lifted capacity is so many times what could matter.
BEYOND = 2.0


@dataclass(frozen=True)
class Liftable:
    """Where to find things; column numbers are ABSENT where there is none.

    :param unit: one model unit [MW, MWh].
    :param charge: columns, shape (D, T); likewise `discharge` and `gain`.
    :param stock: columns of the SoC at ticks 0..T, shape (D, T + 1).
    :param load: columns of what is not scheduled, shape (T,).
    :param group: columns of the power of several devices together, one row per limit, shape (L, T).
    :param change: columns of how much power changes from the step before, one row per ramp.
    :param apart: columns of how far two coupled devices are from their proportion, by pair.
    :param outside: binaries that let the power of a device be outside its bands, by bands.
    :param site: columns of the power of the site [consumption positive], shape (T,).
    :param lower: bounds of the columns with everything lifted; likewise `upper`.
    """

    problem: Problem
    unit: float
    charge: IntArray
    discharge: IntArray
    gain: IntArray
    stock: IntArray
    load: IntArray
    group: IntArray
    change: IntArray
    apart: IntArray
    outside: IntArray
    site: IntArray
    lower: FloatArray
    upper: FloatArray

    def bounds(self, demands: Iterable[Requirement]) -> tuple[FloatArray, FloatArray]:
        """Bounds of the columns with some demands in force."""
        lower, upper = self.lower.copy(), self.upper.copy()
        for demand in demands:
            for at in self.places(demand):
                np.maximum.at(lower, at, demand.lower / self.unit)
                np.minimum.at(upper, at, demand.upper / self.unit)
        return lower, upper

    def places(self, demand: Requirement) -> list[IntArray]:
        """The columns that a demand bounds, position by position."""
        kind, device, at = demand.kind, demand.device, demand.positions
        if kind is Kind.SITE:
            return [self.site[at]]
        if kind is Kind.GROUP:
            return [self.group[demand.group, at]]
        if kind is Kind.LOAD:
            return [self.load[at]]
        if kind in (Kind.RAMP, Kind.COUPLING, Kind.BAND):
            tied = {Kind.RAMP: self.change, Kind.COUPLING: self.apart, Kind.BAND: self.outside}
            return [tied[kind][demand.number, at]]
        if kind is Kind.DEVICE:
            return [getattr(self, flow)[device, at] for flow in demand.flows]
        return [(self.gain if kind is Kind.FLOW else self.stock)[device, at]]

    @property
    def lossy(self) -> BoolArray:
        """Devices for which charging and discharging at once is more than nothing; (D, T)."""
        devices = self.problem.devices
        product = devices.charging_efficiency * devices.discharging_efficiency
        return np.asarray(np.abs(product - 1.0) > 1e-12)


def lay_out(builder: ModelBuilder, problem: Problem, unit: float) -> Liftable:
    """Add the columns and rows of a problem to an empty builder; all demands are lifted."""
    devices, steps = problem.devices, problem.steps
    count = len(devices.names)
    charge = builder.columns("charge", (count, steps), cost=1.0)
    discharge = builder.columns("discharge", (count, steps), cost=1.0)
    stored = devices.limited
    stock = np.full((count, steps + 1), ABSENT, np.int32)
    stock[stored] = builder.columns("soc", (int(stored.sum()), steps + 1), lower=-np.inf)
    tied = stored.copy()
    tied[[each for each, owner in problem.links.owners.items() if stored[owner]]] = True
    gains = tied[:, None] & (devices.gain != 0)
    gain = _between(builder, "gain", gains, devices.gain / unit)
    load = _between(
        builder, "load", problem.site.inflexible_power != 0, problem.site.inflexible_power / unit
    )
    rows = builder.rows("stock balance", (int(stored.sum()), steps), lower=0.0, upper=0.0)
    kept = devices.storage_efficiency[stored]
    hours = problem.hours * mean_retention(kept)
    builder.enter(rows, stock[stored][:, 1:], 1.0)
    builder.enter(rows, stock[stored][:, :-1], -kept)
    builder.enter(rows, charge[stored], -hours * devices.charging_efficiency[stored])
    builder.enter(rows, discharge[stored], hours / devices.discharging_efficiency[stored])
    enter_present(builder, rows, gain[stored], -hours)
    place = np.cumsum(stored) - 1
    for device, owner in problem.links.owners.items():
        if not stored[owner]:
            continue
        row, length = rows[place[owner]], hours[place[owner]]
        builder.enter(row, charge[device], -length * devices.charging_efficiency[device])
        builder.enter(row, discharge[device], length / devices.discharging_efficiency[device])
        enter_present(builder, row, gain[device], -length)
    group = _groups(builder, problem, charge, discharge)
    change = _ramps(builder, problem, charge, discharge, unit)
    apart = _couplings(builder, problem, charge, discharge)
    outside = _bands(builder, problem, charge, discharge, unit)
    site = builder.columns("site", (steps,), lower=-np.inf)
    balance = builder.rows("site balance", (steps,), lower=0.0, upper=0.0)
    there = problem.links.on_site(len(charge))
    everyone = np.broadcast_to(balance, charge[there].shape)
    builder.enter(everyone, charge[there], 1.0)
    builder.enter(everyone, discharge[there], -1.0)
    enter_present(builder, balance, load, 1.0)
    builder.enter(balance, site, -1.0)
    bare = builder.build()
    lower, upper = bare.column_lower, bare.column_upper
    return Liftable(
        problem,
        unit,
        charge,
        discharge,
        gain,
        stock,
        load,
        group,
        change,
        apart,
        outside,
        site,
        lower,
        upper,
    )


def _groups(
    builder: ModelBuilder, problem: Problem, charge: IntArray, discharge: IntArray
) -> IntArray:
    limits, steps = problem.links.limits, problem.steps
    columns = builder.columns("group", (len(limits), steps), lower=-np.inf)
    for limit, own in zip(limits, columns, strict=True):
        rows = builder.rows(limit.name, (steps,), lower=0.0, upper=0.0)
        builder.enter(rows, own, -1.0)
        for device in limit.members.tolist():
            builder.enter(rows, charge[device], 1.0)
            builder.enter(rows, discharge[device], -1.0)
    return columns


def _ramps(
    builder: ModelBuilder, problem: Problem, charge: IntArray, discharge: IntArray, unit: float
) -> IntArray:
    ramps, steps = problem.links.ramps, problem.steps
    columns = builder.columns("change", (len(ramps), steps), lower=-np.inf)
    for ramp, own in zip(ramps, columns, strict=True):
        # Where the power before is not known, the first change is whatever it is.
        before = np.zeros(steps)
        before[0] = 0.0 if np.isnan(ramp.before) else ramp.before / unit
        rows = builder.rows("ramp", (steps,), lower=before, upper=before)
        builder.enter(rows, own, -1.0)
        for flow, sign in ((charge[ramp.device], 1.0), (discharge[ramp.device], -1.0)):
            builder.enter(rows, flow, sign)
            builder.enter(rows[1:], flow[:-1], -sign)
    return columns


def _couplings(
    builder: ModelBuilder, problem: Problem, charge: IntArray, discharge: IntArray
) -> IntArray:
    tied, steps = pairs(problem.links), problem.steps
    columns = builder.columns("apart", (len(tied), steps), lower=-np.inf)
    for (coupling, first, other, of_first, of_other), own in zip(tied, columns, strict=True):
        rows = builder.rows(coupling.name, (steps,), lower=0.0, upper=0.0)
        builder.enter(rows, own, -1.0)
        for device, factor in ((other, of_other), (first, -of_first)):
            builder.enter(rows, charge[device], factor)
            builder.enter(rows, discharge[device], -factor)
    return columns


def _bands(
    builder: ModelBuilder, problem: Problem, charge: IntArray, discharge: IntArray, unit: float
) -> IntArray:
    listed, steps = problem.links.bands, problem.steps
    columns = builder.columns("outside", (len(listed), steps), upper=1.0, integer=bool(listed))
    most = beyond(problem) / unit if listed else 0.0
    for bands, own in zip(listed, columns, strict=True):
        count = len(bands.lower)
        chosen = builder.columns("band", (count, steps), upper=1.0, integer=True)
        one = builder.rows("one band", (steps,), lower=1.0, upper=1.0)
        builder.enter(np.broadcast_to(one, chosen.shape), chosen, 1.0)
        builder.enter(one, own, 1.0)
        for bounds, sign in ((bands.lower, 1.0), (bands.upper, -1.0)):
            rows = builder.rows("within band", (steps,), lower=0.0)
            builder.enter(rows, charge[bands.device], sign)
            builder.enter(rows, discharge[bands.device], -sign)
            builder.enter(rows, own, most)
            values = np.broadcast_to(-sign * bounds[:, None] / unit, chosen.shape)
            builder.enter(np.broadcast_to(rows, chosen.shape), chosen, values)
    return columns


def _between(builder: ModelBuilder, name: str, present: BoolArray, values: FloatArray) -> IntArray:
    """Columns between zero and a value, where it is not zero."""
    numbers = np.full(present.shape, ABSENT, np.int32)
    part = values[present]
    lower, upper = np.minimum(part, 0.0), np.maximum(part, 0.0)
    numbers[present] = builder.columns(name, part.shape, lower=lower, upper=upper)
    return numbers


def beyond(problem: Problem) -> float:
    """A power [MW] beyond all that could matter: what fills or empties everything in one step."""
    devices, site = problem.devices, problem.site
    levels = [devices.soc_lower, devices.soc_upper, devices.soc_at_start]
    finite = [np.abs(each[np.isfinite(each)]).max(initial=0.0) for each in levels]
    energy = 2 * len(devices.names) * max(finite) + float(
        np.nansum(problem.hours * np.abs(devices.gain))
    )
    worst = min(devices.charging_efficiency.min(), (1 / devices.discharging_efficiency).min())
    kept = float(np.prod(devices.storage_efficiency, axis=1).min(initial=1.0))
    power = energy / (problem.hours.min() * min(worst, 1.0) * max(kept, 1e-3))
    capacities = devices.consumption_capacity + devices.production_capacity
    flows = np.abs(site.inflexible_power) + capacities.sum(axis=0)
    limits = [
        each[np.isfinite(each)].max(initial=0.0)
        for each in (site.consumption_capacity, site.production_capacity)
    ]
    return BEYOND * float(power + flows.max() + max(limits)) or 1.0


def forbid_overlaps(
    builder: ModelBuilder, layout: Liftable, at: BoolArray, upper: FloatArray
) -> None:
    """Let devices either charge or discharge at some steps, by a binary each.

    :param at: shape (D, T).
    :param upper: upper bounds of all columns [model units].
    """
    most = np.minimum(upper, beyond(layout.problem) / layout.unit)
    at = at & (most[layout.charge] > 0) & (most[layout.discharge] > 0)
    charge, discharge = layout.charge[at], layout.discharge[at]
    exclude(builder, "direction", charge, most[charge], discharge, most[discharge])

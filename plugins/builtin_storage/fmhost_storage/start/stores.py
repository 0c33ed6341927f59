"""Stores, each alone against the prices that the devices before it have left; and all the rest."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from fmhost_storage.arrays import BoolArray, FloatArray, IntArray
from fmhost_storage.entries import ABSENT
from fmhost_storage.solvers import BASIC, LOWER, UPPER
from fmhost_storage.start.alone import Store, Worth, worth_of
from fmhost_storage.start.draft import Draft
from fmhost_storage.stock import mean_retention

#: What is left at the end of the window of energy at its start, at least: less can't be divided by.
LEAST_LEFT = 1e-60


def run_others(draft: Draft) -> None:
    """Run devices without a state of charge to limit wherever that pays."""
    formulation = draft.formulation
    cost = formulation.model.cost
    unlimited = (formulation.stock == ABSENT).all(axis=1) & ~formulation.lean & draft.there
    for device in np.flatnonzero(unlimited):
        charge, discharge = formulation.charge[device], formulation.discharge[device]
        if discharge[0] != ABSENT:
            draft.run(discharge, draft.producing > cost[discharge], -1)
        if charge[0] != ABSENT:
            draft.run(charge, draft.consuming + cost[charge] < 0, 1)


def run_stores(draft: Draft) -> None:
    """Run the stores, one after the other."""
    stored = (draft.formulation.stock != ABSENT).all(axis=1) & draft.there
    for device in np.flatnonzero(stored):
        _run(draft, int(device))
    if draft.has_stores and not draft.is_open.all():
        draft.is_close = False  # by what it leaves to others, a store may save more than it earns


def _run(draft: Draft, device: int) -> None:
    formulation = draft.formulation
    model, problem = formulation.model, formulation.problem
    devices = problem.devices
    kept = devices.storage_efficiency[device]
    # In units of which nothing is lost over time.
    left = np.cumprod(kept)
    if left[-1] < LEAST_LEFT:
        return
    hours = problem.hours * mean_retention(kept) / left
    charge = _Flow.of(
        draft, formulation.charge[device], 1, hours * devices.charging_efficiency[device]
    )
    discharge = _Flow.of(
        draft, formulation.discharge[device], -1, hours / devices.discharging_efficiency[device]
    )
    stock = formulation.stock[device]
    store = Store(
        start=devices.soc_at_start[device] / formulation.scale.power,
        rise=charge.most,
        fall=discharge.most,
        gain=hours * devices.gain[device] / formulation.scale.power,
        charging=charge.price,
        discharging=discharge.price,
        floor=model.column_lower[stock] / left,
        ceiling=model.column_upper[stock] / left,
    )
    worth = worth_of(store)
    if worth is None:
        return
    energy = _run_at(draft, store, worth, charge, discharge)
    draft.columns[stock] = worth.stock
    draft.values[stock] = energy * left
    draft.rows[formulation.stock_balance[device]] = LOWER
    draft.has_stores = True


@dataclass
class _Flow:
    """One direction of a store's power.

    :param sign: 1 for charging, -1 for discharging.
    :param factor: energy in store per unit of power, shape (T,).
    :param most: energy that a step moves at most, shape (T,).
    :param clipped: where that is less than the device could, for want of room; shape (T,).
    :param price: of a unit of energy in store, shape (T,).
    """

    columns: IntArray
    sign: int
    factor: FloatArray
    most: FloatArray
    clipped: BoolArray
    price: FloatArray

    @classmethod
    def of(cls, draft: Draft, columns: IntArray, sign: int, factor: FloatArray) -> _Flow:
        nothing = np.zeros(len(columns))
        if columns[0] == ABSENT:
            return cls(columns, sign, factor, nothing, nothing > 0, nothing)
        model, room = draft.formulation.model, draft.room(sign)
        upper = model.column_upper[columns]
        site = draft.consuming if sign > 0 else draft.producing
        price = site + sign * model.cost[columns]
        most = np.minimum(upper, room) * factor
        return cls(columns, sign, factor, most, (room < upper) & (room > 0), price / factor)

    def enter(self, draft: Draft, energy: FloatArray, full: BoolArray, between: BoolArray) -> None:
        """Put into the draft what the steps move, and where that is a bound."""
        if self.columns[0] == ABSENT:
            return
        fills = full & self.clipped & draft.is_open
        places = np.where(full & ~self.clipped, UPPER, LOWER)
        places[fills | between] = BASIC
        draft.take(self.columns[None], places[None], (energy / self.factor)[None], fills, self.sign)


def _run_at(
    draft: Draft, store: Store, worth: Worth, charge: _Flow, discharge: _Flow
) -> FloatArray:
    """Run a store at the worth of its energy; energy in store after each step, shape (T,).

    At steps that cost just that worth, as many run, soonest first, as lead to where the store has
    to be at the end of the stretch in which the worth is the same.
    """
    value = worth.of_energy
    tied_charge = (value == store.charging) & (store.rise > 0)
    tied_discharge = (value == store.discharging) & (store.fall > 0)
    charged = np.where(value > store.charging, store.rise, 0.0)
    discharged = np.where((value < store.discharging) | tied_discharge, store.fall, 0.0)
    between = np.zeros((2, len(value)), bool)
    ends = np.flatnonzero(worth.stock != BASIC)
    if ends.size:
        aims = np.where(worth.stock == LOWER, store.floor, store.ceiling)[ends]
        flow = np.cumsum(store.gain + charged - discharged)[ends]
        missing = np.diff(aims, prepend=store.start) - np.diff(flow, prepend=0.0)
        # Either more is charged at tied steps, or less discharged.
        steps = np.concatenate([np.flatnonzero(tied_charge), np.flatnonzero(tied_discharge)])
        more = np.arange(len(steps)) < np.count_nonzero(tied_charge)
        order = np.argsort(steps, kind="stable")
        order = order[steps[order] <= ends[-1]]
        steps, more = steps[order], more[order]
        height = np.where(more, store.rise[steps], store.fall[steps])
        moved, last = _filled(height, np.searchsorted(ends, steps), missing)
        charged[steps[more]] += moved[more]
        discharged[steps[~more]] -= moved[~more]
        between[(~more[last]).astype(int), steps[last]] = True
    charge.enter(draft, charged, (charged > 0) & ~between[0], between[0])
    discharge.enter(draft, discharged, (discharged > 0) & ~between[1], between[1])
    return np.asarray(store.start + np.cumsum(store.gain + charged - discharged))


def _filled(
    height: FloatArray, stretch: IntArray, missing: FloatArray
) -> tuple[FloatArray, IntArray]:
    """Fill stairs in their order, stretch by stretch, until nothing is missing.

    :param stretch: of each stair, rising; none is without stairs.
    :return: how much of each stair is filled, and which is the last one of each stretch.
    """
    begin = np.searchsorted(stretch, np.arange(len(missing)))
    below = np.cumsum(height) - height
    below -= below[begin][stretch]
    full = np.bincount(stretch, below + height < missing[stretch], len(missing)).astype(int)
    size = np.diff(np.append(begin, len(height)))
    last = begin + np.minimum(full, size - 1)
    moved = np.where(np.arange(len(height)) < last[stretch], height, 0.0)
    moved[last] = missing - below[last]
    return moved, last

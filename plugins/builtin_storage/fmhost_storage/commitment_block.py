"""Columns and rows of the commitments: what deviations cost.

A deviation that only costs in one direction takes one inequality and one column at each step; the
dearest of a window takes one column for all of its steps. Otherwise one equality splits the
deviation in two columns, which exclude one another by a binary where both at once would pay. Steps
at which a costly deviation is out of reach take nothing.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from fmhost_storage.arrays import BoolArray, FloatArray, IntArray
from fmhost_storage.commitments import Commitment
from fmhost_storage.entries import ABSENT, enter_present, exclude
from fmhost_storage.model import ModelBuilder
from fmhost_storage.problem import Problem
from fmhost_storage.scale import Scale, site_reach


@dataclass(frozen=True)
class Flows:
    """Columns that commitments measure; see :class:`fmhost_storage.formulation.Formulation`."""

    charge: IntArray
    discharge: IntArray
    stock: IntArray
    site_import: IntArray
    site_export: IntArray


def commit(
    builder: ModelBuilder,
    problem: Problem,
    scale: Scale,
    flows: Flows,
    held: tuple[IntArray, ...] | None,
) -> None:
    """Add the problem's commitments.

    :param held: direction of each deviation, instead of binaries; as in `Directions`.
    """
    for number, each in enumerate(problem.commitments):
        block = _Block(builder, scale, flows, each)
        lowest, highest = _reach(problem, each)
        above, below = highest > each.quantity, lowest < each.quantity  # never where it is NaN
        up, down = each.up_price, each.down_price
        if each.gross:
            block.each_way(flows.charge, np.maximum(each.quantity, 0.0), up, -down)
            block.each_way(flows.discharge, np.maximum(-each.quantity, 0.0), -down, up)
            continue
        if each.highest:
            block.dearest(above & (up != 0), 1.0, up)
            block.dearest(below & (down != 0), -1.0, -down)
            continue
        costly_up, costly_down = (up > 0) & (down == 0), (down < 0) & (up == 0)
        block.one_way(above & costly_up, 1.0, up)
        block.one_way(below & costly_down, -1.0, -down)
        rest = ~np.isnan(each.quantity) & ((up != 0) | (down != 0)) & ~costly_up & ~costly_down
        direction = None if held is None or not held else held[number]
        block.both_ways(rest, highest, lowest, direction)


def _reach(problem: Problem, commitment: Commitment) -> tuple[FloatArray, FloatArray]:
    """Bounds of what a commitment measures, by the hard limits; each of shape (R, T)."""
    devices, members = problem.devices, commitment.members
    if members is None:
        consumption, production = site_reach(problem)
        return -production[None, :], consumption[None, :]
    if commitment.stock:
        return devices.soc_lower[members[:, 0]], devices.soc_upper[members[:, 0]]
    return (
        -devices.production_capacity[members].sum(axis=1),
        devices.consumption_capacity[members].sum(axis=1),
    )


class _Block:
    """Adds parts of one commitment; masks have shape (R, T)."""

    def __init__(
        self, builder: ModelBuilder, scale: Scale, flows: Flows, commitment: Commitment
    ) -> None:
        self.builder = builder
        self.flows = flows
        self.commitment = commitment
        self.unit = scale.power
        self.worth = scale.power / scale.money
        self.name = commitment.names[0]

    def one_way(self, at: BoolArray, sign: float, price: FloatArray) -> None:
        """``sign * (measured - quantity) <= column``, at each step of its own price."""
        if not at.any():
            return
        count = (int(at.sum()),)
        column = self.builder.columns(self.name, count, cost=price[at] * self.worth)
        limit = sign * self.commitment.quantity[at] / self.unit
        rows = self.builder.rows(self.name, count, upper=limit)
        self._measure(rows, at, sign)
        self.builder.enter(rows, column, -1.0)

    def each_way(
        self, columns: IntArray, quantity: FloatArray, more: FloatArray, less: FloatArray
    ) -> None:
        """A price of more, and one of less, than a quantity of flow in one direction.

        :param columns: of the flow of all devices, shape (D, T).
        :param quantity: NaN where there is none, shape (R, T).
        """
        assert self.commitment.members is not None
        own = columns[self.commitment.members[:, 0]]
        present = own != ABSENT
        at = (quantity == 0) & present & (more != 0)
        self.builder.price(own[at], more[at] * self.worth)
        for sign, price, there in ((1.0, more, present), (-1.0, less, np.ones_like(present))):
            at = (quantity > 0) & (price != 0) & there
            if at.any():
                count = (int(at.sum()),)
                column = self.builder.columns(self.name, count, cost=price[at] * self.worth)
                rows = self.builder.rows(self.name, count, upper=sign * quantity[at] / self.unit)
                enter_present(self.builder, rows, own[at], sign)
                self.builder.enter(rows, column, -1.0)

    def dearest(self, at: BoolArray, sign: float, price: FloatArray) -> None:
        """``sign * (measured - quantity) * price <= column * highest price``, one column a row."""
        if not at.any():
            return
        top = np.where(at, price, 0.0).max(axis=1)
        used = top > 0
        column = np.zeros(len(top), np.int32)
        column[used] = self.builder.columns(
            self.name, (int(used.sum()),), cost=top[used] * self.worth
        )
        limit = sign * self.commitment.quantity[at] / self.unit
        rows = self.builder.rows(self.name, limit.shape, upper=limit)
        self._measure(rows, at, sign)
        owner = np.nonzero(at)[0]
        self.builder.enter(rows, column[owner], -top[owner] / price[at])

    def both_ways(
        self, at: BoolArray, highest: FloatArray, lowest: FloatArray, held: IntArray | None
    ) -> None:
        """``measured - up + down = quantity``."""
        if not at.any():
            return
        commitment, unit = self.commitment, self.unit
        quantity = commitment.quantity[at]
        up_most = np.maximum(highest[at] - quantity, 0.0) / unit
        down_most = np.maximum(quantity - lowest[at], 0.0) / unit
        either = commitment.rewarding[at]
        if held is not None:
            up_most = np.where(either & (held[at] < 0), 0.0, up_most)
            down_most = np.where(either & (held[at] > 0), 0.0, down_most)
        add = self.builder.columns
        up = add(
            self.name, quantity.shape, upper=up_most, cost=commitment.up_price[at] * self.worth
        )
        down = add(
            self.name,
            quantity.shape,
            upper=down_most,
            cost=-commitment.down_price[at] * self.worth,
        )
        rows = self.builder.rows(
            self.name, quantity.shape, lower=quantity / unit, upper=quantity / unit
        )
        self._measure(rows, at, 1.0)
        self.builder.enter(rows, up, -1.0)
        self.builder.enter(rows, down, 1.0)
        if held is None:
            one = either & (up_most > 0) & (down_most > 0)
            exclude(
                self.builder,
                f"{self.name} direction",
                up[one],
                up_most[one],
                down[one],
                down_most[one],
            )

    def _measure(self, rows: IntArray, at: BoolArray, sign: float) -> None:
        """Enter what the commitment measures into rows, one for each True of `at`."""
        members, flows = self.commitment.members, self.flows
        if members is None:
            steps = np.nonzero(at)[1]
            self.builder.enter(rows, flows.site_import[steps], sign)
            self.builder.enter(rows, flows.site_export[steps], -sign)
        elif self.commitment.stock:
            self.builder.enter(rows, flows.stock[members[:, 0]][at], sign)
        else:
            for devices in members.T:
                enter_present(self.builder, rows, flows.charge[devices][at], sign)
                enter_present(self.builder, rows, flows.discharge[devices][at], -sign)

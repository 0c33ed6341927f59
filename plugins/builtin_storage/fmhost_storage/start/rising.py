"""Devices that must have charged some energy by some tick, and never give it back."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from fmhost_storage.entries import ABSENT
from fmhost_storage.solvers import BASIC, LOWER, UPPER
from fmhost_storage.start.draft import NONE, Draft


def run_rising(draft: Draft) -> None:
    """Charge at the cheapest steps before each floor, devices with the least choice first.

    That is next to the optimum of fleets: for 200 cars that share a connection, 0.03 % above it.
    """
    formulation = draft.formulation
    model, problem = formulation.model, formulation.problem
    rows = formulation.charged
    floored = (rows != ABSENT) & np.isfinite(model.row_lower[rows])
    floored &= formulation.charge != ABSENT
    devices = np.flatnonzero(floored.any(axis=1) & draft.there)
    if not devices.size:
        return
    if draft.has_cheap_surplus:
        draft.is_close = False  # they take all of a step at the price of its first unit
    columns, rows, floored = formulation.charge[devices], rows[devices], floored[devices]
    stored = problem.hours * problem.devices.charging_efficiency[devices]
    most = model.column_upper[columns]
    price = (draft.consuming + model.cost[columns]) / stored
    owners, ticks = np.nonzero(floored)
    limits = rows[owners, ticks]
    floors = model.row_lower[limits]
    end = np.searchsorted(owners, np.arange(len(devices)), side="right")
    spare = np.cumsum(stored * most, axis=1)[np.arange(len(devices)), ticks[end - 1]]
    fleet = _Fleet(
        room=draft.room(1).tolist(),
        order=np.argsort(price, axis=1, kind="stable").tolist(),
        stored=stored.tolist(),
        most=most.tolist(),
    )
    held = np.zeros(len(limits), bool)
    aims = list(zip(ticks.tolist(), floors.tolist(), strict=True))
    begins, ends = [0, *end[:-1].tolist()], end.tolist()
    for device in np.argsort(spare - floors[end - 1], kind="stable").tolist():
        here = slice(begins[device], ends[device])
        held[here] = fleet.charge(device, aims[here])
    draft.rows[limits[held]] = LOWER
    places = np.full(columns.shape, LOWER, np.int32)
    values = np.zeros(columns.shape)
    places.ravel()[fleet.taken] = fleet.places
    values.ravel()[fleet.taken] = fleet.values
    draft.take(columns, places, values, np.array(fleet.filled))


class _Fleet:
    """Devices that share the room that is left; K of them, in units of the model.

    All in lists, from which single numbers are read twice as fast as from arrays.

    :param room: what the site can still consume, T values.
    :param order: steps of each device, the cheapest first; K lists of T.
    :param stored: energy that a unit of power stores in a step.
    :param most: largest power of each device.
    :ivar taken: numbers of the columns that run, in C order of K and T.
    :ivar places: where those columns are.
    :ivar values: their power.
    :ivar filled: where devices fill the room, T values.
    """

    def __init__(
        self,
        room: list[float],
        order: Sequence[Sequence[int]],
        stored: Sequence[Sequence[float]],
        most: Sequence[Sequence[float]],
    ) -> None:
        self._room = room
        self._order = order
        self._stored = stored
        self._most = most
        self.taken: list[int] = []
        self.places: list[int] = []
        self.values: list[float] = []
        self.filled = [False] * len(room)

    def charge(self, device: int, aims: Sequence[tuple[int, float]]) -> list[bool]:
        """Have a device store some energy before each of some ticks, which rise.

        :return: for each aim, whether it took something and could be reached.
        """
        held, had = [], 0.0
        taken: set[int] = set()
        for tick, energy in aims:
            more = self._cheapest(device, tick, energy - had, taken)
            held.append(bool(more))
            if more:
                had = energy
                taken.update(step for step, _, _ in more)
                self._take(device, more)
        return held

    def _cheapest(
        self, device: int, tick: int, missing: float, taken: set[int]
    ) -> list[tuple[int, int, float]]:
        """Step, place and power of the cheapest steps that store what is missing.

        The last one is between its bounds; others only where they fill the room.

        :return: empty where nothing is missing, or the room does not suffice.
        """
        found: list[tuple[int, int, float]] = []
        if missing <= 0:
            return found
        room, stored, most = self._room, self._stored[device], self._most[device]
        for step in self._order[device]:
            left = room[step]
            if step > tick or left <= NONE or step in taken:
                continue
            power, place = most[step], UPPER
            if left < power:
                power, place = left, BASIC
            energy = power * stored[step]
            if energy >= missing:
                found.append((step, BASIC, missing / stored[step]))
                return found
            found.append((step, place, power))
            missing -= energy
        return []

    def _take(self, device: int, more: Sequence[tuple[int, int, float]]) -> None:
        offset = device * len(self._room)
        for step, place, power in more:
            self._room[step] -= power
            self.taken.append(offset + step)
            self.places.append(place)
            self.values.append(power)
        for step, place, _ in more[:-1]:
            if place == BASIC:
                self.filled[step] = True

"""Rows and binaries of the links between devices; see :mod:`fmhost_storage.links`."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from fmhost_storage.arrays import FloatArray, IntArray
from fmhost_storage.entries import enter_present
from fmhost_storage.links import Bands, Coupling, FlowLimit, Links, Ramp
from fmhost_storage.model import ModelBuilder


class LinkBlock:
    """Adds links to a model.

    :param charge: columns of charging power, shape (D, T).
    :param discharge: columns of discharging power, shape (D, T).
    :param unit: size of the model's unit of power [MW].
    """

    def __init__(
        self, builder: ModelBuilder, charge: IntArray, discharge: IntArray, unit: float
    ) -> None:
        self.builder = builder
        self.charge = charge
        self.discharge = discharge
        self.unit = unit

    def add(self, links: Links, held: Sequence[IntArray] | None) -> None:
        """Add all links.

        :param held: for each of the bands the number of the band that holds at each step, instead
            of binaries; shape (T,).
        """
        for limit in links.limits:
            self._limit(limit)
        for coupling in links.couplings:
            self._couple(coupling)
        for number, bands in enumerate(links.bands):
            self._keep_to(bands, None if held is None else held[number])
        for ramp in links.ramps:
            self._ramp(ramp)

    def _enter(
        self, rows: IntArray, device: int, factor: float, steps: slice = slice(None)
    ) -> None:
        enter_present(self.builder, rows, self.charge[device, steps], factor)
        enter_present(self.builder, rows, self.discharge[device, steps], -factor)

    def _rows(self, name: str, lower: FloatArray, upper: FloatArray) -> IntArray:
        return self.builder.rows(
            name, lower.shape, lower=lower / self.unit, upper=upper / self.unit
        )

    def _limit(self, limit: FlowLimit) -> None:
        rows = self._rows(limit.name, limit.lower, limit.upper)
        for device in limit.members.tolist():
            self._enter(rows, device, 1.0)

    def _couple(self, coupling: Coupling) -> None:
        nothing = np.zeros(self.charge.shape[1])
        first, *others = coupling.members.tolist()
        for device, ratio in zip(others, coupling.ratios[1:].tolist(), strict=True):
            largest = max(abs(ratio), abs(coupling.ratios[0]))
            rows = self._rows(f"coupling {coupling.name}", nothing, nothing)
            self._enter(rows, device, float(coupling.ratios[0]) / largest)
            self._enter(rows, first, -ratio / largest)

    def _keep_to(self, bands: Bands, held: IntArray | None) -> None:
        steps = self.charge.shape[1]
        if held is not None:
            rows = self._rows("band", bands.lower[held], bands.upper[held])
            self._enter(rows, bands.device, 1.0)
            return
        count = len(bands.lower)
        chosen = self.builder.columns("band", (count, steps), upper=1.0, integer=True)
        one = self.builder.rows("one band", (steps,), lower=1.0, upper=1.0)
        self.builder.enter(np.broadcast_to(one, chosen.shape), chosen, 1.0)
        for name, bounds, sign in (("above", bands.lower, 1.0), ("below", bands.upper, -1.0)):
            rows = self.builder.rows(f"{name} band", (steps,), lower=0.0)
            self._enter(rows, bands.device, sign)
            values = np.broadcast_to(-sign * bounds[:, None] / self.unit, chosen.shape)
            self.builder.enter(np.broadcast_to(rows, chosen.shape), chosen, values)

    def _ramp(self, ramp: Ramp) -> None:
        if not np.isnan(ramp.before):
            first = self._rows(
                "first ramp", ramp.before - ramp.limit[:1], ramp.before + ramp.limit[:1]
            )
            self._enter(first, ramp.device, 1.0, slice(0, 1))
        limit = ramp.limit[1:]
        rows = self._rows("ramp", -limit, limit)
        self._enter(rows, ramp.device, 1.0, slice(1, None))
        self._enter(rows, ramp.device, -1.0, slice(0, -1))

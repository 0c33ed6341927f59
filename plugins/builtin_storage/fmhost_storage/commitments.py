"""What deviating from a quantity costs: soft limits, peaks and commitments, all in one form.

A commitment compares a flow (of the site, or of some devices together) or a stock with a quantity
at each step, and prices the deviation ``x`` upwards and downwards::

    up_price * max(x, 0) + down_price * min(x, 0)

either at each step, or only where that is dearest in the whole window (`highest`). So a positive
up-price makes consuming more cost money, a positive down-price makes consuming less earn money, and
a negative down-price makes it cost money.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from fmhost.plugin import InvalidInput
from fmhost_storage.arrays import BoolArray, FloatArray, IntArray

#: Deviations up to this size (plus as much of the quantity) are rounding errors [MW or MWh].
NOISE = 1e-9


@dataclass(frozen=True)
class Commitment:
    """Priced deviations of R flows or stocks at T steps.

    :param names: what the cost of each of them goes by; several may share a name.
    :param quantity: reference at each step (of a flow) or at its end (of a stock) [MW or MWh], NaN
        where there is none; shape (R, T).
    :param up_price: of deviation upwards at a step [currency per MW or MWh], shape (R, T).
    :param down_price: of deviation downwards, which is negative; shape (R, T).
    :param members: numbers of the devices that each flow is the sum of, shape (R, K); or of the
        device of each stock, shape (R, 1). None for the flow of the whole site (R = 1).
    :param stock: whether states of charge are meant instead of powers.
    :param highest: whether only the dearest deviation of the window counts, once upwards and once
        downwards. It must cost, not earn.
    :param field: the field of which this is the soft limit, for reports; None where it is none.
    :param gross: of single devices, whether charging and discharging are compared each by itself.
        That is the same for a schedule, but leaves nothing to gain from doing both at once. Both
        directions must cost, not earn.
    :param about: whose limit that is, where not that of a device or of the site.
    """

    names: tuple[str, ...]
    quantity: FloatArray
    up_price: FloatArray
    down_price: FloatArray
    members: IntArray | None = None
    stock: bool = False
    highest: bool = False
    field: str | None = None
    about: Mapping[str, Any] | None = None
    gross: bool = False

    def __post_init__(self) -> None:
        shape = self.quantity.shape
        if self.up_price.shape != shape or self.down_price.shape != shape:
            raise ValueError("Quantity and prices of a commitment differ in shape.")
        rows = 1 if self.members is None else len(self.members)
        if len(shape) != 2 or shape[0] != rows or len(self.names) != rows:
            raise ValueError("A commitment needs one row and one name per flow or stock.")
        if not (np.isfinite(self.up_price) & np.isfinite(self.down_price)).all():
            raise InvalidInput("There are steps without a finite price.", field=self.label)
        if self.gross and (self.members is None or self.members.shape[1] != 1 or self.stock):
            raise ValueError("Only flows of single devices are compared in each direction.")
        earns = (self.up_price < 0).any() or (self.down_price > 0).any()
        if self.gross and (earns or self.highest):
            raise ValueError("What is compared in each direction must cost, at each step.")
        if self.highest and earns:
            raise InvalidInput(
                "A price per power is a charge on the largest deviation; it cannot be an income.",
                field=self.label,
                hint="An up-price per power must not be negative, a down-price not positive; "
                "prices per energy may be either.",
            )

    @property
    def label(self) -> str:
        """How messages call it."""
        return self.field or "commitments"

    @property
    def rewarding(self) -> BoolArray:
        """Where both directions at once would pay, so that a binary must choose; shape (R, T)."""
        return np.asarray(~np.isnan(self.quantity) & (self.up_price < self.down_price))

    def measured(self, site_power: FloatArray, power: FloatArray, soc: FloatArray) -> FloatArray:
        """The flows or stocks that are compared with the quantity, shape (R, T).

        :param soc: at ticks 1..T, shape (D, T).
        """
        if self.members is None:
            return site_power[None, :]
        if self.stock:
            return soc[self.members[:, 0]]
        return np.asarray(power[self.members].sum(axis=1))

    def deviation(self, measured: FloatArray) -> FloatArray:
        """Deviation upwards [MW or MWh], zero where there is no quantity; shape (R, T)."""
        found = np.nan_to_num(measured - self.quantity, nan=0.0)
        noise = np.abs(found) <= NOISE * (1 + np.abs(np.nan_to_num(self.quantity)))
        return np.where(noise, 0.0, found)

    def costs(self, deviation: FloatArray) -> FloatArray:
        """What the deviations of each flow or stock cost [currency], shape (R,)."""
        up = np.maximum(deviation, 0.0) * self.up_price
        down = np.minimum(deviation, 0.0) * self.down_price
        if self.highest:
            return np.asarray(up.max(axis=1, initial=0.0) + down.max(axis=1, initial=0.0))
        return np.asarray((up + down).sum(axis=1))

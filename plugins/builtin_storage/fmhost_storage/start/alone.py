"""What stored energy is worth to a store alone against prices: exactly, step by step.

Let ``S_t(w)`` be how full the store is after step t if a unit of energy in it is worth w. It
charges at the steps that are cheaper than w and discharges at those that are dearer, so this is a
staircase that rises with w: each step adds a stair for charging and one for discharging. A floor
and a ceiling cut it off, at the worths ``low_t`` and ``high_t``. Backwards, from energy that is
worth nothing after the window, the worth at each step is that of the step after it, held between
the two. With the dual of this problem for a fused lasso, it is the recursion of N. A. Johnson (J.
Comput. Graph. Stat. 22, 2013).
"""

from __future__ import annotations

from bisect import insort
from dataclasses import dataclass

import numpy as np

from fmhost_storage.arrays import FloatArray, IntArray
from fmhost_storage.solvers import BASIC, LOWER, UPPER


@dataclass(frozen=True)
class Store:
    """A store without losses over time; arrays have shape (T,), in any unit of energy.

    :param start: energy before the first step.
    :param rise: the most that a step charges.
    :param fall: the most that a step discharges.
    :param gain: what flows in by itself.
    :param charging: price of a unit charged.
    :param discharging: what a unit discharged earns.
    :param floor: least energy at the end of each step.
    :param ceiling: most energy at the end of each step.
    """

    start: float
    rise: FloatArray
    fall: FloatArray
    gain: FloatArray
    charging: FloatArray
    discharging: FloatArray
    floor: FloatArray
    ceiling: FloatArray


@dataclass(frozen=True)
class Worth:
    """What is known of the optimum.

    :param of_energy: worth of a unit in store during each step, shape (T,).
    :param stock: whether the store is at its floor (`LOWER`) or ceiling (`UPPER`) at
        the end of a step, and the worth differs after it; shape (T,).
    """

    of_energy: FloatArray
    stock: IntArray


def worth_of(store: Store) -> Worth | None:
    """The worth of stored energy at the optimum; None where floor or ceiling can not be held."""
    low, high = [-np.inf] * len(store.rise), [np.inf] * len(store.rise)
    empty = full = store.start  # how full it is if energy is worth nothing, or everything
    stairs: list[tuple[float, float]] = []  # worth and height, by worth
    series = (store.rise, store.fall, store.gain, store.charging, store.discharging)
    limits = (store.floor, store.ceiling)
    steps = zip(*(each.tolist() for each in (*series, *limits)), strict=True)
    for step, (rise, fall, gain, charging, discharging, floor, ceiling) in enumerate(steps):
        if rise:
            insort(stairs, (charging, rise))
        if fall:
            insort(stairs, (discharging, fall))
        empty += gain - fall
        full += gain + rise
        if empty < floor:
            if full < floor or not stairs:
                return None
            gone = 0
            while gone < len(stairs) - 1 and empty + stairs[gone][1] <= floor:
                empty += stairs[gone][1]
                gone += 1
            low[step], height = stairs[gone]
            stairs[gone] = low[step], empty + height - floor
            del stairs[:gone]
            empty = floor
        if full > ceiling:
            if empty > ceiling or not stairs:
                return None
            while len(stairs) > 1 and full - stairs[-1][1] >= ceiling:
                full -= stairs.pop()[1]
            high[step], height = stairs[-1]
            stairs[-1] = high[step], ceiling - full + height
            full = ceiling
    return _backwards(low, high)


def _backwards(low: list[float], high: list[float]) -> Worth:
    of_energy, stock = np.zeros(len(low)), np.full(len(low), BASIC, np.int32)
    worth = 0.0
    for step in range(len(low) - 1, -1, -1):
        if worth < low[step]:
            worth, stock[step] = low[step], LOWER
        elif worth > high[step]:
            worth, stock[step] = high[step], UPPER
        of_energy[step] = worth
    return Worth(of_energy, stock)

"""Devices whose state of charge only rises need no column for it.

A device that only charges, holds without loss and from which nothing is used has a SoC that never
falls. Then a floor matters only where it exceeds all floors before, and a ceiling only where it is
below all ceilings after it; for a car that is one row for its target and one for its capacity,
instead of a column and a row at each step. The schedules that are allowed stay exactly the same.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from fmhost_storage.arrays import BoolArray, FloatArray, IntArray
from fmhost_storage.entries import ABSENT
from fmhost_storage.model import ModelBuilder
from fmhost_storage.problem import Problem
from fmhost_storage.scale import Scale

#: A row has an entry for each step before it: devices with more rows than this keep their columns.
MOST_ROWS = 4


@dataclass(frozen=True)
class Lean:
    """The devices with a SoC that matters, only rises, and has few limits that count.

    :param devices: which they are, shape (D,).
    :param floors: where a floor of a rising SoC follows from no other, shape (D, T); None where
        there is no such device.
    :param ceilings: the same of ceilings.
    """

    devices: BoolArray
    floors: BoolArray | None = None
    ceilings: BoolArray | None = None


def lean_devices(problem: Problem) -> Lean:
    """The devices of a problem that need no columns for their SoC."""
    devices = problem.devices
    rising = (
        devices.limited
        & np.all(devices.production_capacity == 0, axis=1)
        & np.all(devices.storage_efficiency == 1, axis=1)
        & np.all(devices.gain >= 0, axis=1)
    )
    for each in problem.commitments:
        if each.stock:
            rising[each.members] = False
    rising[list(problem.links.shared)] = False
    if not rising.any():
        return Lean(np.asarray(rising))
    floors, ceilings = _limits_that_count(problem)
    few = np.count_nonzero(floors | ceilings, axis=1) <= MOST_ROWS
    return Lean(np.asarray(rising & few), floors, ceilings)


def rising_block(
    builder: ModelBuilder, problem: Problem, scale: Scale, charge: IntArray, lean: Lean
) -> IntArray:
    """The limits of the SoC of lean devices, as limits of what they charged until then.

    :return: the rows, shape (D, T); ABSENT where there is none.
    """
    floors, ceilings = lean.floors, lean.ceilings
    charged = np.full(charge.shape, ABSENT, np.int32)
    if floors is None or ceilings is None or not lean.devices.any():
        return charged
    devices = problem.devices
    device, tick = np.nonzero((floors | ceilings) & lean.devices[:, None])
    held = _without_charging(problem)[device, tick]
    lower = np.where(floors, devices.soc_lower, -np.inf)[device, tick] - held
    upper = np.where(ceilings, devices.soc_upper, np.inf)[device, tick] - held
    rows = builder.rows(
        "charged", device.shape, lower=lower / scale.power, upper=upper / scale.power
    )
    charged[device, tick] = rows
    lengths = tick + 1
    step = np.arange(lengths.sum()) - np.repeat(np.cumsum(lengths) - lengths, lengths)
    owner = np.repeat(device, lengths)
    columns = charge[owner, step]
    present = columns >= 0
    stored = (problem.hours * devices.charging_efficiency)[owner, step]
    builder.enter(np.repeat(rows, lengths)[present], columns[present], stored[present])
    return charged


def _without_charging(problem: Problem) -> FloatArray:
    """SoC at ticks 1..T of devices without losses if they do nothing [MWh], shape (D, T)."""
    devices = problem.devices
    gained = np.cumsum(problem.hours * devices.gain, axis=1)
    return np.asarray(devices.soc_at_start[:, None] + gained)


def _limits_that_count(problem: Problem) -> tuple[BoolArray, BoolArray]:
    """Where a floor and where a ceiling of a rising SoC follows from no other; each (D, T)."""
    lower, upper = problem.devices.soc_lower, problem.devices.soc_upper
    nothing = np.full((len(lower), 1), -np.inf)
    before = np.hstack([nothing, np.maximum.accumulate(lower, axis=1)[:, :-1]])
    after = np.hstack([np.minimum.accumulate(upper[:, ::-1], axis=1)[:, ::-1][:, 1:], -nothing])
    floors = (lower > before) & (lower > _without_charging(problem))
    return floors, upper < after

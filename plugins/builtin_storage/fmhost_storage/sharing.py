"""Devices that name the same sensor for their state of charge share one stock."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from fmhost_storage.arrays import FloatArray
from fmhost_storage.charges import SoftLimits
from fmhost_storage.device_config import DeviceConfig
from fmhost_storage.problem import Storage
from fmhost_storage.quantities import FromSensor


def stock_owners(devices: Sequence[DeviceConfig]) -> dict[int, int]:
    """By device that has no stock of its own: the first device with the same sensor."""
    first: dict[int, int] = {}
    owners: dict[int, int] = {}
    for number, device in enumerate(devices):
        level = device.state_of_charge
        if isinstance(level, FromSensor):
            owner = first.setdefault(level.sensor.id, number)
            if owner != number:
                owners[number] = owner
    return owners


def share(
    storages: list[tuple[Storage, SoftLimits]], owners: dict[int, int]
) -> list[tuple[Storage, SoftLimits]]:
    """The devices with all limits of a shared stock at its owner: the tightest ones count.

    Losses are those of the owner, and so is what is in stock at the start.
    """
    made = list(storages)
    for number, owner in owners.items():
        (mine, soft), (theirs, limits) = made[number], made[owner]
        made[owner] = (
            replace(
                theirs,
                gain=np.add(theirs.gain, mine.gain),
                soc_min=max(theirs.soc_min, mine.soc_min),
                soc_max=min(theirs.soc_max, mine.soc_max),
                soc_minima=np.fmax(theirs.soc_minima, mine.soc_minima),
                soc_maxima=np.fmin(theirs.soc_maxima, mine.soc_maxima),
                soc_targets=np.where(
                    np.isnan(theirs.soc_targets), mine.soc_targets, theirs.soc_targets
                ),
            ),
            replace(
                limits,
                minima=_tightest(np.fmax, limits.minima, soft.minima),
                maxima=_tightest(np.fmin, limits.maxima, soft.maxima),
                targets=_first(limits.targets, soft.targets),
            ),
        )
        nothing = np.nan
        made[number] = (
            replace(
                mine,
                soc_at_start=None,
                gain=0.0,
                storage_efficiency=theirs.storage_efficiency,
                soc_min=-np.inf,
                soc_max=np.inf,
                soc_minima=nothing,
                soc_maxima=nothing,
                soc_targets=nothing,
                reach_floor=nothing,
                reach_ceiling=nothing,
            ),
            replace(soft, minima=None, maxima=None, targets=None),
        )
    return made


def _tightest(
    choose: np.ufunc, first: FloatArray | None, second: FloatArray | None
) -> FloatArray | None:
    if first is None or second is None:
        return second if first is None else first
    return np.asarray(choose(first, second))


def _first(first: FloatArray | None, second: FloatArray | None) -> FloatArray | None:
    if first is None or second is None:
        return second if first is None else first
    return np.where(np.isnan(first), second, first)

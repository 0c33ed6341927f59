"""When the solution of the linear relaxation is a schedule, and where binaries are needed.

The relaxation lets a device charge and discharge at once, which burns energy and may pay: at a
negative price, or where an export limit leaves a surplus that nothing can curtail. A relaxed
optimum in which no device does both at any step is a schedule, and no schedule can be cheaper: that
is the certificate. If some do, their two flows may cancel without loss; only then binaries come in.
"""

from __future__ import annotations

import numpy as np

from fmhost_storage.arrays import BoolArray, FloatArray, IntArray
from fmhost_storage.formulation import Directions, Formulation
from fmhost_storage.links import Bands
from fmhost_storage.problem import Devices, Problem
from fmhost_storage.scale import scale_of
from fmhost_storage.solution import deviations, site_power, total_cost, violation
from fmhost_storage.solvers import SolverResult

#: Share of its capacity below which a flow is taken for rounding error of the solver.
NEGLIGIBLE = 1e-7
#: Share of its capacity up to which a flow may slip past a binary that forbids it.
SLIP = 2e-6
#: Relative difference of two costs that are taken for equal.
COST_TOLERANCE = 1e-8


def roundtrip(devices: Devices) -> FloatArray:
    """Round-trip efficiency at each step, shape (D, T)."""
    return np.asarray(devices.charging_efficiency * devices.discharging_efficiency)


def overlaps(problem: Problem, charge: FloatArray, discharge: FloatArray) -> BoolArray:
    """Where a lossy device charges and discharges at once; shape (D, T).

    Without loss (round trip of 1) the two flows cancel, and nothing is wrong with them.
    """
    devices = problem.devices
    lossy = np.abs(roundtrip(devices) - 1.0) > 1e-12
    return (
        lossy
        & (charge > NEGLIGIBLE * devices.consumption_capacity)
        & (discharge > NEGLIGIBLE * devices.production_capacity)
    )


def separated(
    formulation: Formulation, charge: FloatArray, discharge: FloatArray
) -> tuple[FloatArray, FloatArray]:
    """The flows without what slips past binaries, which the solver takes to be whole too soon."""
    devices = formulation.problem.devices
    slip = SLIP * np.maximum(devices.consumption_capacity, devices.production_capacity)
    slips = formulation.exclusive & (np.minimum(charge, discharge) <= slip)
    charges = charge > discharge
    return (
        np.where(slips & ~charges, 0.0, charge),
        np.where(slips & charges, 0.0, discharge),
    )


def certified(problem: Problem, charge: FloatArray, discharge: FloatArray) -> FloatArray | None:
    """Power of the devices where no step charges and discharges at once; else None.

    :return: [MW, consumption positive], shape (D, T).
    """
    if overlaps(problem, charge, discharge).any():
        return None
    return tidy(problem, charge - discharge)


def netted(
    problem: Problem, charge: FloatArray, discharge: FloatArray, bound: float
) -> FloatArray | None:
    """Power that replaces simultaneous flows by their net at no more than `bound`, or None.

    Either the power of the device stays (and it stores more), or what it stores stays (and it
    consumes less); tried in that order, for all steps alike.

    :param bound: cost of the relaxation [currency], which no schedule undercuts.
    """
    devices = problem.devices
    stored = charge * devices.charging_efficiency - discharge / devices.discharging_efficiency
    same_stock = np.where(
        stored > 0, stored / devices.charging_efficiency, stored * devices.discharging_efficiency
    )
    for candidate in (charge - discharge, same_stock):
        power = tidy(problem, candidate)
        fits = violation(problem, power) <= NEGLIGIBLE * scale_of(problem).power
        if fits and is_as_cheap(problem, power, bound):
            return power
    return None


def is_as_cheap(problem: Problem, power: FloatArray, bound: float) -> bool:
    """Whether running at `power` costs no more than `bound` [currency], but for rounding."""
    # The largest cost of a single step is about 1024 units of money: see scale_of.
    slack = COST_TOLERANCE * max(abs(bound), 1024 * scale_of(problem).money)
    return bool(total_cost(problem, power) <= bound + slack)


def tidy(problem: Problem, power: FloatArray) -> FloatArray:
    """Power within the capacities, without the solver's rounding errors around zero."""
    devices = problem.devices
    up, down = devices.consumption_capacity, devices.production_capacity
    within = np.clip(power, -down, up)
    noise = np.abs(within) <= NEGLIGIBLE * 0.01 * np.maximum(up, down)
    return np.where(noise, 0.0, within)


def steps_that_need_binaries(formulation: Formulation, result: SolverResult) -> BoolArray:
    """Where a binary is needed in the first repair: where flows overlap, or overlapping may pay.

    It pays where burning energy does: where one more MWh of consumption saves money, at the margin
    of this result or at the site's prices.

    :param result: a result with a point.
    :return: shape (D, T).
    """
    problem = formulation.problem
    if result.primal is None:
        raise ValueError("A result without a point does not tell where binaries are needed.")
    marginal = [problem.site.consumption_price, problem.site.production_price]
    if result.duals is not None:
        marginal.append(-result.duals[formulation.site_balance])
    burnt = 1.0 - roundtrip(problem.devices)
    pays = np.any([value * burnt < 0 for value in marginal], axis=0)
    charge, discharge = separated(formulation, *formulation.flows(result.primal))
    return np.asarray(overlaps(problem, charge, discharge) | (pays & problem.devices.two_way))


def directions_of(problem: Problem, power: FloatArray, idle: IntArray) -> Directions:
    """The directions in which a schedule runs.

    :param power: [MW, consumption positive], shape (D, T).
    :param idle: direction of a device at steps where its power is zero, shape (D, T).
    """
    total = site_power(problem, power)
    return Directions(
        devices=np.where(power == 0, idle, np.sign(power)).astype(np.int32),
        site=np.where(total > 0, 1, -1).astype(np.int32),
        deviations=tuple(
            np.where(each > 0, 1, -1).astype(np.int32) for each in deviations(problem, power)
        ),
        bands=tuple(_band(each, power) for each in problem.links.bands),
    )


def _band(bands: Bands, power: FloatArray) -> IntArray:
    """The first band in which the power of the device is at each step, shape (T,)."""
    size = NEGLIGIBLE * 10 * max(float(np.abs(bands.lower).max()), float(bands.upper.max()), 1.0)
    distance = np.maximum(bands.distance(power[bands.device]), size)
    return np.asarray(np.argmin(distance, axis=0), np.int32)

"""What one more MWh is worth: at the site, and in each store, by the duals of the model."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from fmhost_storage.arrays import FloatArray
from fmhost_storage.entries import ABSENT
from fmhost_storage.formulation import Formulation
from fmhost_storage.scale import site_reach
from fmhost_storage.solvers import SolverResult
from fmhost_storage.stock import mean_retention


@dataclass(frozen=True)
class Margins:
    """Marginal costs at the optimum, NaN where there are none.

    :param site: what one more MWh of consumption costs at each step [currency/MWh]; peaks, breaches
        and capacities included. Shape (T,).
    :param worth: what one more MWh of stored energy saves at the end of each step [currency/MWh],
        shape (D, T).
    :param charging: what one more MWh of charging costs on balance [currency/MWh]: more than zero
        where it does not pay, less where a capacity keeps a device from more. Shape (D, T).
    :param discharging: the same of discharging.
    """

    site: FloatArray
    worth: FloatArray
    charging: FloatArray
    discharging: FloatArray


def margins_of(formulation: Formulation, result: SolverResult) -> Margins | None:
    """The margins of a linear optimum; None where it has no duals."""
    if result.duals is None or result.reduced_costs is None:
        return None
    problem, devices = formulation.problem, formulation.problem.devices
    unit = formulation.scale.money / formulation.scale.power
    site = -result.duals[formulation.site_balance] * unit / problem.hours
    charging = _present(result.reduced_costs, formulation.charge) * unit / problem.hours
    discharging = _present(result.reduced_costs, formulation.discharge) * unit / problem.hours
    kept = mean_retention(devices.storage_efficiency)
    by_charge = (site - charging) / (kept * devices.charging_efficiency)
    by_discharge = (site + discharging) * devices.discharging_efficiency / kept
    worth = np.where(np.isnan(by_charge), by_discharge, by_charge)
    worth[~devices.stores] = np.nan
    shift = _beyond_reach(formulation, result) * unit / problem.hours
    there = problem.links.on_site(len(charging))[:, None]
    charging = charging + np.where(there, shift, 0.0)
    discharging = discharging - np.where(there, shift, 0.0)
    return Margins(site + shift, worth, charging, discharging)


def _beyond_reach(formulation: Formulation, result: SolverResult) -> FloatArray:
    """What reduced costs of the site's columns owe to bounds that only devices set.

    Where all devices run at full power, so does the site; the margin belongs to the devices then.
    Of both columns, [model units of money per unit of power, as part of the site's margin], (T,).
    """
    assert result.primal is not None
    assert result.reduced_costs is not None
    problem, model = formulation.problem, formulation.model
    imports, exports = site_reach(problem)
    site = problem.site
    flow, price = formulation.site_import, result.reduced_costs[formulation.site_import]
    single = model.column_lower[flow] < 0
    up = (imports < site.consumption_capacity) & (price < 0)
    down = single & (exports < site.production_capacity) & (price > 0)
    out = result.reduced_costs[formulation.site_export]
    sold = ~single & (exports < site.production_capacity) & (out < 0)
    return np.asarray(np.where(up | down, price, 0.0) - np.where(sold, out, 0.0))


def _present(values: FloatArray, columns: np.ndarray) -> FloatArray:
    return np.asarray(np.where(columns == ABSENT, np.nan, values[columns]))

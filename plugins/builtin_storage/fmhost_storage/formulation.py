"""From the problem's arrays to a sparse model.

Columns: charging and discharging power of each device (where its capacity allows any), its SoC at
ticks 1..T (where the SoC is limited), and the site's import and export. Rows: the stock balance of
each device and step, the power balance of the site, what commitments cost
(:mod:`fmhost_storage.commitment_block`), and, where asked for, what makes charging and discharging
(or import and export) exclude one another.

The stock balance holds with ``a`` the storage efficiency of a step and ``b = (a - 1) / ln a`` (1
where a = 1), the mean of what is left of energy that flows in evenly during the step::

    soc[t+1] = a soc[t] + b h (eta_c charge - discharge / eta_d + gain)
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from fmhost_storage.arrays import BoolArray, FloatArray, IntArray
from fmhost_storage.commitment_block import Flows, commit
from fmhost_storage.entries import ABSENT, enter_present, exclude
from fmhost_storage.lean import Lean, lean_devices, rising_block
from fmhost_storage.link_block import LinkBlock
from fmhost_storage.model import LinearModel, ModelBuilder
from fmhost_storage.problem import Problem
from fmhost_storage.scale import Scale, scale_of, site_reach
from fmhost_storage.stock import mean_retention


@dataclass(frozen=True)
class Directions:
    """What each device and the site are held to: 1 consume, -1 produce, 0 either.

    :param devices: shape (D, T).
    :param site: shape (T,); only read where consuming is cheaper than producing earns.
    :param deviations: of each commitment, shape (R, T): 1 upwards, -1 downwards; only read where
        both at once would pay.
    :param bands: the band of each of the links' bands, shape (T,).
    """

    devices: IntArray
    site: IntArray
    deviations: tuple[IntArray, ...] = ()
    bands: tuple[IntArray, ...] = ()


@dataclass(frozen=True)
class Formulation:
    """A model and where to find things in it; numbers are ABSENT where there is none.

    :param charge: columns of charging power, shape (D, T).
    :param discharge: columns of discharging power (>= 0), shape (D, T).
    :param stock: columns of the SoC at ticks 1..T, shape (D, T).
    :param stock_balance: rows of the stock balance, where there are such columns; shape (D, T).
    :param charged: rows that limit what a device has charged by the end of a step, shape (D, T).
    :param site_import: columns of the site's consumption, shape (T,). Where both prices are equal
        this column is the site's power and may be negative.
    :param site_export: columns of the site's production (>= 0), shape (T,).
    :param site_balance: rows of the site's power balance, shape (T,).
    :param exclusive: where a device may only charge or discharge, by a binary; shape (D, T).
    :param lean: devices whose SoC is limited without columns for it; shape (D,).
    """

    problem: Problem
    model: LinearModel
    scale: Scale
    charge: IntArray
    discharge: IntArray
    stock: IntArray
    stock_balance: IntArray
    charged: IntArray
    site_import: IntArray
    site_export: IntArray
    site_balance: IntArray
    exclusive: BoolArray
    lean: BoolArray

    def flows(self, primal: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Charging and discharging power [MW, both >= 0], each of shape (D, T)."""
        return self._power(primal, self.charge), self._power(primal, self.discharge)

    def site_flows(self, primal: FloatArray) -> FloatArray:
        """Power of the site [MW, consumption positive], shape (T,)."""
        net = primal[self.site_import] - primal[self.site_export]
        return np.asarray(net * self.scale.power)

    def _power(self, primal: FloatArray, columns: IntArray) -> FloatArray:
        values = np.where(columns == ABSENT, 0.0, primal[columns])
        return np.maximum(values, 0.0) * self.scale.power


def formulate(
    problem: Problem,
    *,
    exclusive: BoolArray | None = None,
    directions: Directions | None = None,
    leanly: bool = True,
) -> Formulation:
    """Build the model of a problem.

    :param exclusive: where charging and discharging exclude one another by a binary; (D, T). None:
        nowhere, which is the linear relaxation.
    :param directions: hold devices and site to these directions instead; no binary is needed then.
    :param leanly: leave out columns of the SoC where it only rises.
    """
    scale = scale_of(problem)
    builder = ModelBuilder()
    charge, discharge = _power_columns(builder, problem, scale, directions)
    lean = lean_devices(problem) if leanly else Lean(np.zeros(len(charge), bool))
    columned = problem.limited & ~lean.devices
    stock, stock_balance = _stock_block(builder, problem, scale, charge, discharge, columned)
    charged = rising_block(builder, problem, scale, charge, lean)
    held = None if directions is None else directions.site
    site_import, site_export, balance = _site_block(
        builder, problem, scale, charge, discharge, held
    )
    flows = Flows(charge, discharge, stock, site_import, site_export)
    commit(builder, problem, scale, flows, None if directions is None else directions.deviations)
    LinkBlock(builder, charge, discharge, scale.power).add(
        problem.links, None if directions is None else directions.bands
    )
    either = np.zeros(charge.shape, bool) if exclusive is None else exclusive
    _exclusion_block(builder, problem, scale, charge, discharge, either)
    return Formulation(
        problem=problem,
        model=builder.build(),
        scale=scale,
        charge=charge,
        discharge=discharge,
        stock=stock,
        stock_balance=stock_balance,
        charged=charged,
        site_import=site_import,
        site_export=site_export,
        site_balance=balance,
        exclusive=either,
        lean=lean.devices,
    )


def _power_columns(
    builder: ModelBuilder, problem: Problem, scale: Scale, directions: Directions | None
) -> tuple[IntArray, IntArray]:
    devices = problem.devices
    up, down = devices.consumption_capacity, devices.production_capacity
    charges, discharges = np.any(up > 0, axis=1), np.any(down > 0, axis=1)
    if directions is not None:
        up = np.where(directions.devices < 0, 0.0, up)
        down = np.where(directions.devices > 0, 0.0, down)
    charge = _columns_of(builder, "charge", charges, up / scale.power)
    discharge = _columns_of(builder, "discharge", discharges, down / scale.power)
    return charge, discharge


def _columns_of(
    builder: ModelBuilder,
    name: str,
    present: BoolArray,
    upper: FloatArray,
    lower: FloatArray | None = None,
) -> IntArray:
    """Columns for the devices that have any; ABSENT for the others."""
    numbers = np.full(upper.shape, ABSENT, np.int32)
    floor = 0.0 if lower is None else lower[present]
    shape = (int(present.sum()), upper.shape[1])
    numbers[present] = builder.columns(name, shape, lower=floor, upper=upper[present])
    return numbers


def _stock_block(
    builder: ModelBuilder,
    problem: Problem,
    scale: Scale,
    charge: IntArray,
    discharge: IntArray,
    limited: BoolArray,
) -> tuple[IntArray, IntArray]:
    """SoC columns and rows of the stock balance of the devices whose SoC is limited.

    A device that shares the stock of another one flows into the balance of that.
    """
    devices = problem.devices
    lower, upper = devices.soc_lower / scale.power, devices.soc_upper / scale.power
    stock = _columns_of(builder, "soc", limited, upper, lower)
    kept = devices.storage_efficiency[limited]
    hours = problem.hours * mean_retention(kept)
    inflow = hours * problem.links.pooled(devices.gain)[limited] / scale.power
    inflow[:, 0] += kept[:, 0] * devices.soc_at_start[limited] / scale.power
    rows = builder.rows("stock balance", inflow.shape, lower=inflow, upper=inflow)
    columns = stock[limited]
    builder.enter(rows, columns, 1.0)
    builder.enter(rows[:, 1:], columns[:, :-1], -kept[:, 1:])
    enter_present(builder, rows, charge[limited], -hours * devices.charging_efficiency[limited])
    enter_present(
        builder, rows, discharge[limited], hours / devices.discharging_efficiency[limited]
    )
    place = np.cumsum(limited) - 1
    for device, owner in problem.links.owners.items():
        if limited[owner]:
            row, length = rows[place[owner]], hours[place[owner]]
            stored, drawn = devices.charging_efficiency, devices.discharging_efficiency
            enter_present(builder, row, charge[device], -length * stored[device])
            enter_present(builder, row, discharge[device], length / drawn[device])
    balance = np.full(stock.shape, ABSENT, np.int32)
    balance[limited] = rows
    return stock, balance


def _site_block(
    builder: ModelBuilder,
    problem: Problem,
    scale: Scale,
    charge: IntArray,
    discharge: IntArray,
    held: IntArray | None,
) -> tuple[IntArray, IntArray, IntArray]:
    """Import and export, their price, and the power balance.

    One signed column serves where both prices are equal. Where consuming is cheaper than
    producing earns, importing and exporting at once would pay, and a binary forbids it.
    """
    site = problem.site
    imports, exports = (reach / scale.power for reach in site_reach(problem))
    single = site.consumption_price == site.production_price
    tempting = site.consumption_price < site.production_price
    if held is not None:
        imports = np.where(tempting & (held < 0), 0.0, imports)
        exports = np.where(tempting & (held > 0), 0.0, exports)
    value = problem.hours * (scale.power / scale.money)
    shape = (problem.steps,)
    site_import = builder.columns(
        "import",
        shape,
        lower=np.where(single, -exports, 0.0),
        upper=imports,
        cost=site.consumption_price * value,
    )
    site_export = builder.columns(
        "export", shape, upper=np.where(single, 0.0, exports), cost=-site.production_price * value
    )
    fixed = -site.inflexible_power / scale.power
    rows = builder.rows("site balance", shape, lower=fixed, upper=fixed)
    there = problem.links.on_site(len(charge))
    charge, discharge = charge[there], discharge[there]
    enter_present(builder, np.broadcast_to(rows, charge.shape), charge, 1.0)
    enter_present(builder, np.broadcast_to(rows, discharge.shape), discharge, -1.0)
    builder.enter(rows, site_import, -1.0)
    builder.enter(rows, site_export, 1.0)
    if held is None:
        at = tempting & (imports > 0) & (exports > 0)
        exclude(
            builder, "site direction", site_import[at], imports[at], site_export[at], exports[at]
        )
    return site_import, site_export, rows


def _exclusion_block(
    builder: ModelBuilder,
    problem: Problem,
    scale: Scale,
    charge: IntArray,
    discharge: IntArray,
    exclusive: BoolArray,
) -> None:
    devices = problem.devices
    at = exclusive & devices.two_way
    exclude(
        builder,
        "direction",
        charge[at],
        devices.consumption_capacity[at] / scale.power,
        discharge[at],
        devices.production_capacity[at] / scale.power,
    )

"""From the solution to series for sensors, and to what the job says about its work."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from fmhost.plugin import ScheduleResult, units
from fmhost_storage.arrays import FloatArray
from fmhost_storage.device_config import DeviceConfig
from fmhost_storage.flex_context import SiteConfig
from fmhost_storage.grid import Grid
from fmhost_storage.nodes import Surroundings
from fmhost_storage.problem import Problem
from fmhost_storage.quantities import FromSensor
from fmhost_storage.solution import Solution, commitment_costs, cost, deviations

#: Name of the cost of energy at the site's prices.
NET_ENERGY = "electricity net energy"


def series_of(
    grid: Grid,
    devices: list[DeviceConfig],
    site: SiteConfig,
    problem: Problem,
    solution: Solution,
) -> list[ScheduleResult]:
    """The series of each device and of the site.

    Of a device its power, and its state of charge where a sensor takes it; of the site its power,
    inflexible devices included, where a sensor takes that.
    """
    found: list[ScheduleResult] = []
    for number, device in enumerate(devices):
        power = solution.power[number]
        if device.sensor is not None:
            found.append(_flow(grid, device.sensor, power, "storage_schedule"))
        found += _outputs(grid, device.consumption_output, device.production_output, power)
        level = device.state_of_charge
        if isinstance(level, FromSensor) and problem.devices.stores[number]:
            ceiling = float(problem.devices.soc_max[number])
            found.append(_level(grid, level.sensor, solution.soc[number], ceiling))
    return [*found, *_of_outputs(grid, site.outputs, solution.site_power)]


def series_around(
    grid: Grid, surroundings: Surroundings, solution: Solution
) -> list[ScheduleResult]:
    """The power of other commodities and of groups, where a sensor takes that."""
    found: list[ScheduleResult] = []
    for config, _ in surroundings.others:
        power = surroundings.pools[config.commodity].power(solution.power)
        found += _of_outputs(grid, config.outputs, power)
    for group, _ in surroundings.groups:
        power = surroundings.pools[group.key].power(solution.power)
        if group.sensor is not None:
            found.append(_flow(grid, group.sensor, power, "storage_schedule"))
        found += _outputs(grid, group.consumption_output, group.production_output, power)
    return found


def _of_outputs(grid: Grid, outputs: Mapping[str, Any], power: FloatArray) -> list[ScheduleResult]:
    found = []
    if "aggregate_power" in outputs:
        found.append(_flow(grid, outputs["aggregate_power"], power, "storage_schedule"))
    consumption = outputs.get("aggregate_consumption")
    production = outputs.get("aggregate_production")
    return [*found, *_outputs(grid, consumption, production, power)]


def _flow(grid: Grid, sensor: Any, values: FloatArray, name: str) -> ScheduleResult:
    return ScheduleResult(sensor, grid.start, grid.resolution, values, "MW", name)


def _outputs(
    grid: Grid, consumption: Any | None, production: Any | None, power: FloatArray
) -> list[ScheduleResult]:
    """Power for a sensor of consumption and one of production, each positive its own way.

    One of them alone gets all of it; of two, each gets its part.
    """
    split = consumption is not None and production is not None
    found = []
    for sensor, values, name in (
        (consumption, power, "consumption_schedule"),
        (production, -power, "production_schedule"),
    ):
        if sensor is not None:
            part = np.maximum(values, 0.0) if split else values
            found.append(_flow(grid, sensor, part + 0.0, name))
    return found


def _level(grid: Grid, sensor: Any, soc: FloatArray, ceiling: float) -> ScheduleResult:
    """The state of charge at ticks 0..T."""
    values, unit = (soc / ceiling, "") if units.is_share(sensor.unit) else (soc, "MWh")
    return ScheduleResult(sensor, grid.start, grid.resolution, values, unit, "state_of_charge")


def costs_of(site: SiteConfig, problem: Problem, solution: Solution) -> dict[str, Any]:
    """What the schedule costs, next to the same site with all scheduled devices idle.

    ``cost`` is the sum of all ``commitment_costs``; ``penalties`` is the part of it that breaches
    of soft limits make up, which ``cost_without_devices`` and ``saving`` leave aside.
    """
    soft = {name for each in problem.commitments if each.field for name in each.names}
    idle = np.zeros_like(solution.power)
    idle_costs = commitment_costs(problem, deviations(problem, idle))
    paid = {name: amount for name, amount in solution.commitment_costs.items() if name not in soft}
    without = float(cost(problem, idle).sum()) + sum(
        amount for name, amount in idle_costs.items() if name not in soft
    )
    energy = float(solution.cost.sum())
    return {
        "currency": site.currency,
        "commitment_costs": {NET_ENERGY: energy, **solution.commitment_costs},
        "cost": solution.total_cost,
        "penalties": sum(solution.commitment_costs[name] for name in sorted(soft)),
        "cost_without_devices": without,
        "saving": without - energy - sum(paid.values()),
    }

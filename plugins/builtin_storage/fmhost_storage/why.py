"""The explanation of a schedule: in compact form for the job, and written out for people."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

import numpy as np

from fmhost_storage.arrays import FloatArray
from fmhost_storage.device_config import DeviceConfig
from fmhost_storage.grid import Grid
from fmhost_storage.limits import binding_limits
from fmhost_storage.problem import Problem
from fmhost_storage.reasons import Action, Reason, reasons_of
from fmhost_storage.solution import Rung, Solution
from fmhost_storage.why_text import reason_text

#: Version of the compact form.
FORM = 1
#: Digits of prices [currency/MWh] and energies [kWh].
DIGITS = 4
#: What people should know of the inputs, in sentences.
NOTES = ("assumed", "stale", "warnings")
#: What "<commodity> net energy" is called after the commodity.
NET_ENERGY = " net energy"


def explanation_of(
    grid: Grid,
    devices: Sequence[DeviceConfig],
    problem: Problem,
    solution: Solution,
    info: Mapping[str, Any],
) -> dict[str, Any]:
    """The explanation as JSON, with one number or code per stretch of time.

    :param info: what the scheduler says of its work: costs, breaches, notes about the inputs.
    """
    limits = [
        [each.field, each.device, each.first, each.last, round(each.worth, DIGITS)]
        for each in binding_limits(problem, solution)
    ]
    costs = {name: round(amount, 6) for name, amount in info["commitment_costs"].items()}
    return {
        "form": FORM,
        "start": grid.start.isoformat(),
        "resolution": grid.resolution.total_seconds(),
        "steps": grid.steps,
        "currency": info["currency"],
        "cost": round(solution.total_cost, 6),
        "costs": costs,
        "commodities": by_commodity(costs),
        "basis": _basis(solution),
        "devices": _told(devices, problem, solution),
        "limits": limits,
        "breaches": info["breaches"],
        "assumed": list(info["assumed"]),
        "stale": list(info["stale"]),
        "warnings": list(info["warnings"]),
    }


def _told(
    devices: Sequence[DeviceConfig], problem: Problem, solution: Solution
) -> list[dict[str, Any]]:
    """Of each device, its stretches of time with one action and reason."""
    # All devices at once, one after the other in flat arrays: there may be thousands.
    reasons = reasons_of(problem, solution)
    action, reason = reasons.action, reasons.reason
    new = np.ones(action.shape, bool)
    new[:, 1:] = (action[:, 1:] != action[:, :-1]) | (reason[:, 1:] != reason[:, :-1])
    first = np.flatnonzero(new)
    energy = np.ravel(solution.power * problem.hours)
    columns = {
        "first": (first % problem.steps).tolist(),
        "action": action.ravel()[first].tolist(),
        "reason": reason.ravel()[first].tolist(),
        "energy": _rounded(np.add.reduceat(energy, first) * 1000),
        "now": _means(reasons.now.ravel(), first),
        "later": _means(reasons.later.ravel(), first),
    }
    edges = [0, *np.cumsum(new.sum(axis=1)).tolist()]
    return [
        {
            "name": config.name,
            "asset": config.asset.id,
            "sensor": None if config.sensor is None else config.sensor.id,
            **{name: values[begin:end] for name, values in columns.items()},
        }
        for config, begin, end in zip(devices, edges[:-1], edges[1:], strict=True)
    ]


def by_commodity(costs: Mapping[str, float]) -> dict[str, float]:
    """Sums of costs by commodity; what names none is under ``other``."""
    names = [name.removesuffix(NET_ENERGY) for name in costs if name.endswith(NET_ENERGY)]
    found: dict[str, float] = dict.fromkeys(names, 0.0)
    for name, amount in costs.items():
        owner = next((each for each in names if name.startswith(f"{each} ")), "other")
        found[owner] = round(found.get(owner, 0.0) + amount, 6)
    return found


def _basis(solution: Solution) -> str:
    if solution.margins is None:
        return "none"
    return "linear" if solution.rung in (Rung.LINEAR, Rung.NETTED) else "directions"


def _rounded(values: FloatArray) -> list[float | None]:
    found: list[float | None] = (np.round(values, DIGITS) + 0.0).tolist()
    for place in np.flatnonzero(np.isnan(values)).tolist():
        found[place] = None
    return found


def _means(values: FloatArray, first: np.ndarray) -> list[float | None]:
    """Means of the known values of each stretch."""
    known = ~np.isnan(values)
    count = np.add.reduceat(known.astype(np.float64), first)
    total = np.add.reduceat(np.where(known, values, 0.0), first)
    return _rounded(np.divide(total, count, out=np.full(len(first), np.nan), where=count > 0))


#: What the reasons rest on, in words.
BASES = {
    "linear": "The marginal costs of the optimum.",
    "directions": (
        "The marginal costs of the optimum among schedules that run in the same directions: "
        "charging and discharging exclude one another. Ask why not otherwise for a new solution."
    ),
    "none": "Marginal costs are not known, as the solver did not prove the optimum in time.",
}


def written_out(compact: Mapping[str, Any]) -> dict[str, Any]:
    """The explanation with moments and sentences."""
    start = datetime.fromisoformat(compact["start"])
    step = timedelta(seconds=compact["resolution"])

    def moment(tick: int) -> str:
        return (start + tick * step).isoformat()

    steps, currency = compact["steps"], compact["currency"]
    devices = compact["devices"]
    copied = ("currency", "cost", "costs", "commodities", "breaches", *NOTES)
    return {
        "start": moment(0),
        "end": moment(steps),
        **{name: compact[name] for name in copied},
        "assumed-when": [
            {
                "start": moment(first),
                "end": moment(last + 1),
                "text": compact["assumed"][number],
            }
            for number, first, last in compact.get("missing", ())
        ],
        "basis": BASES[compact["basis"]],
        "devices": [
            {
                **{name: device[name] for name in ("name", "asset", "sensor")},
                "reasons": [
                    _stretch(device, number, moment, steps, currency)
                    for number in range(len(device["first"]))
                ],
            }
            for device in devices
        ],
        "limits": [
            {
                "field": field,
                "device": None if device is None else devices[device]["name"],
                "start": moment(first),
                "end": moment(last if field.startswith("soc-") else last + 1),
                "worth": worth,
                "unit": f"{currency}/MWh",
            }
            for field, device, first, last, worth in compact["limits"]
        ],
    }


def _stretch(
    device: Mapping[str, Any], number: int, moment: Any, steps: int, currency: str
) -> dict[str, Any]:
    ends = [*device["first"][1:], steps]
    action, reason = Action(device["action"][number]), Reason(device["reason"][number])
    now, later = device["now"][number], device["later"][number]
    return {
        "start": moment(device["first"][number]),
        "end": moment(ends[number]),
        "action": action.name.lower(),
        "reason": reason.name.lower().replace("_", "-"),
        "energy": device["energy"][number],
        "unit": "kWh",
        "price": now,
        "later-price": later,
        "price-unit": f"{currency}/MWh",
        "text": reason_text(action, reason, now, later, currency),
    }

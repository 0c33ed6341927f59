"""The process scheduler: from flex-model and flex-context to power over time."""

from __future__ import annotations

import logging
import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from fmhost.plugin import (
    InfeasibleProblem,
    InvalidInput,
    Scheduler,
    ScheduleResult,
    SeriesReader,
    UnitMismatch,
    UnknownPrices,
    format_duration,
    units,
)
from fmhost_process import flex_context, flex_model
from fmhost_process.allocation import FloatArray, Problem, allocate, require_room
from fmhost_process.explanation import Outcome
from fmhost_process.fields import missing, placed, sensor_id, with_hyphens
from fmhost_process.flex_context import PRICE, Surroundings, read_surroundings
from fmhost_process.flex_model import TARGET, Process, read_process
from fmhost_process.grid import Grid
from fmhost_process.price import Price, extended

#: Name of the cost of energy at the site's price.
NET_ENERGY = "electricity net energy"

logger = logging.getLogger("fmhost.process")


class ProcessScheduler(Scheduler):
    """Places processes: loads that run at constant power for a given time.

    For a sensor, the flex-model is an object; for an asset, an object or a list of objects that
    each name their sensor. Processes are placed one by one: they share the price and nothing else.
    """

    __author__ = "Seita"
    __version__ = "1"

    flex_model_schema = flex_model.SCHEMA
    flex_context_schema = flex_context.SCHEMA

    def deserialize_flex_config(self) -> None:
        """Replace the flex-model by a tuple of processes, the flex-context by `Surroundings`.

        :raises InvalidInput: naming the field.
        """
        self._grid = Grid.within(self.start, self.end, self.resolution)
        if self._grid.steps < 1:
            raise InvalidInput(
                f"The schedule is shorter than one step of {format_duration(self.resolution)}.",
                field="duration",
            )
        self.flex_model = processes = self._read_processes()
        for process in processes:
            allowed = self._grid.free_of(process.restrictions)
            with placed(process.prefix):
                require_room(self._grid.steps_for(process.duration), allowed)
        self.flex_context = self._read_surroundings(processes[0].sensor)

    def compute(self) -> list[ScheduleResult]:
        """The power of each process [MW, consumption positive], zero where it does not run.

        :raises UnknownPrices: where no price is known in the whole window.
        :raises InfeasibleProblem: where the restrictions leave no room for a process.
        """
        self.deserialize_config()
        processes: tuple[Process, ...] = self.flex_model
        surroundings: Surroundings = self.flex_context
        price = surroundings.price
        prices, assumed = self._prices(price)
        outcomes = [self._place(process, prices, price) for process in processes]
        cost = math.fsum(outcome.cost for outcome in outcomes)
        self.info |= {
            "currency": price.numerator,
            "commitment_costs": {NET_ENERGY: cost},
            "cost": cost,
            "assumed": [*assumed, *(text for each in processes for text in each.assumed)],
            "warnings": [
                *surroundings.warnings,
                *(text for outcome in outcomes for text in _warnings(outcome)),
            ],
            "why": [outcome.explain() for outcome in outcomes],
        }
        told = ("currency", "cost", "assumed", "warnings")
        self.explanation = {
            **{name: self.info[name] for name in told},
            "costs": self.info["commitment_costs"],
            "processes": self.info["why"],
        }
        return [self._result(outcome) for outcome in outcomes]

    def _read_processes(self) -> tuple[Process, ...]:
        if self.sensor is not None:
            given = with_hyphens({} if self.flex_model is None else self.flex_model, "flex-model")
            named = given.pop(TARGET, self.sensor.id)
            if named != self.sensor.id:
                raise InvalidInput(
                    f"The schedule is for sensor {self.sensor.id}, not for {named}.", field=TARGET
                )
            return (self._read_process(given, self.sensor, ""),)
        entries = {} if self.flex_model is None else self.flex_model
        if isinstance(entries, Mapping):
            return (self._read_entry(entries, "flex-model."),)
        if not isinstance(entries, Sequence) or isinstance(entries, str) or not entries:
            raise InvalidInput("Not an object or a list of objects.", field="flex-model")
        found: list[Process] = []
        for number, entry in enumerate(entries):
            process = self._read_entry(entry, f"flex-model.{number}.")
            if any(process.sensor.id == other.sensor.id for other in found):
                raise InvalidInput(
                    f"Sensor {process.sensor.id} should not occur more than once in the "
                    "flex-model.",
                    field=f"{process.prefix}{TARGET}",
                )
            found.append(process)
        return tuple(found)

    def _read_entry(self, entry: Any, prefix: str) -> Process:
        """The process in one entry of the flex-model of an asset."""
        given = with_hyphens(entry, prefix.rstrip("."))
        sensor = self._named_sensor(given.pop(TARGET, None), f"{prefix}{TARGET}")
        return self._read_process(given, sensor, prefix)

    def _named_sensor(self, named: Any, field: str) -> Any:
        """The sensor that an entry names, or the only power sensor of the asset."""
        if named is None:
            powers = [sensor for sensor in self.asset.sensors if _measures_power(sensor)]
            if len(powers) != 1:
                raise missing(field)
            return powers[0]
        number = sensor_id(named, field)
        sensor = self._reader().output_sensor(number, field=field)
        owner = sensor.generic_asset
        if self.asset.id not in {asset.id for asset in (owner, *owner.ancestors)}:
            raise InvalidInput(
                f"Sensor {number} does not belong to asset {self.asset.id} (or to one of its "
                "offspring).",
                field=field,
            )
        return sensor

    def _read_process(self, given: Mapping[str, Any], sensor: Any, prefix: str) -> Process:
        if not _measures_power(sensor):
            raise UnitMismatch(
                f"Sensor with ID {sensor.id} is not a power sensor.",
                field=f"{prefix}{TARGET}",
                hint=f"Its unit is {sensor.unit}.",
            )
        return read_process(given, sensor, self.start, prefix=prefix)

    def _read_surroundings(self, sensor: Any) -> Surroundings:
        target = self.asset if self.sensor is None else sensor.generic_asset
        holders = [target, *target.ancestors]
        if self.sensor is not None:
            holders.insert(0, self.sensor)
        return read_surroundings(self.flex_context, holders, self._reader(), sensor.timezone)

    def _reader(self) -> SeriesReader:
        if self.reader is None:
            raise TypeError("The ProcessScheduler needs a reader of sensors.")
        return self.reader

    def _prices(self, price: Price) -> tuple[FloatArray, list[str]]:
        """Prices of all steps, and what was assumed for the missing ones, in sentences.

        They are those of the nearest known step before, or else after.
        """
        values = price.on(self._grid, self._reader())
        gaps = np.flatnonzero(np.isnan(values))
        origin = "" if price.sensor is None else f" (sensor {price.sensor.id})"
        if len(gaps) == len(values):
            raise UnknownPrices(
                f"No {PRICE}{origin} is known between {self._grid.start.isoformat()} and "
                f"{self._grid.end.isoformat()}.",
                field=PRICE,
                hint="Post prices, or ask for another period.",
            )
        if not len(gaps):
            return values, []
        logger.warning("Prices partially unknown for planning window.")
        return extended(values), [
            f"{PRICE}{origin} has no value for {len(gaps)} of {len(values)} steps (the first at "
            f"{self._grid.moment(gaps[0]).isoformat()}); the nearest known price is taken instead."
        ]

    def _place(self, process: Process, prices: FloatArray, price: Price) -> Outcome:
        problem = Problem(
            process_type=process.process_type,
            sense=process.sense,
            length=self._grid.steps_for(process.duration),
            prices=prices,
            allowed=self._grid.free_of(process.restrictions),
        )
        try:
            chosen = allocate(problem)
        except InfeasibleProblem as error:
            error.field = f"{process.prefix}{error.field}"
            raise
        return Outcome(process, problem, self._grid, price.numerator, chosen)

    def _result(self, outcome: Outcome) -> ScheduleResult:
        power = np.zeros(self._grid.steps)
        power[outcome.chosen] = outcome.process.power
        return ScheduleResult(
            sensor=outcome.process.sensor,
            start=self.start,
            resolution=self.resolution,
            values=power,
            unit="MW",
        )


def _measures_power(sensor: Any) -> bool:
    return units.convertible(sensor.unit, "MW", sensor.event_resolution)


def _warnings(outcome: Outcome) -> list[str]:
    """Where the schedule is not quite as long as the process, in a sentence."""
    process, resolution = outcome.process, outcome.grid.resolution
    planned = resolution * len(outcome.chosen)
    if planned == process.duration:
        return []
    asked, lasts = format_duration(process.duration), format_duration(planned)
    reason = (
        f"steps are {format_duration(resolution)} long"
        if planned > process.duration
        else "the schedule ends then"
    )
    return [
        f"duration: the process of sensor {process.sensor.id} takes {asked}; {lasts} are "
        f"scheduled, because {reason}."
    ]

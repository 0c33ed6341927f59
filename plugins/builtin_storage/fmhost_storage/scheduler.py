"""The scheduler of batteries, charge points, heat storage and other devices that store energy."""

from __future__ import annotations

import time
from dataclasses import replace
from datetime import timedelta
from typing import Any, ClassVar

from fmhost.plugin import Scheduler, ScheduleResult, metrics
from fmhost_storage.assemble import assemble
from fmhost_storage.breaches import breaches_of, constraints_of
from fmhost_storage.configuration import ConfigReader
from fmhost_storage.explained import Explaining
from fmhost_storage.flex_context import SiteSchema
from fmhost_storage.grid import Grid
from fmhost_storage.inputs import Reading
from fmhost_storage.nodes import Surroundings
from fmhost_storage.notes import Notes
from fmhost_storage.problem import Problem
from fmhost_storage.quantities import Source
from fmhost_storage.results import costs_of, series_around, series_of
from fmhost_storage.solution import Solution
from fmhost_storage.solve import solve
from fmhost_storage.solvers.choice import choose_solver, time_limit
from fmhost_storage.storage_schema import StorageSchema
from fmhost_storage.warm import Memory
from fmhost_storage.window import extended_window

LONGEST = "FLEXMEASURES_MAX_PLANNING_HORIZON"
#: For whoever watches the installation.
SOLVER_SECONDS = metrics.Histogram(
    "fmhost_solver_seconds", "How long solvers took for a schedule [s].", ("solver",)
)
#: What this process remembers of the sites that it planned for.
MEMORY = Memory()


class StorageScheduler(Explaining):
    """Runs storage devices behind one grid connection at least cost.

    The flex-model of a sensor is one object; that of an asset is a list of objects, each with the
    ``sensor`` or the ``asset`` of a device. The stages are functions of their own:
    :mod:`flex_model` and :mod:`flex_context` read the configuration, :mod:`inputs` the series,
    :mod:`assemble` makes the problem of both, :mod:`solve` solves it and :mod:`results` says what
    comes of it.
    """

    __author__: ClassVar[str] = "Seita"
    __version__: ClassVar[str] = "1"
    fallback_scheduler_class: ClassVar[type[Scheduler] | str | None] = "StorageFallbackScheduler"

    flex_model_schema = StorageSchema
    flex_context_schema = SiteSchema

    def deserialize_flex_config(self) -> None:
        """Check flex-model and flex-context; move the end to the last set-point."""
        reader = self._source(None).reader
        config = ConfigReader(self.sensor, self.asset, reader, self.start).read(
            self.flex_model, self.flex_context
        )
        end, devices, warnings = extended_window(
            self.start, self.end, self._longest(), config.devices
        )
        self._grid = Grid.covering(self.start, end, self.resolution)
        self.end = self._grid.end
        self._config = replace(config, devices=devices)
        self.flex_model, self.flex_context = devices, config.site
        warnings += [text for each in config.site.commodities for text in each.warnings]
        self._notes = Notes(warnings=warnings)

    def compute(self) -> list[ScheduleResult]:
        """The cheapest schedule: power of each device, and states of charge that are asked for.

        :raises UnknownPrices: where no price is known.
        :raises InfeasibleSchedule: where no schedule satisfies the hard constraints.
        """
        problem = self.problem()
        began = time.perf_counter()
        name, solver = choose_solver(self.settings)
        solution = solve(
            problem,
            solver,
            time_limit=time_limit(self.settings),
            memory=MEMORY,
            site=self._site_name(),
        )
        self.info["seconds"]["solving"] = round(time.perf_counter() - began, 6)
        SOLVER_SECONDS.observe(solution.solver_seconds, name)
        self.info["solver"] = {
            "name": name,
            "status": str(solution.status),
            "rung": str(solution.rung),
            "seconds": round(solution.solver_seconds, 6),
        }
        results = self._results(problem, solution)
        self.explain(problem, solution)
        return results

    def problem(self) -> Problem:
        """What is to be solved: the configuration, and the series that it refers to.

        :raises UnknownPrices: where no price is known.
        """
        self.deserialize_config()
        began = time.perf_counter()
        grid = self._grid
        devices, site = self._config.devices, self._config.site
        notes = Notes(list(self._notes.assumed), list(self._notes.warnings))
        self.info.update(assumed=notes.assumed, stale=notes.stale, warnings=notes.warnings)
        self._missing = notes.missing
        reading = Reading(grid, self._source(None).reader, notes, self.belief_time)
        scheduled = frozenset(
            sensor.id
            for each in (*devices, *self._config.groups)
            for sensor in (each.sensor, each.consumption_output, each.production_output)
            if sensor is not None
        )
        site_inputs = reading.site(site, scheduled)
        inputs = [(device, reading.device(device, site)) for device in devices]
        self._surroundings = Surroundings.of(
            devices,
            [(each, reading.site(each, scheduled)) for each in site.commodities],
            [(each, reading.group(each)) for each in self._config.groups],
            grid.steps,
        )
        self.info["seconds"] = {"reading": round(time.perf_counter() - began, 6)}
        return assemble(grid, inputs, site_inputs, notes, site.commitments, self._surroundings)

    def persist_flex_model(self) -> None:
        """Keep the SoC at the start, as far as it is known, in the attributes of the asset."""
        if self.sensor is None:
            return
        (device,) = self._config.devices
        if device.soc_at_start is not None and not device.assumed:
            for name, value in (
                ("soc_in_mwh", device.soc_at_start),
                ("soc_datetime", self.start.isoformat()),
            ):
                if self.asset.attributes.get(name) != value:
                    self.asset.set_attribute(name, value)

    def _results(self, problem: Problem, solution: Solution) -> list[ScheduleResult]:
        """The series of a solution; `info` says what there is to say of it."""
        grid, devices, site = self._grid, self._config.devices, self._config.site
        self.info.update(
            costs_of(site, problem, solution),
            breaches=breaches_of(grid, devices, problem, solution),
            **constraints_of(grid, devices, problem, solution),
        )
        return [
            *series_of(grid, devices, site, problem, solution),
            *series_around(grid, self._surroundings, solution),
        ]

    def _source(self, sensor: Any | None) -> Source:
        if self.reader is None:
            raise TypeError("The StorageScheduler needs a reader of sensors.")
        return Source(self.reader, "UTC" if sensor is None else sensor.timezone)

    def _site_name(self) -> str:
        """By what a worker remembers how it planned for this target."""
        if self.sensor is not None:
            return f"sensor {self.sensor.id}"
        return f"asset {self.asset.id}"

    def _longest(self) -> timedelta | None:
        limit = self.settings.get(LONGEST)
        return limit * self.resolution if isinstance(limit, int) else limit

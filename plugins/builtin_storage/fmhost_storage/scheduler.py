"""The scheduler of batteries, charge points, heat storage and other devices that store energy."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, ClassVar

from fmhost.plugin import InvalidInput, Scheduler, ScheduleResult
from fmhost_storage.assemble import assemble
from fmhost_storage.breaches import breaches_of, constraints_of
from fmhost_storage.flex_context import SiteConfig, SiteSchema, read_site
from fmhost_storage.flex_model import DeviceConfig, StorageSchema, read_device
from fmhost_storage.grid import Grid
from fmhost_storage.inputs import Reading
from fmhost_storage.notes import Notes
from fmhost_storage.problem import Problem
from fmhost_storage.quantities import Source, sensor_id, with_hyphens
from fmhost_storage.results import costs_of, series_of
from fmhost_storage.solution import Solution
from fmhost_storage.solve import solve
from fmhost_storage.solvers.choice import choose_solver, time_limit
from fmhost_storage.window import extended_window

#: An asset whose stored flex-model names one of these is a device without being asked for.
OUTPUTS = {"consumption", "production"}
LONGEST = "FLEXMEASURES_MAX_PLANNING_HORIZON"


@dataclass(frozen=True)
class FlexConfig:
    """What a schedule is asked for, checked and typed; sensors are not read yet."""

    devices: list[DeviceConfig]
    site: SiteConfig


class StorageScheduler(Scheduler):
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
        site = self._read_site()
        devices = self._read_devices()
        for device in devices:
            _require_capacity(device, site)
        end, devices, warnings = extended_window(self.start, self.end, self._longest(), devices)
        self._grid = Grid.covering(self.start, end, self.resolution)
        self.end = self._grid.end
        self.flex_model, self.flex_context = devices, site
        self._config = FlexConfig(devices, site)
        self._notes = Notes(warnings=warnings)

    def compute(self) -> list[ScheduleResult]:
        """The cheapest schedule: power of each device, and states of charge that are asked for.

        :raises UnknownPrices: where no price is known.
        :raises InfeasibleSchedule: where no schedule satisfies the hard constraints.
        """
        problem = self.problem()
        began = time.perf_counter()
        name, solver = choose_solver(self.settings)
        solution = solve(problem, solver, time_limit=time_limit(self.settings))
        self.info["seconds"]["solving"] = round(time.perf_counter() - began, 6)
        self.info["solver"] = {
            "name": name,
            "status": str(solution.status),
            "rung": str(solution.rung),
            "seconds": round(solution.solver_seconds, 6),
        }
        return self._results(problem, solution)

    def problem(self) -> Problem:
        """What is to be solved: the configuration, and the series that it refers to.

        :raises UnknownPrices: where no price is known.
        """
        self.deserialize_config()
        began = time.perf_counter()
        grid = self._grid
        devices, site = self._config.devices, self._config.site
        notes = Notes(list(self._notes.assumed), list(self._notes.warnings))
        self.info.update(assumed=notes.assumed, warnings=notes.warnings)
        reading = Reading(grid, self._source(None).reader, notes)
        scheduled = frozenset(
            sensor.id
            for device in devices
            for sensor in (device.sensor, device.consumption_output, device.production_output)
            if sensor is not None
        )
        site_inputs = reading.site(site, scheduled)
        inputs = [(device, reading.device(device)) for device in devices]
        self.info["seconds"] = {"reading": round(time.perf_counter() - began, 6)}
        return assemble(grid, inputs, site_inputs, notes, site.commitments)

    def _results(self, problem: Problem, solution: Solution) -> list[ScheduleResult]:
        """The series of a solution; `info` says what there is to say of it."""
        grid, devices, site = self._grid, self._config.devices, self._config.site
        self.info.update(
            costs_of(site, problem, solution),
            breaches=breaches_of(grid, devices, problem, solution),
            **constraints_of(grid, devices, problem, solution),
        )
        return series_of(grid, devices, site, problem, solution)

    def _read_site(self) -> SiteConfig:
        asset = self.asset
        holders = [asset, *asset.ancestors]
        if self.sensor is not None:
            holders.insert(0, self.sensor)
        return read_site(self.flex_context, holders, self._source(self.sensor))

    def _read_devices(self) -> list[DeviceConfig]:
        if self.sensor is not None:
            source = self._source(self.sensor)
            return [read_device(self.flex_model, self.sensor, source, self.start)]
        entries = [] if self.flex_model is None else self.flex_model
        devices = self._read_entries(entries) if isinstance(entries, list) else []
        if not devices:
            raise InvalidInput(
                "The schedule of an asset needs a list with one flex-model per device.",
                field="flex-model",
                hint='Such as [{"sensor": 2, "soc-at-start": "10 kWh"}].',
            )
        return devices

    def _read_entries(self, entries: list[Any]) -> list[DeviceConfig]:
        """The devices of the request, then those that assets below tell of in their flex-model."""
        devices: list[DeviceConfig] = []
        seen: set[tuple[str, int]] = set()
        for number, entry in enumerate(entries):
            prefix = f"flex-model.{number}."
            if not isinstance(entry, Mapping):
                raise InvalidInput("Not a valid mapping type.", field=prefix.rstrip("."))
            given = with_hyphens(entry, prefix.rstrip("."))
            holder = self._holder(given, prefix)
            kind = "sensor" if "sensor" in given else "asset"
            if (kind, holder.id) in seen:
                raise InvalidInput(
                    f"{kind.capitalize()} {holder.id} should not occur more than once in the "
                    "flex-model.",
                    field=f"{prefix}{kind}",
                )
            seen.add((kind, holder.id))
            given = {name: given[name] for name in given if name not in ("sensor", "asset")}
            source = self._source(holder if kind == "sensor" else None)
            devices.append(read_device(given, holder, source, self.start, prefix=prefix))
        covered = {device.asset.id for device in devices}
        devices += [
            read_device({}, asset, self._source(None), self.start)
            for asset in (self.asset, *self.asset.offspring)
            if asset.id not in covered and OUTPUTS & set(with_hyphens(asset.flex_model or {}))
        ]
        return devices

    def _holder(self, given: Mapping[str, Any], prefix: str) -> Any:
        """The sensor or asset that an entry is about."""
        if "sensor" not in given and "asset" not in given:
            raise InvalidInput(
                "Specify either a sensor or an asset.",
                field=f"{prefix}sensor",
                hint="Name the power sensor of the device; or its asset, and a sensor for results.",
            )
        sensor = asset = None
        if "sensor" in given:
            sensor = self._device_sensor(given["sensor"], f"{prefix}sensor")
        if "asset" in given:
            asset = self._device_asset(given["asset"], f"{prefix}asset")
        if sensor is not None and asset is not None and sensor.generic_asset.id != asset.id:
            raise InvalidInput("Sensor does not belong to asset.", field=f"{prefix}asset")
        return asset if sensor is None else sensor

    def _device_asset(self, given: Any, field: str) -> Any:
        if isinstance(given, bool) or not isinstance(given, int):
            raise InvalidInput("Not a valid integer.", field=field, hint="Give the id of an asset.")
        for asset in (self.asset, *self.asset.offspring):
            if asset.id == given:
                return asset
        raise InvalidInput(
            f"Asset {given} is not asset {self.asset.id} (or one of its offspring).", field=field
        )

    def _device_sensor(self, given: Any, field: str) -> Any:
        sensor = self._source(None).reader.output_sensor(sensor_id(given, field), field=field)
        asset = sensor.generic_asset
        if self.asset.id not in (asset.id, *(above.id for above in asset.ancestors)):
            raise InvalidInput(
                f"Sensor {sensor.id} does not belong to asset {self.asset.id} (or to one of its "
                "offspring).",
                field=field,
            )
        return sensor

    def _source(self, sensor: Any | None) -> Source:
        if self.reader is None:
            raise TypeError("The StorageScheduler needs a reader of sensors.")
        return Source(self.reader, "UTC" if sensor is None else sensor.timezone)

    def _longest(self) -> timedelta | None:
        limit = self.settings.get(LONGEST)
        return limit * self.resolution if isinstance(limit, int) else limit


def _require_capacity(device: DeviceConfig, site: SiteConfig) -> None:
    """See that something tells how much power the device can take.

    :raises InvalidInput: where nothing does.
    """
    told = (
        device.power_capacity,
        device.consumption_capacity,
        device.production_capacity,
        site.power_capacity,
    )
    if all(each is None for each in told):
        raise InvalidInput(
            f"The power capacity of {device.name} is not defined.",
            field="power-capacity",
            hint="Give power-capacity in the flex-model, or store the attribute capacity_in_mw.",
        )

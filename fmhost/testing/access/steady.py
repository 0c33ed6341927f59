"""A scheduler and a forecaster that take whatever they are given: the world needs no others."""

from __future__ import annotations

from typing import Final

import numpy as np

from fmhost.domain.flexibility import Forecaster, ForecastResult, Scheduler, ScheduleResult
from fmhost.host.host import Host
from fmhost.host.lifecycle import PluginRecord, Stage
from fmhost.host.manifest import Driver, Manifest

#: By which name sensors ask for either of them; also that of the plugin that brings them.
STEADY: Final = "steady-under-test"

_SCHEDULER: Final = f"{STEADY}:scheduler"
_FORECASTER: Final = f"{STEADY}:forecaster"


class SteadyScheduler(Scheduler):
    """Consumes 1 kW all the time."""

    def deserialize_flex_config(self) -> None:
        """Take whatever there is."""

    def compute(self) -> list[ScheduleResult]:
        """See :meth:`fmhost.domain.flexibility.Scheduler.compute`."""
        steps = (self.end - self.start) // self.resolution
        values = np.ones(steps)
        return [ScheduleResult(self.sensor, self.start, self.resolution, values, unit="kW")]


class SteadyForecaster(Forecaster):
    """Expects 1 all the time."""

    def compute(self) -> list[ForecastResult]:
        """See :meth:`fmhost.domain.flexibility.Forecaster.compute`."""
        task = self.task
        values = np.ones((task.end - task.start) // task.resolution)
        return [ForecastResult(task.sensor, task.start, task.resolution, values)]


def offer_steady(host: Host) -> None:
    """Have a host know both of them, as if a plugin brought them."""
    host.registry.add(
        PluginRecord(
            STEADY,
            distribution=STEADY,
            version="0",
            entry_point=_SCHEDULER,
            manifest=Manifest(
                STEADY,
                schedulers={STEADY: Driver(_SCHEDULER)},
                forecasters={STEADY: Driver(_FORECASTER)},
            ),
            stage=Stage.ACTIVE,
            provided={_SCHEDULER: SteadyScheduler, _FORECASTER: SteadyForecaster},
        )
    )

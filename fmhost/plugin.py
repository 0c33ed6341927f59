"""The door for plugin authors: every name here is documented and covered by the plugin-API version.

A plugin imports from this module (and from :mod:`fmhost.testing` in its tests), never from the
kernel's other modules. Names are looked up when they are first used, so that a manifest module can
import :class:`Manifest` without loading SQLAlchemy or numpy.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from fmhost.cli.context import current_installation as current_installation
    from fmhost.cli.context import current_program as current_program
    from fmhost.domain.flexibility import Forecaster as Forecaster
    from fmhost.domain.flexibility import ForecastResult as ForecastResult
    from fmhost.domain.flexibility import ForecastTask as ForecastTask
    from fmhost.domain.flexibility import Scheduler as Scheduler
    from fmhost.domain.flexibility import ScheduleResult as ScheduleResult
    from fmhost.domain.flexibility import SeriesReader as SeriesReader
    from fmhost.errors import ComputationFailed as ComputationFailed
    from fmhost.errors import ConfigurationError as ConfigurationError
    from fmhost.errors import Conflict as Conflict
    from fmhost.errors import FmhostError as FmhostError
    from fmhost.errors import InfeasibleProblem as InfeasibleProblem
    from fmhost.errors import InvalidInput as InvalidInput
    from fmhost.errors import NotFound as NotFound
    from fmhost.errors import RefuseStartup as RefuseStartup
    from fmhost.errors import UnitMismatch as UnitMismatch
    from fmhost.errors import UnknownPrices as UnknownPrices
    from fmhost.host.health import HealthCheck as HealthCheck
    from fmhost.host.hookspecs import hookimpl as hookimpl
    from fmhost.host.manifest import Command as Command
    from fmhost.host.manifest import CommandGroup as CommandGroup
    from fmhost.host.manifest import Driver as Driver
    from fmhost.host.manifest import Manifest as Manifest
    from fmhost.host.manifest import MenuEntry as MenuEntry
    from fmhost.host.manifest import Pages as Pages

#: Where each public name lives.
_HOME = {
    # what a manifest is made of
    "Manifest": "fmhost.host.manifest",
    "Driver": "fmhost.host.manifest",
    "Command": "fmhost.host.manifest",
    "CommandGroup": "fmhost.host.manifest",
    "Pages": "fmhost.host.manifest",
    "MenuEntry": "fmhost.host.manifest",
    # contracts
    "Scheduler": "fmhost.domain.flexibility",
    "ScheduleResult": "fmhost.domain.flexibility",
    "Forecaster": "fmhost.domain.flexibility",
    "ForecastResult": "fmhost.domain.flexibility",
    "ForecastTask": "fmhost.domain.flexibility",
    "SeriesReader": "fmhost.domain.flexibility",
    # hooks
    "hookimpl": "fmhost.host.hookspecs",
    "HealthCheck": "fmhost.host.health",
    # commands
    "current_program": "fmhost.cli.context",
    "current_installation": "fmhost.cli.context",
    # errors
    "FmhostError": "fmhost.errors",
    "ConfigurationError": "fmhost.errors",
    "InvalidInput": "fmhost.errors",
    "UnitMismatch": "fmhost.errors",
    "NotFound": "fmhost.errors",
    "Conflict": "fmhost.errors",
    "ComputationFailed": "fmhost.errors",
    "UnknownPrices": "fmhost.errors",
    "InfeasibleProblem": "fmhost.errors",
    "RefuseStartup": "fmhost.errors",
}

__all__ = sorted(_HOME)


def __getattr__(name: str) -> Any:
    home = _HOME.get(name)
    if home is None:
        raise AttributeError(
            f"fmhost.plugin has no name {name!r}; it offers {', '.join(sorted(_HOME))}"
        )
    value = getattr(importlib.import_module(home), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted(_HOME)

"""For tests of fmhost and of its plugins: real servers, fresh databases, a pytest plugin.

The names below are for tests of plugins; ``docs/plugins/testing.md`` shows how to use them.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from fmhost.testing.clock import Clock as Clock
    from fmhost.testing.conformance.days import Day as Day
    from fmhost.testing.conformance.forecasters import (
        ForecasterConformance as ForecasterConformance,
    )
    from fmhost.testing.conformance.schedulers import SchedulerConformance as SchedulerConformance
    from fmhost.testing.conformance.storage import Storage as Storage
    from fmhost.testing.sites import BatterySite as BatterySite
    from fmhost.testing.sites import PriceSeries as PriceSeries
    from fmhost.testing.sites import record_series as record_series
    from fmhost.testing.tenants import Tenant as Tenant

#: Where each public name lives. They are imported when they are first used: this package is
#: loaded with every test run, and by programs that only build distributions.
_HOME = {
    "BatterySite": "fmhost.testing.sites",
    "Clock": "fmhost.testing.clock",
    "Day": "fmhost.testing.conformance.days",
    "ForecasterConformance": "fmhost.testing.conformance.forecasters",
    "PriceSeries": "fmhost.testing.sites",
    "SchedulerConformance": "fmhost.testing.conformance.schedulers",
    "Storage": "fmhost.testing.conformance.storage",
    "Tenant": "fmhost.testing.tenants",
    "record_series": "fmhost.testing.sites",
}

__all__ = sorted(_HOME)


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        raise AttributeError(f"fmhost.testing has no name {name!r}; it has {', '.join(__all__)}")
    value = getattr(importlib.import_module(_HOME[name]), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return list(__all__)

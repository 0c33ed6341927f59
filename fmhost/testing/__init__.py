"""For tests of fmhost and of its plugins: real servers, fresh databases, a pytest plugin.

The names below are for tests of plugins; ``docs/plugins/testing.md`` shows how to use them.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from fmhost.testing.access.estates import Estate as Estate
    from fmhost.testing.access.estates import World as World
    from fmhost.testing.access.rows import ACCOUNTS as ACCOUNTS
    from fmhost.testing.access.rows import OWNERS as OWNERS
    from fmhost.testing.access.rows import Row as Row
    from fmhost.testing.access.rules import Need as Need
    from fmhost.testing.access.rules import Person as Person
    from fmhost.testing.access.rules import seen as seen
    from fmhost.testing.access.suite import AccessConformance as AccessConformance
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
    "ACCOUNTS": "fmhost.testing.access.rows",
    "AccessConformance": "fmhost.testing.access.suite",
    "BatterySite": "fmhost.testing.sites",
    "Clock": "fmhost.testing.clock",
    "Day": "fmhost.testing.conformance.days",
    "Estate": "fmhost.testing.access.estates",
    "ForecasterConformance": "fmhost.testing.conformance.forecasters",
    "Need": "fmhost.testing.access.rules",
    "OWNERS": "fmhost.testing.access.rows",
    "Person": "fmhost.testing.access.rules",
    "PriceSeries": "fmhost.testing.sites",
    "Row": "fmhost.testing.access.rows",
    "SchedulerConformance": "fmhost.testing.conformance.schedulers",
    "Storage": "fmhost.testing.conformance.storage",
    "Tenant": "fmhost.testing.tenants",
    "World": "fmhost.testing.access.estates",
    "record_series": "fmhost.testing.sites",
    "seen": "fmhost.testing.access.rules",
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

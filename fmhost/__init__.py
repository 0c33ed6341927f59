"""fmhost: a small kernel that stores energy time series as beliefs and hosts plugins.

Plugin authors import from :mod:`fmhost.plugin`; everything else is the kernel's own. The names that
most plugins need stand here as well, and are looked up when they are first used.
"""

from __future__ import annotations

from typing import Any

_FROM_PLUGIN = (
    "Account",
    "AccountRole",
    "Asset",
    "AssetType",
    "Forecaster",
    "Reporter",
    "Scheduler",
    "Sensor",
    "Source",
    "User",
)


def __getattr__(name: str) -> Any:
    if name == "__version__":
        from importlib.metadata import version  # costs milliseconds that `--help` need not pay

        return version("fmhost")
    if name in _FROM_PLUGIN:
        import importlib

        # By its name: the package as such imports nothing that stands above it.
        return getattr(importlib.import_module("fmhost.plugin"), name)
    raise AttributeError(f"module 'fmhost' has no attribute {name!r}")

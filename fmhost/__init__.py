"""fmhost: a small kernel that stores energy time series as beliefs and hosts plugins.

Plugin authors import from :mod:`fmhost.plugin`; everything else is the kernel's own.
"""

from __future__ import annotations


def __getattr__(name: str) -> str:
    if name == "__version__":
        from importlib.metadata import version  # costs milliseconds that `--help` need not pay

        return version("fmhost")
    raise AttributeError(f"module 'fmhost' has no attribute {name!r}")

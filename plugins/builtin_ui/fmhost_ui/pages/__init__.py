"""The pages, one module for each group of them.

Every module in this folder adds its views to the blueprint when it is imported; the routes of all
stand in :mod:`fmhost_ui.routes`, where the host reads them without importing any of this.
"""

from __future__ import annotations

import importlib
import pkgutil

from fmhost_ui.blueprint import blueprint

__all__ = ["blueprint"]

for _module in pkgutil.iter_modules(__path__):
    importlib.import_module(f"{__name__}.{_module.name}")

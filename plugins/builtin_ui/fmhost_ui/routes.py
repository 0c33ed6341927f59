"""The routes of all pages, by the module in :mod:`fmhost_ui.pages` that has them.

They stand apart because the host reads them before it imports anything heavy.
"""

from __future__ import annotations

from typing import Final

FILES: Final = ("/favicon.ico", "/ui/static/<path:filename>")

HOME: Final = ("/", "/dashboard")

ASSET: Final = ("/assets/<id>",)

SENSOR: Final = ("/sensors/<id>",)

CHART_DATA: Final = ("/ui/chart_data/assets/<id>", "/ui/chart_data/sensors/<id>")

ROUTES: Final = (
    *FILES,
    *HOME,
    *ASSET,
    *SENSOR,
    *CHART_DATA,
)

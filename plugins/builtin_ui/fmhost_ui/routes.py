"""The routes of all pages, by the module in :mod:`fmhost_ui.pages` that has them.

They stand apart because the host reads them before it imports anything heavy.
"""

from __future__ import annotations

from typing import Final

FILES: Final = (
    "/favicon.ico",
    "/ui/static/<path:filename>",
    "/ui/brand/<primary>/<secondary>.css",
)

DASHBOARD: Final = (
    "/",
    "/dashboard",
    "/dashboard/places",
    "/dashboard/places/<id>",
    "/dashboard/states",
)

ASSET: Final = ("/assets/<id>", "/assets/<id>/graphs", "/assets/<id>/first_view")

ASSET_FORMS: Final = (
    "/assets/new",
    "/assets/<id>/properties",
    "/assets/<id>/copy",
    "/assets/<id>/sensors/new",
    "/assets/delete_with_data/<id>",
)

ASSET_TABS: Final = ("/assets/<id>/status", "/assets/<id>/auditlog", "/assets/<id>/context")

SENSOR_FORMS: Final = (
    "/sensors/<id>/properties",
    "/sensors/<id>/delete",
    "/sensors/<id>/delete_data",
    "/sensors/<id>/upload",
)

TRIGGERS: Final = (
    "/assets/<id>/schedule",
    "/assets/<id>/schedule/trigger",
    "/sensors/<id>/forecast",
    "/sensors/<id>/forecast/trigger",
)

SENSOR: Final = ("/sensors/<id>",)

CHART_DATA: Final = ("/ui/chart_data/assets/<id>", "/ui/chart_data/sensors/<id>")

ASSETS: Final = ("/assets", "/assets/owned_by/<id>")

ACCOUNTS: Final = ("/accounts", "/accounts/new", "/accounts/<id>", "/accounts/auditlog/<id>")

USERS: Final = (
    "/users",
    "/users/new",
    "/users/<id>",
    "/users/toggle_active/<id>",
    "/users/reset_password_for/<id>",
    "/users/auditlog/<id>",
)

SELF: Final = (
    "/logged-in-user",
    "/logged-in-user/token",
    "/logged-in-user/api-keys",
    "/logged-in-user/api-keys/<id>/revoke",
)

TASKS: Final = (
    "/tasks/",
    "/tasks/requeue",
    "/tasks/<id>",
    "/tasks/<id>/explanation",
    "/tasks/<id>/requeue",
    "/tasks/<id>/cancel",
)

PLUGINS: Final = ("/plugins", "/about")

ROUTES: Final = (
    *SELF,
    *TASKS,
    *PLUGINS,
    *ASSETS,
    *ACCOUNTS,
    *USERS,
    *FILES,
    *DASHBOARD,
    *ASSET,
    *ASSET_FORMS,
    *ASSET_TABS,
    *SENSOR_FORMS,
    *TRIGGERS,
    *SENSOR,
    *CHART_DATA,
)

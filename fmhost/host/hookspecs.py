"""Every hook that a plugin can implement.

An implementation is a function of the same name, marked with ``@fmhost.plugin.hookimpl``, in the
module that the manifest names under ``hooks``. It may leave out arguments that it does not need.
Implementations are called in the order of the plugins, each by itself: where one raises, the error
is logged with the plugin's name, and the others are called all the same. A plugin of which one
hook fails five times in a row is quarantined: none of its hooks is called until the next start.
The start has rules of its own, see :func:`fmhost_startup`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import pluggy

if TYPE_CHECKING:
    from fmhost.host.health import HealthCheck
    from fmhost.host.host import Host
    from fmhost.host.manifest import MenuEntry
    from fmhost.host.page_parts import Panel, Tab

hookspec = pluggy.HookspecMarker("fmhost")
hookimpl = pluggy.HookimplMarker("fmhost")


@hookspec
def fmhost_startup(host: Host) -> None:
    """Called once per process, after all plugins are loaded and before the first request or job.

    May raise :class:`~fmhost.errors.RefuseStartup` to stop the installation. Any other exception
    takes the plugin out of service.
    """


@hookspec(firstresult=True)
def fmhost_select_scheduler(target: Any) -> str | None:
    """Name the scheduler for `target` (a sensor or asset), or None to leave it to others.

    Called for each schedule of a target that names none itself, nor do its ancestors. The first
    answer wins.
    """


@hookspec(firstresult=True)
def fmhost_select_forecaster(target: Any) -> str | None:
    """Name the forecaster for `target` (a sensor), or None to leave it to others.

    Called for each forecast of a target that names none itself, nor do its ancestors. The first
    answer wins.
    """


@hookspec
def fmhost_beliefs_saved(sensor: Any, window: Any, source: Any, count: int) -> None:
    """Called after each commit that stored beliefs about one sensor from one source.

    :param window: pair of aware datetimes, the first event start and the last event end.
    :param source: the data source of the beliefs.
    :param count: how many beliefs are new or changed.
    """


@hookspec
def fmhost_schedule_computed(job: Any, schedule: Any) -> None:
    """Called after the commit that stored a schedule; `schedule` is the list of its results."""


@hookspec
def fmhost_forecast_computed(job: Any, forecast: Any) -> None:
    """Called after the commit that stored a forecast; `forecast` is the list of its results."""


@hookspec
def fmhost_report_computed(job: Any, report: Any) -> None:
    """Called after the commit that stored a report; `report` is the list of its results."""


@hookspec
def fmhost_job_failed(job: Any, error: BaseException) -> None:
    """Called after a job was recorded as failed, with the exception that ended it."""


@hookspec
def fmhost_menu_items(user: Any, page: str) -> Sequence[MenuEntry]:
    """Menu entries that depend on the user or the page, after those of the manifests.

    Called for each page that somebody who is logged in looks at. Entries that ask for a permission
    which the user lacks are left out.

    :param user: who looks at the page.
    :param page: path of the page.
    """
    return ()


@hookspec
def fmhost_page_panels(target: Any, user: Any) -> Sequence[Panel]:
    """Panels for the page of a sensor, or for the first tab of an asset's page.

    Called each time the page is looked at, by a user who may read `target`. Panels that ask for a
    permission which the user lacks are left out. What a failing implementation did in the database
    is undone, and the page is shown without its panels.

    :param target: the sensor or asset.
    :param user: who looks at the page.
    """
    return ()


@hookspec
def fmhost_asset_tabs(asset: Any, user: Any, shown: str) -> Sequence[Tab]:
    """Tabs for the page of an asset.

    Called each time the page is looked at, by a user who may read the asset, as for panels.

    :param user: who looks at the page.
    :param shown: key of the tab that is looked at, empty for the first one, which is the host's.
        Only that one needs content.
    """
    return ()


@hookspec
def fmhost_health() -> Sequence[HealthCheck]:
    """What the plugin knows about its own health; called for each readiness request."""
    return ()


@hookspec
def fmhost_openapi_extend(spec: Mapping[str, Any]) -> Mapping[str, Any]:
    """What to add to the OpenAPI document of the installation.

    Called once per process, when the document is first asked for, with the document as the kernel
    and the plugins' resources make it. The answer is merged into it: objects key by key, anything
    else replaces what was there. An answer that is no JSON object is logged and left out.
    """
    return {}

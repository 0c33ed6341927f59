"""The page of an asset: what is planned for it, and its graphs."""

from __future__ import annotations

from typing import Any, Final

from flask import flash, redirect, render_template, request, session
from werkzeug.wrappers import Response

from fmhost.plugin import Asset, InvalidInput, NotFound, device_plans, plotted, web
from fmhost_ui.blueprint import blueprint
from fmhost_ui.chart_frame import frame_of_asset
from fmhost_ui.pages.chart_data import zone_of
from fmhost_ui.ribbon import Ribbon

#: Under which key the session has the page about an asset that is shown first.
_DEFAULT_VIEW: Final = "default_asset_view"
#: What the API calls the pages, by the last part of their paths.
_VIEWS: Final = {
    "graphs": "Graphs",
    "context": "Context",
    "properties": "Properties",
    "status": "Status",
    "auditlog": "Audit Log",
}


@blueprint.get("/assets/<id>")
@web.login_required
def asset(id: str) -> str | Response:
    """An asset: the tab of a plugin, else the view that the session prefers, else its graphs."""
    found = web.load_asset(id)
    wanted = request.args.get("tab", "")
    if wanted:
        return _tab(found, wanted)
    path = f"/assets/{found.id}/{str(session.get(_DEFAULT_VIEW, '')).lower().replace(' ', '')}"
    if not path.endswith(("/", "/graphs")) and web.view_at(path):
        return redirect(path)
    return _graphs(found)


@blueprint.get("/assets/<id>/graphs")
@web.login_required
def asset_graphs(id: str) -> str:
    """What is planned for an asset, and its graphs."""
    return _graphs(web.load_asset(id))


@blueprint.post("/assets/<id>/first_view")
@web.login_required
def choose_first_view(id: str) -> Response:
    """Choose which page about an asset is shown first, of every asset; or leave that to us."""
    found = web.load_asset(id)
    view = request.form.get("view", "")
    is_first = request.form.get("is_first") == "1"
    if view not in _VIEWS:
        raise InvalidInput("There is no such page about assets.", field="view")
    web.perform(
        "preferences.set_default_asset_view",
        {"default_asset_view": _VIEWS[view], "use_as_default": is_first},
    )
    flash("This page comes first now, of every asset." if is_first else "Graphs come first again.")
    return redirect(f"/assets/{found.id}/{view}")


def _tab(found: Asset, wanted: str) -> str:
    tabs = dict(web.tabs(found, wanted))
    if wanted not in tabs:
        raise NotFound(f"The asset {found.name} has no tab named {wanted}.")
    return _page(found, tabs=tabs, shown=wanted, panels=[])


def _graphs(found: Asset) -> str:
    installation = web.installation()
    now = installation.now()
    planned = device_plans.plans_of(installation, web.session(), web.user(), found, now)
    shown = plotted.plotted_of_asset(web.session(), web.user(), found)
    may_choose = web.allows(found, "update")
    return _page(
        found,
        tabs=dict(web.tabs(found)),
        shown="graphs",
        ribbons=[Ribbon(each, now) for each in planned],
        frame=frame_of_asset(found, shown.sensors, zone_of(found, shown.sensors)),
        choices=plotted.choices_of(web.session(), web.user(), found) if may_choose else (),
        panels=web.panels(found),
    )


def _page(found: Asset, **variables: Any) -> str:
    return render_template("ui/asset.html", asset=found, **variables)

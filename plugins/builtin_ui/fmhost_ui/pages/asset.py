"""The page of an asset: what is planned for it, and its graphs."""

from __future__ import annotations

from typing import Any, Final

from flask import redirect, render_template, request, session
from werkzeug.wrappers import Response

from fmhost.plugin import Asset, NotFound, device_plans, plotted, web
from fmhost_ui.blueprint import blueprint
from fmhost_ui.chart_frame import frame_of_asset
from fmhost_ui.pages.chart_data import zone_of
from fmhost_ui.ribbon import Ribbon

#: Under which key the session has the page about an asset that is shown first.
_DEFAULT_VIEW: Final = "default_asset_view"


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

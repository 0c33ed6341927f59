"""The page of an asset."""

from __future__ import annotations

from flask import render_template, request

from fmhost.plugin import NotFound, overview, web
from fmhost_ui.blueprint import blueprint
from fmhost_ui.narrative import tell_all


@blueprint.get("/assets/<id>")
@web.login_required
def asset(id: str) -> str:
    """An asset with its sensors and properties, and the tabs of plugins."""
    found = web.load_asset(id)
    wanted = request.args.get("tab", "")
    tabs = dict(web.tabs(found, wanted))
    if wanted and wanted not in tabs:
        raise NotFound(f"The asset {found.name} has no tab named {wanted}.")
    sensors = list(found.sensors)
    now = web.installation().now()
    ahead = overview.schedules_ahead(web.session(), sensors, now)
    return render_template(
        "ui/asset.html",
        asset=found,
        tabs=tabs,
        shown=wanted,
        stories=tell_all(ahead, now),
        panels=[] if wanted else web.panels(found),
    )

"""The first page: what assets there are, and what is scheduled for them."""

from __future__ import annotations

from flask import Response, render_template

from fmhost.plugin import overview, web
from fmhost_ui.blueprint import blueprint
from fmhost_ui.grouping import group_by_owner
from fmhost_ui.narrative import tell_all


@blueprint.get("/")
@blueprint.get("/dashboard")
@web.login_required
def home() -> str:
    """The assets that the user may read, and what is scheduled for them."""
    now = web.installation().now()
    found = web.readable_assets()
    sensors = [sensor for asset in found for sensor in asset.sensors]
    ahead = overview.schedules_ahead(web.session(), sensors, now)
    return render_template(
        "ui/home.html",
        groups=group_by_owner(found, web.user()),
        stories=tell_all(ahead, now),
    )


@blueprint.get("/favicon.ico")
def favicon() -> Response:
    """The icon of the site."""
    return blueprint.send_static_file("favicon.ico")

"""What this installation is made of: its plugins and their state, its version and licences."""

from __future__ import annotations

from flask import render_template

from fmhost.plugin import check_access, web
from fmhost_ui.blueprint import blueprint


@blueprint.get("/plugins")
@web.login_required
def all_plugins() -> str:
    """The plugins with what they offer, and why one is not active; for admins."""
    if not web.reads_everything():
        check_access(web.user(), None, "read")
    return render_template(
        "ui/plugins.html", plugins=web.perform("plugins.list_plugins"), health=_health()
    )


@blueprint.get("/about")
@web.login_required
def about() -> str:
    """The version, the plugins, and where the code and the maps come from."""
    return render_template("ui/about.html", records=web.installation().host.active)


def _health() -> dict[str, bool]:
    """What of the installation does its work, part by part."""
    return {
        part: bool(works)
        for part, works in web.perform("health.is_ready").items()
        if isinstance(works, bool)
    }

"""The variables that templates of plugins know, besides ``site``."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

from flask import current_app, session
from werkzeug.local import LocalProxy

from fmhost_ui.site import Site, sees_queues

#: Settings that templates know under their own names.
_SETTINGS: Final = (
    "FLEXMEASURES_PLATFORM_NAME",
    "FLEXMEASURES_MODE",
    "FLEXMEASURES_HIDE_NAN_IN_UI",
)

#: What pages keep in the session.
_OF_SESSION: Final = (
    "event_starts_after",
    "event_ends_before",
    "start_time",
    "end_time",
    "resolution",
    "chart_type",
    "default_asset_view",
    "keep_legends_below_graphs",
)


def variables(site: Site) -> Mapping[str, Any]:
    """All variables; what takes a look at the user is looked up where a template asks for it."""
    config = current_app.config
    return {
        **{name: session.get(name) for name in _OF_SESSION},
        **{name: config[name] for name in _SETTINGS},
        **{name: LocalProxy(lookup) for name, lookup in _looked_up(site).items()},
        "flexmeasures_version": LocalProxy(lambda: site.version),
        "git_version": LocalProxy(lambda: site.version),
        "git_commits_since": 0,
        "git_hash": "",
        "documentation_exists": False,
        "js_versions": config["FLEXMEASURES_JS_VERSIONS"],
        "chart_options": {"renderer": "canvas"},
        "extra_css": site.style,
        "FLEXMEASURES_PLATFORM_NAME": LocalProxy(lambda: site.name),
    }


def _looked_up(site: Site) -> Mapping[str, Callable[[], Any]]:
    def has_role(role: str) -> bool:
        return site.user is not None and site.user.has_role(role)

    return {
        "app_running_since": lambda: site.running_since,
        "loaded_plugins": lambda: ", ".join(site.plugins),
        "menu_logo": lambda: site.logo,
        "show_queues": lambda: sees_queues(site.user),
        "user_is_logged_in": lambda: site.user is not None,
        "user_is_anonymous": lambda: site.user is None,
        "user_is_admin": lambda: has_role("admin"),
        "user_has_admin_reader_rights": lambda: has_role("admin") or has_role("admin-reader"),
        "user_email": lambda: site.user.email if site.user else "",
        "user_name": lambda: site.user.username if site.user else "",
    }

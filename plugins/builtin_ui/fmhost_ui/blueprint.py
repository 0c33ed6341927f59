"""The blueprint: templates, files, what every page knows, headers, and pages for errors."""

from __future__ import annotations

from datetime import datetime
from pathlib import PurePosixPath
from typing import Any
from urllib.parse import urlsplit

from flask import (
    Blueprint,
    Flask,
    Response,
    before_render_template,
    current_app,
    g,
    redirect,
    render_template,
    request,
)
from flask.blueprints import BlueprintSetupState
from jinja2 import Template
from werkzeug.exceptions import HTTPException
from werkzeug.wrappers import Response as BaseResponse

from fmhost.plugin import FmhostError, time_zone, web
from fmhost_ui import maps
from fmhost_ui.site import Site
from fmhost_ui.variables import variables
from fmhost_ui.wording import ago, dated

blueprint = Blueprint(
    "ui",
    __name__,
    template_folder="templates",
    static_folder="static",
    static_url_path="/ui/static",
)

#: Our templates, by the setting that names them: where nobody has named one, it is the library's,
#: of the same name.
_TEMPLATES = {
    "SECURITY_LOGIN_USER_TEMPLATE": "login_user.html",
    "SECURITY_FORGOT_PASSWORD_TEMPLATE": "forgot_password.html",
    "SECURITY_RESET_PASSWORD_TEMPLATE": "reset_password.html",
    "SECURITY_TWO_FACTOR_VERIFY_CODE_TEMPLATE": "two_factor_verify_code.html",
}

#: Nothing comes from elsewhere but what the host has configured; scripts and styles are files of
#: this server, never part of a page; nobody puts a page into a frame. Pictures are made by scripts,
#: too (``blob:``, ``data:``), where somebody saves a chart.
_CONTENT_POLICY = (
    "default-src 'none'; script-src 'self'; connect-src 'self'; style-src 'self'{styles};"
    " img-src 'self' data: blob:{images}; font-src 'self'{styles}; form-action 'self';"
    " base-uri 'none'; frame-ancestors 'none'"
)

_TITLES = {
    401: "Please log in",
    403: "Not for you",
    404: "Nothing here",
}


@blueprint.record_once
def _dress_login(state: BlueprintSetupState) -> None:
    """Have the pages about logins in the layout of the site, and lead there after logging out.

    A template that the configuration or a plugin names takes the place of ours.
    """
    for setting, name in _TEMPLATES.items():
        if state.app.config[setting] == f"security/{name}":
            state.app.config[setting] = f"admin/{name}"
    state.app.config |= {
        "SECURITY_POST_LOGOUT_VIEW": "/login",
        "SECURITY_MSG_UNAUTHENTICATED": ("Please log in to see this page.", "info"),
    }


@blueprint.record_once
def _show_errors(state: BlueprintSetupState) -> None:
    """Have people who ask for a page that is not there see that in the layout of the site."""
    web.show_errors_with(state.app, _error_page)


@blueprint.record_once
def _tell_name_of_page(state: BlueprintSetupState) -> None:
    """Give every template its name as ``page``, as templates of plugins expect it."""

    def tell(_app: Flask, template: Template, context: dict[str, Any], **_: Any) -> None:
        if template.name is not None:
            context.setdefault("page", PurePosixPath(template.name).stem)

    before_render_template.connect(tell, state.app, weak=False)


@blueprint.record_once
def _note_start(state: BlueprintSetupState) -> None:
    installation = state.app.extensions["fmhost"]["installation"]
    state.app.extensions["fmhost_ui"] = {"started": installation.now()}


@blueprint.app_context_processor
def _known_to_templates() -> dict[str, Any]:
    if "fmhost_ui_site" not in g:
        g.fmhost_ui_site = Site()
    return {**variables(g.fmhost_ui_site), "site": g.fmhost_ui_site}


@blueprint.app_template_filter("moment")
def _dated(moment: datetime | None) -> str:
    """A moment as the user's clock shows it; ``never`` for none."""
    if moment is None:
        return "never"
    user = web.user_or_none()
    zone = user.timezone if user is not None else None
    return dated(moment, time_zone(zone or web.installation().settings["FLEXMEASURES_TIMEZONE"]))


blueprint.add_app_template_filter(ago, "ago")


@blueprint.after_app_request
def _protect(response: Response) -> Response:
    """Set the headers of our own pages and of the login page; those of others are theirs."""
    if request.blueprint not in (blueprint.name, "security") and "fmhost_ui_error" not in g:
        return response
    if response.mimetype == "text/html":
        response.headers.setdefault("Content-Security-Policy", _content_policy())
        response.headers.setdefault("Referrer-Policy", "same-origin")
    response.headers.setdefault("X-Content-Type-Options", "nosniff")
    is_file = request.endpoint == f"{blueprint.name}.static"
    if response.mimetype in ("text/html", "application/json") and not is_file:
        # What somebody saw is gone once they have logged out.
        response.headers["Cache-Control"] = "no-store"
    return response


def _content_policy() -> str:
    config = current_app.config
    return _CONTENT_POLICY.format(
        styles=_origin(config["FLEXMEASURES_EXTRA_CSS_PATH"]),
        images=_origins(
            config["FLEXMEASURES_MENU_LOGO_PATH"],
            # Where no page has asked for the logo of an account, it shows none.
            vars(g.get("fmhost_ui_site", object)).get("logo"),
            maps.tiles(web.installation().settings),
        ),
    )


def _origins(*addresses: str | None) -> str:
    return "".join(dict.fromkeys(_origin(address) for address in addresses if address))


def _origin(address: str) -> str:
    """Where a complete URL leads, with a blank before it; empty for a path of this server."""
    parts = urlsplit(address)
    is_odd = any(mark in parts.netloc for mark in " ;,'\"")
    return f" {parts.scheme}://{parts.netloc}" if parts.netloc and not is_odd else ""


@blueprint.before_app_request
def _show_root_view() -> BaseResponse | None:
    """Lead from ``/`` to the view that FLEXMEASURES_ROOT_VIEW names for the user, if it exists."""
    if request.path != "/" or request.method not in ("GET", "HEAD"):
        return None
    views = current_app.config["FLEXMEASURES_ROOT_VIEW"]
    path = "/" + web.name_for(views, web.user_or_none()).strip("/")
    return redirect(path) if path != "/" and web.view_at(path) else None


@blueprint.errorhandler(FmhostError)
def _known(error: FmhostError) -> tuple[str, int]:
    return _error_page(error.http_status, web.told(error))


@blueprint.errorhandler(HTTPException)
def _http(error: HTTPException) -> tuple[str, int] | HTTPException:
    if error.response is not None or error.code is None or error.code < 400:
        return error
    return _error_page(error.code, error.description or "")


def _error_page(status: int, message: str) -> tuple[str, int]:
    g.fmhost_ui_error = status
    title = _TITLES.get(status, "Something went wrong" if status >= 500 else "This did not work")
    # Where the server failed, its database may be why, so that the page asks it for nothing.
    page = render_template(
        "ui/error.html", title=title, message=message, status=status, bare=status >= 500
    )
    return page, status

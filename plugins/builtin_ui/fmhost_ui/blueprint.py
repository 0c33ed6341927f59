"""The blueprint: templates, files, what every page knows, headers, and pages for errors."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, render_template, request
from flask.blueprints import BlueprintSetupState
from werkzeug.exceptions import HTTPException

from fmhost.plugin import FmhostError
from fmhost_ui.site import Site

blueprint = Blueprint(
    "ui",
    __name__,
    template_folder="templates",
    static_folder="static",
    static_url_path="/ui/static",
)

#: Nothing comes from elsewhere, no script runs, and nobody puts a page into a frame.
_CONTENT_POLICY = (
    "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; base-uri 'none'; "
    "frame-ancestors 'none'"
)

_TITLES = {
    401: "Please log in",
    403: "Not for you",
    404: "Nothing here",
}


@blueprint.record_once
def _dress_login(state: BlueprintSetupState) -> None:
    """Have the login page in the layout of the site, and lead there after logging out."""
    state.app.config |= {
        "SECURITY_LOGIN_USER_TEMPLATE": "ui/login.html",
        "SECURITY_POST_LOGOUT_VIEW": "/login",
        "SECURITY_MSG_UNAUTHENTICATED": ("Please log in to see this page.", "info"),
    }


@blueprint.app_context_processor
def _site() -> dict[str, Any]:
    return {"site": Site()}


@blueprint.after_app_request
def _protect(response: Response) -> Response:
    """Set the headers of our own pages and of the login page; those of others are theirs."""
    if request.blueprint in (blueprint.name, "security") and response.mimetype == "text/html":
        response.headers.setdefault("Content-Security-Policy", _CONTENT_POLICY)
        response.headers.setdefault("X-Content-Type-Options", "nosniff")
        response.headers.setdefault("Referrer-Policy", "same-origin")
        # What somebody saw is gone once they have logged out.
        response.headers["Cache-Control"] = "no-store"
    return response


@blueprint.errorhandler(FmhostError)
def _known(error: FmhostError) -> tuple[str, int]:
    return _error_page(error.http_status, str(error))


@blueprint.errorhandler(HTTPException)
def _http(error: HTTPException) -> tuple[str, int] | HTTPException:
    if error.response is not None or error.code is None or error.code < 400:
        return error
    return _error_page(error.code, error.description or "")


def _error_page(status: int, message: str) -> tuple[str, int]:
    title = _TITLES.get(status, "Something went wrong" if status >= 500 else "This did not work")
    # Where the server failed, its database may be why, so that the page asks it for nothing.
    page = render_template(
        "ui/error.html", title=title, message=message, status=status, bare=status >= 500
    )
    return page, status

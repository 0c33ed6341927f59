"""What the API says about itself: its OpenAPI document, a page that shows it, and a short list."""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path
from typing import Any

from flask import Blueprint, Response, current_app, jsonify, render_template, request, send_file
from werkzeug.exceptions import NotFound

from fmhost.api.headers import API_VERSION
from fmhost.api.messages import PROCESSED
from fmhost.api.openapi import build_document
from fmhost.api.openapi_schemas import JsonObject
from fmhost.api.operations import Resource, operations
from fmhost.api.unit_of_work import current_installation
from fmhost.schemas.answers import ServicesSchema

PREFIX = f"/api/{API_VERSION}"

documentation = Resource("documentation", __name__, url_prefix=PREFIX, template_folder="swagger_ui")

#: The page where people look for it, outside of the API.
documentation_page = Blueprint("documentation_page", __name__)

#: What only pages of this server need.
_UNLISTED = ("charts.",)

_OWN_FILES = ("start.js",)
_LIBRARY_FILES = ("swagger-ui-bundle.js", "swagger-ui.css", "favicon-32x32.png")

#: Everything comes from this server; no script stands in the page, and nobody frames it. The
#: pictures in Swagger UI's style sheet are inline.
_CONTENT_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
    "connect-src 'self'; form-action 'none'; base-uri 'none'; frame-ancestors 'none'"
)


@documentation.operation("GET", "", public=True, answer=ServicesSchema)
def list_services() -> dict[str, Any]:
    """List the services of the API."""
    root = request.url_root.rstrip("/")
    return {
        **PROCESSED,
        "version": API_VERSION.removeprefix("v").replace("_", "."),
        "services": [
            {
                "url": f"{root}{rule}",
                "name": f"{operation.method} {rule.removeprefix(PREFIX)}",
                "description": operation.summary,
            }
            for rule, operation in operations(current_app)
            if rule.startswith(PREFIX) and not operation.endpoint.startswith(_UNLISTED)
        ],
    }


@documentation.operation(
    "GET",
    "/openapi.json",
    public=True,
    answer={"type": "object", "required": ["openapi", "info", "paths", "components"]},
)
def send_document() -> Response:
    """Describe the API, that of the plugins included, as an OpenAPI document."""
    return jsonify({**_document(), "servers": [{"url": request.script_root or "/"}]})


def _document() -> JsonObject:
    """The document; made when it is first asked for."""
    known: dict[str, Any] = current_app.extensions["fmhost"]
    if "openapi" not in known:
        known["openapi"] = build_document(current_app, current_installation().host)
    document: JsonObject = known["openapi"]
    return document


@documentation_page.get("/docs/", strict_slashes=False)
@documentation.get("/docs/", strict_slashes=False)
def show_page() -> Response:
    """A page on which people read the document and try it out."""
    response = Response(render_template("fmhost-api-documentation.html"))
    response.headers["Content-Security-Policy"] = _CONTENT_POLICY
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Referrer-Policy"] = "same-origin"
    return response


@documentation.get("/docs/<name>")
def send_file_of_page(name: str) -> Response:
    """A script, style sheet or picture of the page, from the installed files."""
    if name in _OWN_FILES:
        folder = Path(__file__).parent / "swagger_ui"
    elif name in _LIBRARY_FILES:
        folder = Path(str(files("flask_swagger_ui") / "dist"))
    else:
        raise NotFound
    return send_file(folder / name, max_age=3600)

"""Headers that every answer of the API carries."""

from __future__ import annotations

from flask import Flask, Response, request

from fmhost import __version__

#: The version of FlexMeasures whose API this is compatible with. Clients choose their calls by it.
COMPATIBLE_VERSION = "0.33.0"

API_VERSION = "v3_0"


def announce_versions(app: Flask) -> None:
    """Name the versions on every answer below ``/api``."""

    @app.after_request
    def announce(response: Response) -> Response:
        if request.path == "/api" or request.path.startswith("/api/"):
            response.headers["FlexMeasures-Version"] = COMPATIBLE_VERSION
            response.headers["Fmhost-Version"] = __version__
            if request.path.startswith(f"/api/{API_VERSION}"):
                response.headers["API-Version"] = API_VERSION
        return response

"""Headers that every answer of the API carries."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from email.utils import format_datetime

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


def deprecation(deprecated: date, sunset: date) -> dict[str, str]:
    """The headers of an answer to a request that uses something deprecated.

    Each names the last second before the date, as an HTTP date (RFC 8594 for ``Sunset``).
    """
    return {"Deprecation": _last_second_before(deprecated), "Sunset": _last_second_before(sunset)}


def _last_second_before(day: date) -> str:
    midnight = datetime.combine(day, time(), tzinfo=UTC)
    return format_datetime(midnight - timedelta(seconds=1), usegmt=True)

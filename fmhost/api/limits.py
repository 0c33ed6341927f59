"""Rate limits of the API."""

from __future__ import annotations

_HEALTH = "/api/v3_0/health"


def is_limited(path: str) -> bool:
    """Whether requests for a path are counted: those of the API, except of its health."""
    below_api = path == "/api" or path.startswith("/api/")
    return below_api and path != _HEALTH and not path.startswith(f"{_HEALTH}/")

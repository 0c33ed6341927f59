"""``/api/``: which versions of the API there are."""

from __future__ import annotations

from typing import Any

from fmhost.api.headers import API_VERSION, COMPATIBLE_VERSION
from fmhost.api.operations import Resource
from fmhost.schemas.answers import VersionsSchema

public = Resource("api", __name__, url_prefix="/api")


@public.operation("GET", "/", public=True, answer=VersionsSchema)
def list_versions() -> dict[str, Any]:
    """List the versions of the API."""
    return {
        "message": (
            "For these API versions endpoints are available. An authentication token can be "
            "requested at: /api/requestAuthToken."
        ),
        "versions": [API_VERSION],
        "flexmeasures_version": COMPATIBLE_VERSION,
    }

"""How a user wants to see the pages about assets."""

from __future__ import annotations

from fmhost.api.operations import Resource

preferences = Resource("preferences", __name__, url_prefix="/api/v3_0/assets")

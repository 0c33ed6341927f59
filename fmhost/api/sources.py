"""``/api/v3_0/sources``."""

from __future__ import annotations

from fmhost.api.operations import Resource

sources = Resource("sources", __name__, url_prefix="/api/v3_0/sources")

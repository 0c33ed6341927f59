"""``/api/dev``: for pages and experiments; not versioned, and may change."""

from __future__ import annotations

from fmhost.api.operations import Resource

development = Resource("development", __name__, url_prefix="/api/dev")

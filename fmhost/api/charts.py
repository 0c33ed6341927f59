"""Charts of assets, and what they show."""

from __future__ import annotations

from fmhost.api.operations import Resource

charts = Resource("charts", __name__, url_prefix="/api/v3_0/assets")

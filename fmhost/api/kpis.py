"""Key performance indicators of an asset."""

from __future__ import annotations

from fmhost.api.operations import Resource

kpis = Resource("kpis", __name__, url_prefix="/api/v3_0/assets")

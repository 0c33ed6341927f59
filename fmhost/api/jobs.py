"""Jobs: one by its id, and those about an asset."""

from __future__ import annotations

from fmhost.api.operations import Resource

jobs = Resource("jobs", __name__, url_prefix="/api/v3_0")

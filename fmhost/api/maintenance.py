"""``/api/ops``: what operators and their monitors ask."""

from __future__ import annotations

from fmhost.api.operations import Resource

maintenance = Resource("maintenance", __name__, url_prefix="/api/ops")

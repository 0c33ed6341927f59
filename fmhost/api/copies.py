"""Copies of assets."""

from __future__ import annotations

from fmhost.api.operations import Resource

copies = Resource("copies", __name__, url_prefix="/api/v3_0/assets")

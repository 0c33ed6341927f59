"""Annotations of accounts, assets and sensors."""

from __future__ import annotations

from fmhost.api.operations import Resource

annotations = Resource("annotations", __name__, url_prefix="/api/v3_0")

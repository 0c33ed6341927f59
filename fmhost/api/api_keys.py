"""``/api/v3_0/api-keys``: long-lived keys for programs."""

from __future__ import annotations

from fmhost.api.operations import Resource

api_keys = Resource("api_keys", __name__, url_prefix="/api/v3_0/api-keys")

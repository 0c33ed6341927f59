"""``/api/v3_0/users``."""

from __future__ import annotations

from fmhost.api.operations import Resource

users = Resource("users", __name__, url_prefix="/api/v3_0/users")
